// Addresses of unix sockets: a path in the file system, or "@name" for a name in Linux's abstract space. Internal to
// unix.
#pragma once

#include <string>
#include <string_view>

#include <sys/socket.h>
#include <sys/un.h>

#include <nb/base/result.h>

namespace nb::transport {

struct UnixAddress {
  std::string text;  // as it was given
  sockaddr_un name{};
  socklen_t size = 0;  // of what is used of `name`

  bool is_abstract() const { return text.starts_with('@'); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&name); }
};

// A BadArg error for an empty text, one with a zero byte, and one that is too long for the system (107 bytes).
Result<UnixAddress> parse_unix_address(std::string_view text);

}  // namespace nb::transport
