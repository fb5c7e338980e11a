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

}  // namespace vdlc
