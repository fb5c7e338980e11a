#include "rpc/server_security.h"

#include <utility>

#include <nb/base/verror.h>
#include <nb/rpc/reply.h>
#include <nb/rpc/server.h>
#include <nb/security/blessing_names.h>

#include "rpc/peer.h"
#include "v.io/v23/security/access/access.vdl.h"

namespace nb::rpc {

namespace {

// Authorizers are the user's: what one throws refuses this call, and harms no other.
Result<void> ask(const Authorizer& authorizer, const Context& context, const SecurityCall& call) {
  try {
    return authorizer.authorize(context, call);
  } catch (...) {
    return error_of_exception(std::current_exception());
  }
}

}  // namespace

ServerAuthority::ServerAuthority(const RuntimeCore& runtime, const ServerOptions& options)
    : principal(runtime.principal()),
      validators(runtime.validators()),
      chain_cache(runtime.chain_cache()),
      authorizer(options.authorizer() != nullptr ? options.authorizer() : default_authorizer()),
      is_terse(options.are_refusals_terse()),
      lets_everybody_in(runtime.is_unauthenticated()),
      lacks_credentials(runtime.has_made_up_principal() && options.authorizer() == nullptr) {}

std::vector<std::string> ServerAuthority::names() const {
  SecurityCall call;
  call.local_principal = principal;
  call.local_blessings = principal->store().default_blessings();
  return local_blessing_names(call);
}

SecurityCall ServerAuthority::call_on(conn::Flow& flow, Time started, std::string method, std::string suffix,
                                      std::span<const Any> tags) const {
  conn::Connection& connection = flow.connection();
  const auto& names = Peer::of(connection).names(connection);
  SecurityCall call;
  call.timestamp = started;
  call.method = std::move(method);
  call.suffix = std::move(suffix);
  call.method_tags.assign(tags.begin(), tags.end());
  call.local_endpoint = names->local;
  call.remote_endpoint = names->remote;
  call.local_principal = principal;
  call.validators = validators;
  const flow::ShownBlessings& local = flow.local_shown();
  call.local_blessings = local.blessings;
  if (local.has_discharges()) call.local_discharges = *local.discharges;
  const flow::ShownBlessings& remote = flow.remote_shown();
  call.remote_blessings = remote.blessings;
  if (remote.has_discharges()) call.remote_discharges = *remote.discharges;
  return call;
}

Result<Blessings> ServerAuthority::take_granted(v23::security::WireBlessings granted) const {
  if (granted.CertificateChains.empty()) return Blessings();
  auto blessings = Blessings::from_wire(std::move(granted), chain_cache.get());
  if (!blessings) {
    return verror::BadProtocol("failed to decode request: granted blessings: " +
                               std::string(blessings.error().message()));
  }
  if (blessings->public_key() != principal->public_key()) {
    return verror::NoAccess("the granted blessings are bound to another key than the server's");
  }
  return blessings;
}

bool ServerAuthority::may_see_traces(conn::Flow& flow, const Context& context, Time started) const {
  const Any tags[] = {Any(v23::security::access::Debug())};
  return ask(*default_authorizer(), context, call_on(flow, started, "Trace", "__debug/vtrace", tags)).ok();
}

Error ServerAuthority::decide(const Context& context, const SecurityCall& call, const Authorizer* own) const {
  if (lets_everybody_in) return Error();
  const auto decision = ask(own != nullptr ? *own : *authorizer, context, call);
  if (decision) return Error();
  std::string text = "not authorized to call " + call.suffix + "." + call.method;
  if (!is_terse) text.append(": ").append(decision.error().message());
  if (own == nullptr && lacks_credentials) {
    text.append("; the server: ").append(kHowToGetCredentials);
    text.append(", or serve whoever comes with ServerOptions().authorizer(nb::allow_everyone())");
  }
  return verror::NoAccess(text);
}

}  // namespace nb::rpc
