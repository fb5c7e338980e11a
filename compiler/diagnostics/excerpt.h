// The picture of a source line with a span underlined, as fixed-width text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vdlc {

struct Excerpt {
  std::string line;        // tabs made spaces, control characters made visible, cut to the width
  std::size_t indent = 0;  // blanks before the underline
  std::size_t length = 1;  // of the underline, at least 1
};

// `begin` and `end` are byte offsets in `line`; a span that runs on in the next line ends with this one.
Excerpt make_excerpt(std::string_view line, std::size_t begin, std::size_t end, std::size_t width);

// A text as it may be sent to a terminal: control characters and those that turn the direction of writing are escaped
// (`\n`, `\x1b`, `\u202e`), bytes that are not UTF-8 replaced, what stands between backticks and the whole shortened in
// the middle when it is very long.
std::string make_visible(std::string_view text);

}  // namespace vdlc
