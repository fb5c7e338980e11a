#include "rpc/connect_failure.h"

#include <nb/base/verror.h>

#include "flow/errors.h"
#include "rpc/errors.h"
#include "transport/errors.h"

namespace nb::rpc {

namespace {

bool is_trust_missing(const Error& why) {
  return verror::NotTrusted.matches(why) || kPeerAuthorizedFailed.matches(why);
}

// The connection's own word for a server that was refused says less than the refusal in it.
const Error& told(const Error& why) {
  if (!verror::NotTrusted.matches(why) || why.sub_errors().empty()) return why;
  const Error& inner = why.sub_errors().front().error;
  return kPeerAuthorizedFailed.matches(inner) ? inner : why;
}

bool is_of_the_network(const Error& why) {
  return why.is(transport::kNetworkId) || why.is(transport::kDialFailedId) || why.is(transport::kResolveFailedId) ||
         flow::kAborted.matches(why);
}

}  // namespace

std::string failure_name(const std::string& server, const std::string& name, const std::string& method) {
  return server == name ? server + "." + method : server + ":" + name + "." + method;
}

ConnectFailure connect_failure(const std::string& name, const std::string& method,
                               const std::vector<ServerFailure>& failures, const Error& context_error,
                               const ClientPolicy& policy, const std::string& trust_advice) {
  ConnectFailure result(verror::NoServers("for " + name), RetryRefetch);
  bool is_only_network = true;
  for (const ServerFailure& each : failures) {
    if (is_trust_missing(each.why)) {
      result = ConnectFailure(verror::NotTrusted("for " + name + trust_advice), NoRetry);
    } else if (verror::Timeout.matches(each.why)) {
      result.error = verror::Timeout("connecting");
    }
    const bool may_be_network = policy.network_failures_are_bad_protocol && is_of_the_network(each.why);
    is_only_network = is_only_network && may_be_network;
  }
  if (is_only_network) result.error = verror::BadProtocol("for " + name + ": no server could be reached");
  if (context_error) result = ConnectFailure(context_error, NoRetry);
  std::vector<SubError> causes;
  for (const ServerFailure& each : failures) {
    causes.push_back(SubError{failure_name(each.server, name, method), told(each.why)});
  }
  result.error = with_printed_causes(result.error, std::move(causes));
  return result;
}

}  // namespace nb::rpc
