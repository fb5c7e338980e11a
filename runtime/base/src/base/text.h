// Text of peers, made fit to be kept and shown.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nb::base {

// At most so many bytes of it, and not in the middle of a character.
std::string_view cut(std::string_view text, std::size_t max_bytes);

// Control characters, and bytes that are no UTF-8, are "?".
std::string shown(std::string_view text);

}  // namespace nb::base
