// Names and types in argument, parameter and field lists, which look alike until the list is known
// (docs/spec/vdl-language.md 2.3).
//
//   a, b int32, c []T     names and types: (a int32) (b int32) (c []T)
//   int32, []T            types only
#pragma once

#include <optional>
#include <vector>

#include "diagnostics/diagnostics.h"
#include "syntax/ast.h"

namespace vdlc {

// What stands between two commas: normally a type, or a name (read as a type) and a type.
struct ArgItem {
  std::vector<ast::TypeId> types;
  std::optional<Span> comma;  // the comma before it
};

// Reports SY4 and SY1, at most one a list, and gives what could be understood.
std::vector<ast::Arg> make_args(const ast::File& file, const std::vector<ArgItem>& items, Diagnostics& diagnostics);

// One line of a struct or union: names, then one type.
std::vector<ast::Field> make_fields(const ast::File& file, const std::vector<ArgItem>& items, Diagnostics& diagnostics);

}  // namespace vdlc
