#include "rpc/shown_to_server.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include <nb/base/verror.h>
#include <nb/rpc/reply.h>
#include <nb/vom/vom.h>

#include "rpc/call_retries.h"
#include "rpc/errors.h"
#include "rpc/errors_2015.h"
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

// The names of a server, and those that do not count.
std::string listed(const BlessingNames& server) {
  const auto add = [](std::string& list, const std::string& name) {
    list.append(list.empty() ? "" : ", ").append(name);
  };
  std::string names;
  std::string rejected;
  for (const std::string& name : server.valid) add(names, name);
  for (const auto& each : server.rejected) add(rejected, each.Blessing);
  return "named [" + names + "]" + (rejected.empty() ? "" : ", rejected [" + rejected + "]");
}

Result<Any> to_any(const ValueRef& value) {
  vom::Encoder encoder;
  if (auto encoded = value.ops->encode(encoder, value.value); !encoded) return encoded.error();
  return vom::decode<Any>(encoder.output());
}

SecurityCall seen_from_client(const RuntimeCore& runtime, conn::Flow& flow, const KnownName& name) {
  const auto& names = Peer::of(flow.connection()).names(flow.connection());
  SecurityCall call;
  call.timestamp = runtime.wall_now();
  call.local_endpoint = names->local;
  call.remote_endpoint = names->remote;
  call.remote_endpoint_names = name.endpoint.blessing_names;
  call.suffix = name.suffix;
  call.local_principal = runtime.principal();
  call.validators = runtime.validators();
  call.local_blessings = flow.local_shown().blessings;
  if (flow.local_shown().has_discharges()) call.local_discharges = *flow.local_shown().discharges;
  call.remote_blessings = flow.remote_shown().blessings;
  if (flow.remote_shown().has_discharges()) call.remote_discharges = *flow.remote_shown().discharges;
  return call;
}

}  // namespace

Result<Blessings> blessings_for(const RuntimeCore& runtime, const BlessingNames& server, const CallOptions& options) {
  Blessings blessings = runtime.principal()->store().for_peer(server.valid);
  if (!blessings.is_zero()) return blessings;
  if (!policy_of(options).strict_blessings || runtime.is_unauthenticated()) return runtime.nameless();
  return wrap(verror::NotTrusted, kNoBlessingsForPeer(listed(server)));
}

Result<DischargePurpose> purpose_of(const std::vector<Caveat>& third_party_caveats, const BlessingNames& server,
                                    const CallSpec& call) {
  DischargePurpose purpose;
  purpose.peer_names = server.valid;
  purpose.method = call.method;
  const bool wants_arguments = std::ranges::any_of(third_party_caveats, [](const Caveat& caveat) {
    const auto details = third_party(caveat);
    return details && details->requirements.ReportArguments;
  });
  if (!wants_arguments) return purpose;
  for (const ValueRef& argument : call.arguments->refs()) {
    auto converted = to_any(argument);
    if (converted) {
      purpose.arguments.push_back(*std::move(converted));
    } else if (policy_of(call.options).strict_blessings) {
      return wrap(verror::NotTrusted, wrap(verror::BadProtocol, wrap(kDischargeImpetus, converted.error())));
    }
  }
  return purpose;
}

Result<Blessings> granted_on(const RuntimeCore& runtime, const CallSpec& call, conn::Flow& flow,
                             const KnownName& name) {
  std::span<const Granter> granters = call.options.granters();
  if (granters.empty() || runtime.is_unauthenticated()) return Blessings();
  // The call's own stand before those of its client.
  if (policy_of(call.options).last_granter_only) granters = granters.subspan(call.options.own_granters() - 1, 1);
  SecurityCall seen = seen_from_client(runtime, flow, name);
  seen.method = call.method;
  std::vector<Blessings> parts;
  for (const Granter& granter : granters) {
    auto part = ask(granter, call.context, seen);
    if (!part) return wrap(verror::NotTrusted, wrap(kBlessingGrant, part.error()));
    parts.push_back(*std::move(part));
  }
  auto all = union_of(parts);
  if (!all) return wrap(verror::NotTrusted, wrap(kBlessingAdd, all.error()));
  return all;
}

}  // namespace nb::rpc
