// In which order the types of a package are defined in C++, and which of them are not complete at some point.
//
// VDL has no order; C++ wants a type complete before it is a member, an element of an array or a base. Types that hold
// each other through lists, maps and optionals need a declaration in advance, and an optional of a type that is not yet
// complete is an nb::Box.
//
//   type A struct { X ?B }           A before B:   struct B;  struct A { nb::Box<B> X; };
//   type B struct { Y A; Z ?A }                    struct B { A Y; std::optional<A> Z; };
#pragma once

#include <set>
#include <string>
#include <vector>

#include "model/model.h"

namespace vdlc::cpp {

struct Layout {
  std::vector<const model::TypeDef*> order;
  std::vector<const model::TypeDef*> declared_first;  // named before they are defined, in the order of definition
};

Layout lay_out(const model::Package& package);

// The full names of the types that are not complete while `order[at]` is defined, itself included.
std::set<std::string> incomplete_at(const Layout& layout, std::size_t at);

// Does `order[at]` hold, in lists and the like, types that are defined after it? What creates, copies and destroys it
// can then be defined only after them.
bool is_open_at(const Layout& layout, std::size_t at);

// The same, or does it hold itself? At least one type of every cycle is such a type.
bool is_recursive_at(const Layout& layout, std::size_t at);

}  // namespace vdlc::cpp
