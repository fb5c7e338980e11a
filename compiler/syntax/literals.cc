#include "syntax/literals.h"

#include <cstdint>
#include <optional>

#include "syntax/messages.h"

namespace vdlc {
namespace {

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

// One escape sequence, read from its backslash.
struct Escape {
  enum class State { kGood, kUnknown, kTooLarge, kSurrogate };
  State state = State::kGood;
  std::size_t length = 2;
  std::string bytes;
};

Escape numeric_escape(std::string_view rest, std::size_t prefix, int base, std::size_t digits) {
  Escape escape;
  escape.length = prefix;
  std::uint32_t value = 0;
  for (; escape.length < prefix + digits; ++escape.length) {
    const int digit = escape.length < rest.size() ? digit_value(rest[escape.length]) : 99;
    if (digit >= base) {
      escape.state = Escape::State::kUnknown;
      return escape;
    }
    value = value * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(digit);
  }
  const bool is_byte = digits <= 3;
  if (value > (is_byte ? 0xFFu : 0x10FFFFu)) {
    escape.state = Escape::State::kTooLarge;
  } else if (!is_byte && value >= 0xD800 && value <= 0xDFFF) {
    escape.state = Escape::State::kSurrogate;
  } else if (is_byte) {
    escape.bytes = static_cast<char>(value);
  } else {
    append_utf8(escape.bytes, value);
  }
  return escape;
}

Escape read_escape(std::string_view rest) {
  constexpr std::string_view kLetters = "abfnrtv\\\"";
  constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\\"";
  const char c = rest.size() > 1 ? rest[1] : '\0';
  if (const std::size_t at = kLetters.find(c); c != '\0' && at != std::string_view::npos) {
    return {Escape::State::kGood, 2, std::string(1, kMeanings[at])};
  }
  if (c >= '0' && c <= '7') return numeric_escape(rest, 1, 8, 3);
  if (c == 'x') return numeric_escape(rest, 2, 16, 2);
  if (c == 'u') return numeric_escape(rest, 2, 16, 4);
  if (c == 'U') return numeric_escape(rest, 2, 16, 8);
  std::size_t length = 2;  // the whole code point behind the backslash
  while (length < rest.size() && (static_cast<unsigned char>(rest[length]) & 0xC0) == 0x80) ++length;
  return {Escape::State::kUnknown, std::min(length, rest.size()), ""};
}

// Calls on_escape(offset, escape) and on_text(text) in order.
template <class OnText, class OnEscape>
void walk_string(std::string_view body, OnText on_text, OnEscape on_escape) {
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t next = body.find('\\', at);
    on_text(body.substr(at, next - at));
    if (next == std::string_view::npos) return;
    const Escape escape = read_escape(body.substr(next));
    on_escape(next, escape);
    at = next + escape.length;
  }
}

// Why the digits are wrong, "" if they are not. `digits` is what stands behind the base prefix.
std::string digit_trouble(std::string_view digits, int base, bool after_prefix) {
  bool after_digit = after_prefix;
  bool any = false;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (digits[i] == '_') {
      const bool before_digit = i + 1 < digits.size() && digits[i + 1] != '_';
      if (!after_digit || !before_digit) return "`_` stands only between digits";
      after_digit = false;
      continue;
    }
    if (digit_value(digits[i]) >= base) {
      const std::string_view kind = base == 2 ? "a binary" : base == 8 ? "an octal" : "a decimal";
      return fmt::format("`{}` is no digit of {} number", digits[i], kind);
    }
    after_digit = true;
    any = true;
  }
  return any ? "" : "it has no digits";
}

int base_of(std::string_view text) {
  if (text.size() < 2 || text[0] != '0') return 10;
  switch (text[1]) {
    case 'x':
    case 'X':
      return 16;
    case 'b':
    case 'B':
      return 2;
    case 'o':
    case 'O':
      return 8;
    default:
      return 10;
  }
}

std::string integer_trouble(std::string_view text) {
  const int base = base_of(text);
  if (base != 10) return digit_trouble(text.substr(2), base, true);
  // A leading zero means octal.
  if (text.size() > 1 && text[0] == '0') return digit_trouble(text.substr(1), 8, true);
  return digit_trouble(text, 10, false);
}

