// ConnectFailure: what a try to connect ends in when none of the servers will do (docs/spec/rpc.md 4.9).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <nb/base/error.h>
#include <nb/rpc/client_policy.h>

namespace nb::rpc {

struct ServerFailure {
  ServerFailure(std::string server_, Error why_) : server(std::move(server_)), why(std::move(why_)) {}
  std::string server;  // name of the object, with the server's address
  Error why;
};

// How a server is named in an error: "server.method" when it is the name that was called, else "server:name.method".
std::string failure_name(const std::string& server, const std::string& name, const std::string& method);

struct ConnectFailure {
  ConnectFailure(Error error_, RetryAction action_) : error(std::move(error_)), action(action_) {}
  Error error;
  // Whether this try may be made again. Not always what the error itself advises its reader: another call may find
  // servers that can be trusted, but asking these again does not change them.
  RetryAction action;
};

// `failures`: in the order of the servers, each becomes a sub-error. `context_error`: no error while the context lives.
// `trust_advice`: what to add when the servers are not trusted.
ConnectFailure connect_failure(const std::string& name, const std::string& method,
                               const std::vector<ServerFailure>& failures, const Error& context_error,
                               const ClientPolicy& policy, const std::string& trust_advice);

}  // namespace nb::rpc
