// Bytes written as hex, for tests: from_hex("79 0a fd100000") and back. Blanks are skipped.
#pragma once

#include <string>
#include <string_view>

#include <nb/base/bytes.h>

namespace nb::flow::testing {

inline Bytes from_hex(std::string_view text) {
  const auto value = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
  Bytes bytes;
  int high = -1;
  for (const char c : text) {
    if (c == ' ') continue;
    if (high < 0) {
      high = value(c);
    } else {
      bytes.push_back(static_cast<std::uint8_t>(high * 16 + value(c)));
      high = -1;
    }
  }
  return bytes;
}

inline std::string to_hex(BytesView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

inline Bytes bytes(std::string_view text) { return Bytes(text.begin(), text.end()); }

}  // namespace nb::flow::testing
