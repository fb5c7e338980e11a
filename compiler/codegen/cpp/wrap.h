// Long lines of generated code, broken so that a person can read them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vdlc::cpp {

// Generated lines are not much longer than this, except for string literals and names that are.
inline constexpr std::size_t kLineWidth = 100;

// The parts with ", " between them if that fits behind `column`, else each on a line of its own, `indent` blanks in.
std::string list_parts(const std::vector<std::string>& parts, std::size_t column, std::size_t indent);

// An expression or a declaration with brackets in it that starts at `column`: if it does not fit, what stands in its
// outermost brackets comes one a line, `indent` + 4 blanks in, and so on inside.
//
//   ::calc::Triangle(
//       ::calc::Point(1, 2),
//       ::calc::Point(3, 4))
std::string wrap(std::string_view text, std::size_t column, std::size_t indent);

}  // namespace vdlc::cpp
