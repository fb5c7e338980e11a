// Conversion between numbers without loss (docs/spec/vom.md 11.3).
#pragma once

#include <optional>

#include <nb/vdl/value.h>

namespace nb::vdl {

bool is_number(Kind kind);

// `from`, a number, as a number of `target`; nothing if something would be lost.
std::optional<Value> convert_number(const Value& from, const Type& target);

}  // namespace nb::vdl
