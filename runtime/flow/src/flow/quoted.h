// Text of a peer, made safe to be shown: cut, and without control characters.
#pragma once

#include <string>
#include <string_view>

namespace nb::flow {

inline constexpr std::size_t kMaxQuotedText = 1024;

inline std::string quoted(std::string_view text) {
  std::string safe(text.substr(0, kMaxQuotedText));
  for (char& c : safe) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return safe;
}

}  // namespace nb::flow
