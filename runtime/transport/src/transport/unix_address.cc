#include "transport/unix_address.h"

#include <algorithm>
#include <cstddef>

#include "transport/errors.h"

namespace nb::transport {

Result<UnixAddress> parse_unix_address(std::string_view text) {
  const auto malformed = [text](const std::string& why) {
    return bad_arg("malformed unix address `" + std::string(text.substr(0, 200)) + "`: " + why);
  };
  UnixAddress address;
  constexpr std::size_t kLongest = sizeof address.name.sun_path - 1;
  if (text.empty() || text == "@") return malformed("no name");
  if (text.find('\0') != std::string_view::npos) return malformed("a zero byte in it");
  if (text.size() > kLongest) return malformed("longer than " + std::to_string(kLongest) + " bytes");
  address.text = text;
  address.name.sun_family = AF_UNIX;
  std::copy(text.begin(), text.end(), address.name.sun_path);
  // An abstract name begins with a zero byte and is as long as its address says; a path ends with one.
  if (address.is_abstract()) address.name.sun_path[0] = '\0';
  const std::size_t used = offsetof(sockaddr_un, sun_path) + text.size() + (address.is_abstract() ? 0 : 1);
  address.size = static_cast<socklen_t>(used);
  return address;
}

}  // namespace nb::transport
