// How values are spelled as VDL literals, in parts that error messages need too.
#pragma once

#include <string>
#include <string_view>

namespace nb::vdl {

// With quotes; escapes what does not print.
std::string quote(std::string_view text);

// The shortest decimal that reads back as the same number; without type.
std::string spell_float(double value, bool is_float32);

}  // namespace nb::vdl
