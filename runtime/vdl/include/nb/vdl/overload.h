// Overload: one function object of several, for std::visit and the visit() of generated unions.
//
//   shape.visit([](const Shape::Circle& c) { … }, [](const Shape::Square& s) { … });
#pragma once

namespace nb {

template <class... Functions>
struct Overload : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
Overload(Functions...) -> Overload<Functions...>;

}  // namespace nb
