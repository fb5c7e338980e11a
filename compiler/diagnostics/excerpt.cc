#include "diagnostics/excerpt.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace vdlc {
namespace {

constexpr std::size_t kTabStop = 4;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";     // U+2026

// One code point as it is shown.
struct Cell {
  std::size_t offset;  // of its first byte in the line
  std::string shown;
  std::size_t width;
};

std::size_t sequence_length(std::string_view rest) {
  const auto lead = static_cast<unsigned char>(rest[0]);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  if (length == 0 || length > rest.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(rest[i]) & 0xC0) != 0x80) return 0;
  }
  return length;
}

std::uint32_t code_point(std::string_view sequence) {
  if (sequence.size() == 1) return static_cast<unsigned char>(sequence[0]);
  std::uint32_t value = static_cast<unsigned char>(sequence[0]) & (0x7Fu >> sequence.size());
  for (const char c : sequence.substr(1)) value = value << 6 | (static_cast<unsigned char>(c) & 0x3F);
  return value;
}

// Characters that a terminal obeys instead of showing them.
bool is_control(std::uint32_t c) {
  const bool ascii = c < 0x20 || (c >= 0x7F && c < 0xA0);
  const bool direction =
      c == 0x61C || c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  return ascii || direction;
}

std::string escape(std::uint32_t c) {
  if (c == '\n') return "\\n";
  if (c == '\t') return "\\t";
  if (c == '\r') return "\\r";
  return c < 0x100 ? fmt::format("\\x{:02x}", c) : fmt::format("\\u{:04x}", c);
}

// Cut at the beginning of a code point.
std::string_view head(std::string_view text, std::size_t size) {
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}
std::string_view tail(std::string_view text, std::size_t size) {
  std::size_t begin = text.size() - size;
  while (begin < text.size() && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) ++begin;
  return text.substr(begin);
}

std::string shorten(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  return fmt::format("{}{}{}", head(text, limit / 2), kEllipsis, tail(text, limit / 2));
}

// Columns a terminal gives to a code point; a rough table is enough for a caret.
std::size_t display_width(std::uint32_t c) {
  if ((c >= 0x300 && c <= 0x36F) || c == 0x200B || c == 0x200D || (c >= 0xFE00 && c <= 0xFE0F)) return 0;
  const bool wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
                    (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
                    (c >= 0x1F300 && c <= 0x1F64F) || (c >= 0x1F900 && c <= 0x1F9FF) || (c >= 0x20000 && c <= 0x3FFFD);
  return wide ? 2 : 1;
}

std::vector<Cell> make_cells(std::string_view line) {
  std::vector<Cell> cells;
  std::size_t column = 0;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t length = sequence_length(line.substr(at));
    Cell cell{at, std::string(kReplacement), 1};
    if (line[at] == '\t') {
      cell.width = kTabStop - column % kTabStop;
      cell.shown.assign(cell.width, ' ');
    } else if (length > 0) {
      const std::uint32_t c = code_point(line.substr(at, length));
      if (!is_control(c)) {
        cell.shown = line.substr(at, length);
        cell.width = display_width(c);
      }
    }
    at += std::max<std::size_t>(length, 1);
    column += cell.width;
    cells.push_back(std::move(cell));
  }
  return cells;
}

}  // namespace

std::string make_visible(std::string_view text) {
  constexpr std::size_t kMaxQuoted = 200;
  constexpr std::size_t kMaxText = 2000;
  std::string visible;
  for (std::size_t at = 0; at < text.size() && visible.size() < 100 * kMaxText;) {
    const std::size_t length = sequence_length(text.substr(at));
    if (length == 0) {
      visible += kReplacement;
    } else if (const std::uint32_t c = code_point(text.substr(at, length)); is_control(c)) {
      visible += escape(c);
    } else {
      visible += text.substr(at, length);
    }
    at += std::max<std::size_t>(length, 1);
  }
  std::string result;
  bool quoted = false;
  for (std::string_view rest = visible;;) {
    const std::size_t tick = rest.find('`');
    result += quoted ? shorten(rest.substr(0, tick), kMaxQuoted) : std::string(rest.substr(0, tick));
    if (tick == std::string_view::npos) break;
    result += '`';
    quoted = !quoted;
    rest.remove_prefix(tick + 1);
  }
  return shorten(result, kMaxText);
}

Excerpt make_excerpt(std::string_view line, std::size_t begin, std::size_t end, std::size_t width) {
  constexpr std::size_t kBefore = 30;  // kept before a span of a line that is cut
  const std::vector<Cell> cells = make_cells(line);
  std::size_t span_column = 0;
  std::size_t span_width = 0;
  std::size_t line_width = 0;
  for (const Cell& cell : cells) {
    line_width += cell.width;
    if (cell.offset < begin) {
      span_column += cell.width;
    } else if (cell.offset < end) {
      span_width += cell.width;
    }
  }

  Excerpt result;
  const std::size_t from =
      line_width <= width || span_column < width / 2 ? 0 : span_column - std::min(kBefore, width / 2);
  std::size_t column = 0;
  std::size_t skipped = 0;
  if (from > 0) result.line = kEllipsis;
  std::size_t shown = from > 0 ? 1 : 0;
  for (const Cell& cell : cells) {
    if (column < from) {
      skipped += cell.width;
    } else if (shown + cell.width < width || line_width - skipped <= width) {
      result.line += cell.shown;
      shown += cell.width;
    } else {
      result.line += kEllipsis;
      ++shown;
      break;
    }
    column += cell.width;
  }
  result.indent = span_column - skipped + (from > 0 ? 1 : 0);
  const std::size_t room = shown > result.indent ? shown - result.indent : 1;
  result.length = std::clamp<std::size_t>(span_width, 1, room);
  return result;
}

}  // namespace vdlc
