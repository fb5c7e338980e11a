#include "conn/peer_judge.h"

#include <exception>
#include <string>
#include <utility>

#include <nb/base/verror.h>
#include <nb/security/security_call.h>

namespace nb::conn {
namespace {

SecurityCall security_call(const ManagerOptions& options, const Wish& wish, const Ends& ends) {
  SecurityCall call;
  call.timestamp = Time::from(options.event_loop->clock()->wall_now());
  call.local_endpoint = ends.local;
  call.remote_endpoint = ends.remote;
  call.remote_endpoint_names = wish.endpoint.blessing_names;
  call.local_principal = options.principal;
  call.local_blessings = ends.local_shown.blessings;
  call.remote_blessings = ends.remote_shown.blessings;
  if (ends.local_shown.has_discharges()) call.local_discharges = *ends.local_shown.discharges;
  if (ends.remote_shown.has_discharges()) call.remote_discharges = *ends.remote_shown.discharges;
  call.validators = options.validators;
  return call;
}

Error refusal(const Wish& wish, const Error& why) {
  const std::string name = naming::to_string(wish.endpoint);
  return verror::NotTrusted("dialing " + name + ": " + std::string(why.message())).with_sub_error(name, why);
}

// Somebody else's code: what it throws is no success.
Result<void> ask(const Authorizer& authorizer, const Context& context, const SecurityCall& call) {
  try {
    return authorizer.authorize(context, call);
  } catch (const std::exception& exception) {
    return verror::Internal(std::string("the authorizer threw: ") + exception.what());
  } catch (...) {
    return verror::Internal("the authorizer threw");
  }
}

}  // namespace

Ends::Ends(const naming::Endpoint& local_, const naming::Endpoint& remote_, flow::ShownBlessings local_shown_,
           flow::ShownBlessings remote_shown_)
    : local(naming::to_string(local_)),
      remote(naming::to_string(remote_)),
      remote_id(remote_.routing_id),
      local_shown(std::move(local_shown_)),
      remote_shown(std::move(remote_shown_)) {}

Result<BlessingNames> judge_peer(const ManagerOptions& options, const Wish& wish, const Ends& ends) {
  const SecurityCall call = security_call(options, wish, ends);
  static const std::shared_ptr<const Authorizer> kByEndpoint = endpoint_authorizer();
  const Authorizer& authorizer = wish.options.authorizer ? *wish.options.authorizer : *kByEndpoint;
  if (const auto allowed = ask(authorizer, wish.context, call); !allowed) return refusal(wish, allowed.error());
  return remote_blessing_names(wish.context, call);
}

}  // namespace nb::conn
