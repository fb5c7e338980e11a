// Number<T, N>: the base of `type N int16` and its like: a distinct type, made explicitly from its number and usable
// as that number.
//
//   struct Port : nb::Number<std::uint16_t, Port> { using Number::Number; };
//   Port port(80);  std::uint16_t n = port;
#pragma once

#include <compare>
#include <type_traits>

namespace nb {

template <class T, class N>
struct Number {
  using number_type = T;

  constexpr Number() = default;
  constexpr explicit Number(T number) : value(number) {}
  constexpr operator T() const { return value; }

  friend constexpr bool operator==(const N& a, const N& b) { return number(a) == number(b); }
  friend constexpr auto operator<=>(const N& a, const N& b) { return number(a) <=> number(b); }

  T value{};

 private:
  // Through the base: N may be called `value` itself.
  static constexpr T number(const Number& n) { return n.value; }
};

// N is derived from Number<T, N> for some T.
template <class N>
concept IsNumber = requires {
  typename N::number_type;
}
&&std::is_base_of_v<Number<typename N::number_type, N>, N>;

}  // namespace nb
