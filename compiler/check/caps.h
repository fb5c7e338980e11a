// How much a program may ask of the checker. Every cap is far above what people write and low enough that hostile input
// costs bounded time, memory and stack (docs/spec/vdl-language.md Q4, Q12; classes LM10 to LM15).
#pragma once

#include <cstddef>
#include <cstdint>

namespace vdlc::passes {

// Bits of an untyped integer, or of the numerator and denominator of a rational: about 20 000 decimal digits.
inline constexpr std::size_t kMaxNumberBits = 65536;
// Right operand of a shift (CO40).
inline constexpr int kMaxShift = 2000;
// Explicit index in a list literal; the gaps before it are filled with zeros.
inline constexpr std::uint64_t kMaxListIndex = (1u << 20) - 1;
inline constexpr std::uint64_t kMaxArrayLength = 0x7fffffff;
// What nb::TypeBuilder accepts in the program's store, or less: bytes of a zero value, types within each other.
inline constexpr std::uint64_t kMaxTypeBytes = 1u << 30;
inline constexpr std::uint32_t kMaxTypeDepth = 450;
// Values within values.
inline constexpr std::uint32_t kMaxValueDepth = 500;
// What all constants of a package may cost together: one unit for each value node made or copied, for each 64 bytes of
// text and for each 64 bytes of number.
inline constexpr std::uint64_t kConstantBudget = 8u << 20;
// Behind so many errors nothing is compared any more to say "did you mean".
inline constexpr std::size_t kMaxSuggestions = 100;

}  // namespace vdlc::passes
