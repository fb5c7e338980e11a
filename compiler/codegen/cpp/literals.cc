#include "codegen/cpp/literals.h"

#include <fmt/format.h>

#include <limits>

namespace vdlc::cpp {
namespace {

// Three octal digits end by themselves; \x would swallow a digit that follows.
std::string octal(unsigned char byte) { return fmt::format("\\{:03o}", static_cast<unsigned>(byte)); }

std::string escape_ascii(char c) {
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\t':
      return "\\t";
    case '\r':
      return "\\r";
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f ? octal(byte) : std::string(1, c);
}

// A number that is plainly floating: 1 becomes 1.0.
std::string with_point(std::string digits) {
  return digits.find_first_of(".en") == digits.npos ? digits + ".0" : digits;
}

}  // namespace

CodePoint next_code_point(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const CodePoint broken{first, 1, false};
  if (first < 0x80) return {first, 1, true};
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return broken;
  std::uint32_t value = first & (0x7fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return broken;
    value = (value << 6) | (byte(i) & 0x3fu);
  }
  const bool too_long = (size == 3 && value < 0x800) || (size == 4 && value < 0x10000);
  if (too_long || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return broken;
  return {value, size, true};
}

bool is_deceptive(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa1) || c == 0xad || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202f) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xe000 && c <= 0xf8ff) ||
         (c >= 0xfff0 && c <= 0xffff) || c >= 0xe0000;
}

std::string string_literal(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const CodePoint next = next_code_point(text);
    if (next.valid && next.value < 0x80) {
      // The second of two question marks, since ??/ and its like were other characters once.
      const bool trigraph = text.front() == '?' && out.ends_with('?');
      out += trigraph ? "\\?" : escape_ascii(text.front());
    } else if (next.valid && !is_deceptive(next.value)) {
      out += text.substr(0, next.bytes);
    } else {
      for (std::size_t i = 0; i < next.bytes; ++i) out += octal(static_cast<unsigned char>(text[i]));
    }
    text.remove_prefix(next.bytes);
  }
  return out + '"';
}

std::string string_expression(std::string_view text, std::string_view type) {
  if (text.find('\0') == text.npos) return string_literal(text);
  return fmt::format("{}({}, {})", type, string_literal(text), text.size());
}

std::string signed_literal(std::int64_t number) {
  // There are no negative literals; the smallest number has no positive counterpart to negate.
  if (number == std::numeric_limits<std::int64_t>::min()) return "(-9223372036854775807 - 1)";
  return fmt::format("{}", number);
}

std::string unsigned_literal(std::uint64_t number) {
  const bool too_large_for_signed = number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return fmt::format("{}{}", number, too_large_for_signed ? "u" : "");
}

std::string double_literal(double number) { return with_point(fmt::format("{}", number)); }

std::string float_literal(double number) { return with_point(fmt::format("{}", static_cast<float>(number))) + 'f'; }

}  // namespace vdlc::cpp
