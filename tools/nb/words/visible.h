// What others wrote, as it can be shown: names, locations and errors may hold bytes that move the cursor, break the
// line or turn the direction of writing, and so make the rest of an answer say something else.
#pragma once

#include <string>
#include <string_view>

namespace tool {

enum class Lines { kEscaped, kKept };

// Bytes that are no UTF-8, control characters (C0, C1, DEL), separators of lines and marks of direction as \x…; with
// Lines::kKept a line feed stays.
std::string visible(std::string_view text, Lines lines = Lines::kEscaped);

}  // namespace tool
