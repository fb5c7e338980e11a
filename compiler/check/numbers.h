// Exact numbers: from the text of a literal, to the floats of the language, to text for messages
// (docs/spec/vdl-language.md 1.6, 3.9.5). Integers are mpz_class, everything else is mpq_class (canonical).
#pragma once

#include <gmpxx.h>

#include <optional>
#include <string>
#include <string_view>

namespace vdlc::passes {

// `text` is a well-formed literal. Nothing if the number is beyond kMaxNumberBits; that is found out from the length
// and the exponent, before anything is computed.
std::optional<mpz_class> parse_integer(std::string_view text);
std::optional<mpq_class> parse_rational(std::string_view text);

bool is_small_enough(const mpz_class& number);
bool is_small_enough(const mpq_class& number);

enum class FloatRange { kFits, kTooLarge, kTooSmall };
// The range is checked before rounding: a magnitude between the largest float and what would round down to it is too
// large, one between zero and the smallest denormal is too small.
FloatRange range_in_float32(const mpq_class& number);
FloatRange range_in_float64(const mpq_class& number);

// To the nearest double, ties to even; for float32 that double is rounded once more, as the reference does. The number
// must be in range.
double round_to_float64(const mpq_class& number);
double round_to_float32(const mpq_class& number);

// For messages: in full when short, else the first digits and the length; rationals as decimals or with an exponent.
std::string spell(const mpz_class& number);
std::string spell(const mpq_class& number);

}  // namespace vdlc::passes
