#include "rpc/shown_to_server.h"

#include <algorithm>
#include <utility>

#include <nb/base/verror.h>
#include <nb/rpc/reply.h>
#include <nb/vom/vom.h>

#include "rpc/errors.h"
#include "rpc/peer.h"

namespace nb::rpc {

namespace {

// A granter is the user's: what it throws ends this call and no other.
Result<Blessings> ask(const Granter& granter, const Context& context, const SecurityCall& call) {
  try {
    return granter(context, call);
  } catch (...) {
    return error_of_exception(std::current_exception());
  }
}

Result<Any> to_any(const ValueRef& value) {
  vom::Encoder encoder;
  if (auto encoded = value.ops->encode(encoder, value.value); !encoded) return encoded.error();
  return vom::decode<Any>(encoder.output());
}

// Method and suffix stay empty, as everywhere when a client looks at a server.
SecurityCall seen_from_client(const RuntimeCore& runtime, conn::Flow& flow, std::vector<std::string> endpoint_names) {
  const auto& names = Peer::of(flow.connection()).names(flow.connection());
  SecurityCall call;
  call.timestamp = runtime.wall_now();
  call.local_endpoint = names->local;
  call.remote_endpoint = names->remote;
  call.remote_endpoint_names = std::move(endpoint_names);
  call.local_principal = runtime.principal();
  call.validators = runtime.validators();
  call.local_blessings = flow.local_shown().blessings;
  if (flow.local_shown().has_discharges()) call.local_discharges = *flow.local_shown().discharges;
  call.remote_blessings = flow.remote_shown().blessings;
  if (flow.remote_shown().has_discharges()) call.remote_discharges = *flow.remote_shown().discharges;
  return call;
}

}  // namespace

Blessings blessings_for(const RuntimeCore& runtime, const std::vector<std::string>& server_names) {
  Blessings blessings = runtime.principal()->store().for_peer(server_names);
  return blessings.is_zero() ? runtime.nameless() : blessings;
}

DischargePurpose purpose_of(const std::vector<Caveat>& third_party_caveats,
                            const std::vector<std::string>& server_names, const std::string& method,
                            const Values& arguments) {
  DischargePurpose purpose;
  purpose.peer_names = server_names;
  purpose.method = method;
  const bool wants_arguments = std::ranges::any_of(third_party_caveats, [](const Caveat& caveat) {
    const auto details = third_party(caveat);
    return details && details->requirements.ReportArguments;
  });
  if (!wants_arguments) return purpose;
  for (const ValueRef& argument : arguments.refs()) {
    if (auto converted = to_any(argument)) purpose.arguments.push_back(*std::move(converted));
  }
  return purpose;
}

Result<Blessings> granted_on(const RuntimeCore& runtime, const Context& context, const std::vector<Granter>& granters,
                             conn::Flow& flow, const std::vector<std::string>& endpoint_names) {
  if (granters.empty()) return Blessings();
  const SecurityCall call = seen_from_client(runtime, flow, endpoint_names);
  std::vector<Blessings> parts;
  for (const Granter& granter : granters) {
    auto part = ask(granter, context, call);
    if (!part) return wrap(verror::NotTrusted, wrap(kBlessingGrant, part.error()));
    parts.push_back(*std::move(part));
  }
  auto all = union_of(parts);
  if (!all) return wrap(verror::NotTrusted, wrap(kBlessingAdd, all.error()));
  return all;
}

}  // namespace nb::rpc
