#include "diagnostics/excerpt.h"

#include <doctest/doctest.h>

namespace vdlc {
namespace {

// The line, and under it the carets.
std::string picture(std::string_view line, std::size_t begin, std::size_t end, std::size_t width = 40) {
  const Excerpt excerpt = make_excerpt(line, begin, end, width);
  return excerpt.line + "\n" + std::string(excerpt.indent, ' ') + std::string(excerpt.length, '^');
}

}  // namespace

TEST_CASE("a span is underlined") {
  CHECK(picture("type A bool", 5, 6) == "type A bool\n     ^");
  CHECK(picture("type A bool", 7, 11) == "type A bool\n       ^^^^");
  CHECK(picture("type", 4, 4) == "type\n    ^");    // between two bytes, or at the end: one caret
  CHECK(picture("type", 0, 1000) == "type\n^^^^");  // goes on in the next line
  CHECK(picture("", 0, 0) == "\n^");
}

TEST_CASE("tabs are shown as blanks up to the next stop") {
  CHECK(picture("\tA\tB", 1, 2) == "    A   B\n    ^");
  CHECK(picture("\tA\tB", 3, 4) == "    A   B\n        ^");
}

TEST_CASE("characters that take two columns, none, or cannot be shown") {
  CHECK(picture("öö x", 5, 6) == "öö x\n   ^");
  CHECK(picture("漢字 x", 7, 8) == "漢字 x\n     ^");
  CHECK(picture("e\xCC\x81x", 3, 4) == "e\xCC\x81x\n ^");  // a combining accent
  CHECK(picture("a\x01z", 2, 3) == "a\xEF\xBF\xBDz\n  ^");
  CHECK(picture("a\xFFz", 2, 3) == "a\xEF\xBF\xBDz\n  ^");
}

TEST_CASE("a wide line is cut around the span") {
  const std::string wide = std::string(100, 'a') + "XYZ" + std::string(100, 'b');
  const Excerpt middle = make_excerpt(wide, 100, 103, 40);
  CHECK(middle.line.find("XYZ") != std::string::npos);
  CHECK(middle.line.starts_with("…"));
  CHECK(middle.line.ends_with("…"));
  CHECK(middle.line.size() <= 40 + 4);  // the ellipses are three bytes each
  CHECK(middle.line.substr(middle.indent + 2, 3) == "XYZ");
  CHECK(middle.length == 3);

  const Excerpt start = make_excerpt(wide, 0, 1, 40);
  CHECK(start.indent == 0);
  CHECK(start.line.ends_with("…"));
  const Excerpt end = make_excerpt(wide, 203, 203, 40);
  CHECK(end.length == 1);
  CHECK(end.line.starts_with("…"));
}

}  // namespace vdlc
