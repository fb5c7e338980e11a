// Pass: all types of a package (docs/spec/vdl-language.md 3.5 to 3.7).
//
// Before: names and imports are known.
// After:  every healthy definition has its nb::Type, and so has every type expression in methods, errors and constants.
//         The order is: describe each expression (type_forms.h), look through names (type_rules.h), build.
#pragma once

#include <nb/vdl/type.h>

#include <optional>
#include <vector>

#include "check/scope.h"
#include "check/type_forms.h"
#include "diagnostics/diagnostics.h"
#include "model/model.h"

namespace vdlc::passes {

class TypeTable {
 public:
  // Null: wrong, or made of something wrong; reported.
  const nb::Type* find(std::uint32_t file, ast::TypeId id) const;
  const nb::Type* find(DefId def) const;
  // The first mention of a type of this package that is not exported inside a type expression, or null.
  const ast::Type* find_unexported(const Scope& scope, std::uint32_t file, ast::TypeId id) const;

  // Type definitions, dependencies first.
  const std::vector<DefId>& order() const { return order_; }

 private:
  friend TypeTable resolve_types(Scope& scope, Diagnostics& diagnostics);

  TypeForms forms_;
  std::vector<std::vector<std::optional<nb::Type>>> uses_;  // [file][type expression]
  std::vector<std::optional<nb::Type>> defs_;               // by DefId
  std::vector<DefId> order_;
};

TypeTable resolve_types(Scope& scope, Diagnostics& diagnostics);

// The definitions as they stand in the model; only if nothing failed.
std::vector<model::TypeDef> model_types(const Scope& scope, const TypeTable& types);

model::Docs to_model(const ast::Docs& docs);

}  // namespace vdlc::passes
