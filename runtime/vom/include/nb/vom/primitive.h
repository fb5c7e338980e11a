// var128: the one building block of VOM (docs/spec/vom.md section 1). Every number, length, index and id is one.
//
//   00..7f   the value itself
//   e0 e1 e2 control: nil, end of struct, type incomplete
//   f8..ff   the value follows, big endian, in 0x100 - first bytes
//
// Everything that reads or writes one calls these functions.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace nb::vom {

inline constexpr std::uint8_t kVersion = 0x81;
inline constexpr std::uint8_t kNil = 0xe0;
inline constexpr std::uint8_t kEndOfStruct = 0xe1;
inline constexpr std::uint8_t kTypeIncomplete = 0xe2;

inline constexpr std::size_t kMaxUvarBytes = 9;

constexpr std::size_t uvar_size(std::uint64_t value) {
  return value <= 0x7f ? 1 : 1 + (64 - static_cast<std::size_t>(std::countl_zero(value)) + 7) / 8;
}

namespace primitive {
constexpr std::uint64_t swap_bytes(std::uint64_t value) { return __builtin_bswap64(value); }
constexpr std::uint64_t big_endian(std::uint64_t value) {
  return std::endian::native == std::endian::little ? swap_bytes(value) : value;
}
}  // namespace primitive

// Writes the shortest form; the nine bytes at `to` must exist, whatever the size. Returns the place after it.
constexpr std::uint8_t* put_uvar(std::uint8_t* to, std::uint64_t value) {
  if (value <= 0x7f) [[likely]] {
    *to = static_cast<std::uint8_t>(value);
    return to + 1;
  }
  const auto bytes = uvar_size(value) - 1;
  *to++ = static_cast<std::uint8_t>(0x100 - bytes);
  if (std::is_constant_evaluated()) {
    for (std::size_t i = 0; i < bytes; ++i) to[i] = static_cast<std::uint8_t>(value >> (8 * (bytes - 1 - i)));
  } else {
    const auto shifted = primitive::big_endian(value << (64 - 8 * bytes));
    std::memcpy(to, &shifted, 8);
  }
  return to + bytes;
}

// Reads one from [from, end), also when it is not in shortest form. Returns the place after it, or null: not a number,
// or cut short.
constexpr const std::uint8_t* get_uvar(const std::uint8_t* from, const std::uint8_t* end, std::uint64_t& value) {
  if (from == end) return nullptr;
  if (*from <= 0x7f) [[likely]] {
    value = *from;
    return from + 1;
  }
  if (*from < 0xf8) return nullptr;
  const std::size_t bytes = 0x100u - *from++;
  if (static_cast<std::size_t>(end - from) < bytes) return nullptr;
  if (!std::is_constant_evaluated() && end - from >= 8) {
    std::uint64_t raw = 0;
    std::memcpy(&raw, from, 8);
    value = primitive::big_endian(raw) >> (64 - 8 * bytes);
  } else {
    value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | from[i];
  }
  return from + bytes;
}

// The sign goes into bit 0.
constexpr std::uint64_t fold_sign(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unfold_sign(std::uint64_t folded) {
  return static_cast<std::int64_t>(folded >> 1) ^ -static_cast<std::int64_t>(folded & 1);
}

// The bytes of a double, reversed: short mantissas become short numbers.
constexpr std::uint64_t reverse_double(double value) {
  return primitive::swap_bytes(std::bit_cast<std::uint64_t>(value));
}
constexpr double unreverse_double(std::uint64_t reversed) {
  return std::bit_cast<double>(primitive::swap_bytes(reversed));
}

}  // namespace nb::vom
