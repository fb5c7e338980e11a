#include "diagnostics/excerpt.h"

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
      if (c >= 0x20 && c != 0x7F && !(c >= 0x80 && c < 0xA0)) {
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
