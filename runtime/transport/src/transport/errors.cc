#include "transport/errors.h"

#include <cctype>

#include <nb/base/verror.h>

namespace nb::transport {

Error network_error(std::string message) { return {kNetworkId, NoRetry, std::move(message)}; }
Error dial_failed(std::string message) { return {kDialFailedId, NoRetry, std::move(message)}; }
Error resolve_failed(std::string message) { return {kResolveFailedId, NoRetry, std::move(message)}; }
Error bad_arg(std::string message) { return {kBadArgId, NoRetry, std::move(message)}; }
Error bad_state(std::string message) { return {kBadStateId, NoRetry, std::move(message)}; }

Error dial_timed_out(const std::string& target) {
  return verror::Timeout("dialing " + target + ": no connection before the deadline");
}

std::string reason(const std::error_code& code) {
  std::string text = code.message();
  // "Connection refused" reads as "connection refused"; "I/O error" keeps its capitals.
  if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])) != 0) {
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  }
  return text;
}

}  // namespace nb::transport
