// Walking a file's tree: which type expressions stand in it where, and what a node is made of. The parser may leave
// nodes in a file's vectors that nothing refers to (a name first read as a type); those are never looked at.
#pragma once

#include <string>
#include <vector>

#include "syntax/ast.h"

namespace vdlc::passes {

template <class... Functions>
struct Overload : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
Overload(Functions...) -> Overload<Functions...>;

// The types directly inside a type expression, in source order.
std::vector<ast::TypeId> parts_of(const ast::Type& type);

enum class TypePlace : std::uint8_t {
  kNowhere,     // left over by the parser
  kUse,         // inside something else: has to be a type that needs no name
  kDefinition,  // the right-hand side of a definition
};

// For every type expression of the file.
std::vector<TypePlace> places_of_types(const ast::File& file);

// A type expression as its author wrote it, with normal spacing.
std::string spell(const ast::File& file, ast::TypeId id);

}  // namespace vdlc::passes
