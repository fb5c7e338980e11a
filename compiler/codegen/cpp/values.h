// Constants in C++: an expression that makes the value, or its VOM bytes where that would be long.
#pragma once

#include <nb/vdl/value.h>

#include <string>
#include <vector>

#include "codegen/cpp/spell.h"
#include "diagnostics/diagnostics.h"

namespace vdlc::cpp {

// Is the constant an `inline constexpr` one: a number, boolean, enum or string that is not a type of its own?
bool is_constexpr(const nb::Value& value);

// Is the value written better as bytes: over 64 elements in all, or native types that only a codec can make?
bool wants_bytes(const nb::Value& value, Speller& speller);

// An expression of the value's type; where an optional or any is expected, one that becomes it.
// Reports durations that C++ cannot hold (CG22) at `at`.
std::string value_expression(const nb::Value& value, Speller& speller, Span at, Diagnostics& diagnostics);

// An expression for an nb::Any that holds the value.
std::string any_expression(const nb::Value& value, Speller& speller, Span at, Diagnostics& diagnostics);

// The expression of a type object.
std::string type_expression(const nb::Type& type, Speller& speller);

// The value as a VOM message, as the lines of one string literal.
std::vector<std::string> value_bytes(const nb::Value& value);

}  // namespace vdlc::cpp
