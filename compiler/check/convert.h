// Conversion of constants, explicit `T(x)` and implicit, and what makes a value final
// (docs/spec/vdl-language.md 3.9.1, 3.9.2, 3.9.5). Pure: who calls turns a failure into a diagnostic of its own class.
#pragma once

#include <string>
#include <variant>

#include "check/constant.h"

namespace vdlc::passes {

enum class ConversionFault {
  kUntypedNumber,  // CO1: an untyped number where nothing gives it a type
  kKind,           // these two sorts never convert
  kRange,          // too large, too small
  kNotIntegral,
  kValue,   // the sorts convert, this value does not
  kLength,  // CO32: byte array of another length than its type
};

struct ConversionFailure {
  ConversionFault fault;
  std::string reason;  // lower case, no full stop
};

using Converted = std::variant<Constant, ConversionFailure>;
using Finished = std::variant<nb::Value, ConversionFailure>;

// `target(constant)`. A byte array keeps any length.
Converted convert(const Constant& constant, const nb::Type& target);

// The constant as what is stored, sent and generated: untyped booleans and strings get their type.
Finished finish(const Constant& constant);

// The constant where a value of type `target` is expected (3.9.2 points 1, 4 and 5).
Finished assign(const Constant& constant, const nb::Type& target);

// Is the number in the range of this integer kind?
bool fits(const mpz_class& number, nb::Kind kind);

// The number as the float kind holds it; the reason if it is out of range.
std::variant<mpq_class, ConversionFailure> to_float(const mpq_class& number, nb::Kind kind);

}  // namespace vdlc::passes
