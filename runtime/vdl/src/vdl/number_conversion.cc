#include "vdl/number_conversion.h"

#include <cmath>
#include <cstdint>
#include <limits>

namespace nb::vdl {

namespace {

struct Target {
  enum Sort { kUnsigned, kSigned, kFloat } sort;
  int bits;
};

Target target_of(Kind kind) {
  switch (kind) {
    case Kind::kByte:
      return {Target::kUnsigned, 8};
    case Kind::kUint16:
      return {Target::kUnsigned, 16};
    case Kind::kUint32:
      return {Target::kUnsigned, 32};
    case Kind::kUint64:
      return {Target::kUnsigned, 64};
    case Kind::kInt8:
      return {Target::kSigned, 8};
    case Kind::kInt16:
      return {Target::kSigned, 16};
    case Kind::kInt32:
      return {Target::kSigned, 32};
    case Kind::kInt64:
      return {Target::kSigned, 64};
    case Kind::kFloat32:
      return {Target::kFloat, 32};
    default:
      return {Target::kFloat, 64};
  }
}

std::uint64_t max_unsigned(int bits) { return bits == 64 ? UINT64_MAX : (std::uint64_t{1} << bits) - 1; }
std::uint64_t max_signed(int bits) { return (std::uint64_t{1} << (bits - 1)) - 1; }
std::int64_t min_signed(int bits) { return -static_cast<std::int64_t>(max_signed(bits)) - 1; }
// The bound is on the magnitude, not on what happens to be exact.
std::uint64_t max_in_float(int bits) { return std::uint64_t{1} << (bits == 64 ? 53 : 24); }

std::optional<Value> from_unsigned(std::uint64_t x, Target to, const Type& type) {
  switch (to.sort) {
    case Target::kUnsigned:
      if (x > max_unsigned(to.bits)) return std::nullopt;
      return Value::unsigned_number(x, type);
    case Target::kSigned:
      if (x > max_signed(to.bits)) return std::nullopt;
      return Value::signed_number(static_cast<std::int64_t>(x), type);
    case Target::kFloat:
      if (x > max_in_float(to.bits)) return std::nullopt;
      return Value::floating(static_cast<double>(x), type);
  }
  return std::nullopt;
}

std::optional<Value> from_signed(std::int64_t x, Target to, const Type& type) {
  if (x >= 0) return from_unsigned(static_cast<std::uint64_t>(x), to, type);
  switch (to.sort) {
    case Target::kUnsigned:
      return std::nullopt;
    case Target::kSigned:
      if (x < min_signed(to.bits)) return std::nullopt;
      return Value::signed_number(x, type);
    case Target::kFloat:
      if (x < -static_cast<std::int64_t>(max_in_float(to.bits))) return std::nullopt;
      return Value::floating(static_cast<double>(x), type);
  }
  return std::nullopt;
}

std::optional<Value> from_float(double x, bool from_float32, Target to, const Type& type) {
  // 2^63 and 2^64 are exact as doubles; their predecessors as integers are not. The range comes before the cast.
  constexpr double kTwo63 = 9223372036854775808.0;
  constexpr double kTwo64 = 18446744073709551616.0;
  switch (to.sort) {
    case Target::kUnsigned:
      if (!(x >= 0 && x < kTwo64) || x != std::trunc(x)) return std::nullopt;
      return from_unsigned(static_cast<std::uint64_t>(x), to, type);
    case Target::kSigned:
      if (!(x >= -kTwo63 && x < kTwo63) || x != std::trunc(x)) return std::nullopt;
      return from_signed(static_cast<std::int64_t>(x), to, type);
    case Target::kFloat:
      if (to.bits == 32 && !from_float32 && std::fabs(x) > static_cast<double>(std::numeric_limits<float>::max())) {
        return std::nullopt;
      }
      return Value::floating(x, type);
  }
  return std::nullopt;
}

}  // namespace

bool is_number(Kind kind) { return kind >= Kind::kByte && kind <= Kind::kFloat64; }

std::optional<Value> convert_number(const Value& from, const Type& target) {
  const Target to = target_of(target.kind());
  switch (target_of(from.kind()).sort) {
    case Target::kUnsigned:
      return from_unsigned(from.as_unsigned(), to, target);
    case Target::kSigned:
      return from_signed(from.as_signed(), to, target);
    case Target::kFloat:
      return from_float(from.as_float(), from.kind() == Kind::kFloat32, to, target);
  }
  return std::nullopt;
}

}  // namespace nb::vdl
