#include "words/visible.h"

#include <nb/base/bytes.h>

#include "words/caveats.h"

namespace tool {
namespace {

struct Character {
  char32_t code = 0;
  std::size_t size = 0;  // in bytes; 0: no UTF-8 here
};

Character first_of(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return {byte(0), 1};
  const std::size_t size = byte(0) < 0xc2 ? 0 : byte(0) < 0xe0 ? 2 : byte(0) < 0xf0 ? 3 : byte(0) < 0xf5 ? 4 : 0;
  if (size == 0 || text.size() < size) return {};
  char32_t code = byte(0) & (0x7fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3f);
  }
  const bool too_long = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  if (too_long || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff) return {};
  return {code, size};
}

bool is_hidden(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e || code == 0x200f ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

}  // namespace

std::string visible(std::string_view text, Lines lines) {
  std::string out;
  while (!text.empty()) {
    const Character next = first_of(text);
    const std::size_t size = next.size == 0 ? 1 : next.size;
    const bool stays = next.size > 0 && (!is_hidden(next.code) || (next.code == '\n' && lines == Lines::kKept));
    for (const char c : text.substr(0, size)) {
      if (stays) {
        out += c;
      } else {
        out += "\\x" + hex(nb::Bytes{static_cast<std::uint8_t>(c)});
      }
    }
    text.remove_prefix(size);
  }
  return out;
}

}  // namespace tool
