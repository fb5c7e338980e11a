// The errors of the transport and connection layers: ids of v.io/v23/flow (docs/spec/flow-protocol.md 18.1). Each
// message names what was tried and why it failed.
#pragma once

#include <string>
#include <system_error>

#include <nb/base/error.h>

namespace nb::transport {

inline constexpr const char* kNetworkId = "v.io/v23/flow.Network";
inline constexpr const char* kDialFailedId = "v.io/v23/flow.DialFailed";
inline constexpr const char* kResolveFailedId = "v.io/v23/flow.ResolveFailed";
inline constexpr const char* kBadArgId = "v.io/v23/flow.BadArg";
inline constexpr const char* kBadStateId = "v.io/v23/flow.BadState";

Error network_error(std::string message);         // an open connection or a listener broke
Error dial_failed(std::string message);           // refused, unreachable, handshake failed
Error resolve_failed(std::string message);        // no such host
Error bad_arg(std::string message);               // an address or protocol that cannot be meant
Error bad_state(std::string message);             // closed, not in the cache
Error dial_timed_out(const std::string& target);  // verror.Timeout

// "connection refused", "network is unreachable": the words of the system in our style.
std::string reason(const std::error_code& code);

}  // namespace nb::transport
