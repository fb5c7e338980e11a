// "host:port" and "[v6]:port", as IP protocols write their addresses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nb/base/result.h>

namespace nb::transport {

struct HostPort {
  std::string host;  // without brackets; may be empty
  std::uint16_t port = 0;
};

// A BadArg error names what is wrong with any other text. The port must be a number from 0 to 65535.
Result<HostPort> split_host_port(std::string_view address);

// Puts brackets around a host with colons in it.
std::string join_host_port(std::string_view host, std::uint16_t port);

}  // namespace nb::transport
