// Set<K> and Map<K, V>: std::set and std::map with Less, a total order over everything that may be a VDL key.
//
// Keys come from outside, so the order must hold for NaN too, alone and inside arrays, structs and unions: a NaN comes
// after all numbers, NaNs are ordered by their bits, -0.0 equals 0.0. Equal keys are one key.
#pragma once

#include <bit>
#include <cmath>
#include <compare>
#include <concepts>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <type_traits>

#include <nb/vdl/codec_fwd.h>
#include <nb/vdl/number.h>

namespace nb {

class Value;
// The same order over dynamic values; -1, 0, 1.
int total_order(const Value& a, const Value& b);

namespace vdl {

template <std::floating_point T>
int order_of(T a, T b) {
  if (a < b) return -1;
  if (a > b) return 1;
  const bool a_nan = std::isnan(a), b_nan = std::isnan(b);
  if (a_nan != b_nan) return a_nan ? 1 : -1;
  if (!a_nan) return 0;
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  const auto x = std::bit_cast<Bits>(a), y = std::bit_cast<Bits>(b);
  return x < y ? -1 : (x > y ? 1 : 0);
}

template <class T>
int order(const T& a, const T& b);

// Structs and unions with floats inside, which `<=>` orders only in part: through Value. Defined in <nb/vdl/dynamic.h>.
template <class T>
int slow_order(const T& a, const T& b);

}  // namespace vdl

struct Less {
  using is_transparent = void;
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    if constexpr (std::is_same_v<A, B>) {
      return vdl::order(a, b) < 0;
    } else {
      return a < b;  // a string against a string_view
    }
  }
};

template <class K>
using Set = std::set<K, Less>;
template <class K, class V>
using Map = std::map<K, V, Less>;

namespace vdl {

template <class T>
int order(const T& a, const T& b) {
  if constexpr (std::is_floating_point_v<T>) {
    return order_of(a, b);
  } else if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
    return a < b ? -1 : (b < a ? 1 : 0);
  } else if constexpr (IsNumber<T>) {
    return order(static_cast<typename T::number_type>(a), static_cast<typename T::number_type>(b));
  } else if constexpr (std::is_base_of_v<std::string, T>) {
    return static_cast<const std::string&>(a).compare(b);
  } else if constexpr (std::three_way_comparable<T, std::strong_ordering> ||
                       std::three_way_comparable<T, std::weak_ordering>) {
    const auto result = a <=> b;
    return result < 0 ? -1 : (result > 0 ? 1 : 0);
  } else if constexpr (requires {
                         a.size();
                         a.begin();
                       }) {  // an array of something with floats in it
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (const int result = order(a[i], b[i]); result != 0) return result;
    }
    return 0;
  } else {
    return slow_order(a, b);
  }
}

}  // namespace vdl
}  // namespace nb
