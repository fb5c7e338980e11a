#include "transport/address.h"

#include <charconv>

#include "transport/errors.h"

namespace nb::transport {
namespace {

Error malformed(std::string_view address, std::string_view why) {
  return bad_arg("malformed address `" + std::string(address) + "`: " + std::string(why));
}

}  // namespace

Result<HostPort> split_host_port(std::string_view address) {
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos) return malformed(address, "no port, expected host:port");
  std::string_view host = address.substr(0, colon);
  const std::string_view digits = address.substr(colon + 1);
  if (host.starts_with('[')) {
    if (!host.ends_with(']')) return malformed(address, "no `]` before the port");
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return malformed(address, "an IPv6 address needs brackets, as in [::1]:8101");
  }
  if (host.find('\0') != std::string_view::npos) return malformed(address, "a zero byte in the host");
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
    return malformed(address, "the port is no number from 0 to 65535");
  }
  return HostPort{std::string(host), port};
}

std::string join_host_port(std::string_view host, std::uint16_t port) {
  const bool brackets = host.find(':') != std::string_view::npos;
  std::string text;
  if (brackets) text += '[';
  text += host;
  if (brackets) text += ']';
  return text + ":" + std::to_string(port);
}

}  // namespace nb::transport
