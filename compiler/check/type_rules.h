// Rules that look through names: cycles, depth, set and map keys, optionals, export (TY7, TY12-TY15, LM15).
//
// Before: every type expression has a form.
// After:  forms and definitions that break a rule, or are made of something that does, are poison; all others can be
//         built by nb::TypeBuilder.
#pragma once

#include "check/graph.h"
#include "check/type_forms.h"

namespace vdlc::passes {

// The type definitions of a package as a graph. Node i is the i-th definition in (file, source) order.
struct TypeGraph {
  std::vector<DefId> defs;
  std::vector<std::uint32_t> node_of_def;  // by DefId; only for types
  Graph all;                               // every mention
  Graph strict;                            // values of it stand inside values: alias, array, struct, union
};

TypeGraph make_type_graph(const Scope& scope, const TypeForms& forms);

void check_type_rules(Scope& scope, const TypeGraph& graph, TypeForms& forms, Diagnostics& diagnostics);

// The first mention of an unexported type of this package inside a type expression, or null.
const ast::Type* find_unexported(const Scope& scope, const TypeForms& forms, std::uint32_t file, ast::TypeId id);

}  // namespace vdlc::passes