std::string rational_trouble(std::string_view text) {
  const int base = base_of(text);
  if (base == 2 || base == 8) {
    return fmt::format("{} number has no fraction or exponent", base == 2 ? "a binary" : "an octal");
  }
  const std::size_t prefix = base == 16 ? 2 : 0;
  const std::size_t exponent_at = text.find_first_of(base == 16 ? "pP" : "eEpP");
  std::string_view mantissa =
      text.substr(prefix, exponent_at == std::string_view::npos ? exponent_at : exponent_at - prefix);
  if (base == 16 && exponent_at == std::string_view::npos) return "a hexadecimal fraction needs a `p` exponent";
  if (base == 10 && exponent_at != std::string_view::npos && (text[exponent_at] | 0x20) == 'p') {
    return "a `p` exponent needs a hexadecimal number";
  }
  const std::size_t point = mantissa.find('.');
  const std::string_view whole = mantissa.substr(0, point);
  const std::string_view fraction = point == std::string_view::npos ? "" : mantissa.substr(point + 1);
  if (whole.empty() && fraction.empty()) return "it has no digits";
  if (!whole.empty()) {
    if (std::string trouble = digit_trouble(whole, base, base == 16); !trouble.empty()) return trouble;
  }
  if (!fraction.empty()) {
    if (std::string trouble = digit_trouble(fraction, base, false); !trouble.empty()) return trouble;
  }
  if (exponent_at == std::string_view::npos) return "";
  std::string_view exponent = text.substr(exponent_at + 1);
  if (exponent.starts_with('+') || exponent.starts_with('-')) exponent.remove_prefix(1);
  if (exponent.empty()) return "its exponent has no digits";
  return digit_trouble(exponent, 10, false);
}

std::string_view text_at(const SourceFile& source, Span span) {
  return std::string_view(source.text).substr(span.begin, span.end - span.begin);
}

}  // namespace

std::string unquote(std::string_view literal) {
  std::string result;
  if (literal.size() < 2) return result;
  const std::string_view body = literal.substr(1, literal.size() - 2);
  if (literal[0] == '`') {
    for (const char c : body) {
      if (c != '\r') result += c;
    }
    return result;
  }
  walk_string(
      body, [&](std::string_view text) { result += text; },
      [&](std::size_t, const Escape& escape) { result += escape.bytes; });
  return result;
}

void check_string(const SourceFile& source, Span literal, Diagnostics& diagnostics) {
  const std::string_view text = text_at(source, literal);
  if (text.size() < 2) return;
  const std::string_view body = text.substr(1, text.size() - 2);
  walk_string(
      body, [](std::string_view) {},
      [&](std::size_t at, const Escape& escape) {
        const auto begin = static_cast<std::uint32_t>(literal.begin + 1 + at);
        const Span span{source.id, begin, begin + static_cast<std::uint32_t>(escape.length)};
        const std::string shown(body.substr(at, escape.length));
        switch (escape.state) {
          case Escape::State::kGood:
            return;
          case Escape::State::kUnknown: {
            Diagnostic& report = diagnostics.error(span, kUnknownEscape, shown);
            if (shown == "\\'") report.suggest(span, "'", "`'` needs no escape: write it alone");
            return;
          }
          case Escape::State::kTooLarge:
            diagnostics.error(span, kEscapeValue, shown, shown[1] == 'U' ? "is above U+10FFFF" : "is above 255");
            return;
          case Escape::State::kSurrogate:
            diagnostics.error(span, kEscapeValue, shown, "is half of a surrogate pair, not a character");
            return;
        }
      });
}

void check_integer(const SourceFile& source, Span literal, Diagnostics& diagnostics) {
  const std::string text(text_at(source, literal));
  if (std::string trouble = integer_trouble(text); !trouble.empty()) {
    diagnostics.error(literal, kMalformedInteger, text, trouble);
  }
}

void check_rational(const SourceFile& source, Span literal, Diagnostics& diagnostics) {
  const std::string text(text_at(source, literal));
  if (std::string trouble = rational_trouble(text); !trouble.empty()) {
    diagnostics.error(literal, kMalformedRational, text, trouble);
  }
}

}  // namespace vdlc
