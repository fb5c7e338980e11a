// Evaluation of constant expressions (docs/spec/vdl-language.md 3.9).
//
// Expressions are evaluated from the outside in, because the type of a composite literal gives types to what stands in
// it, and only once. Recursion is as deep as expressions nest, which the parser limits. Named constants of this package
// that an expression uses must have been evaluated before: missing() says which have not.
#pragma once

#include <nb/vdl/value.h>

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "check/constant.h"
#include "check/extent.h"
#include "check/scope.h"
#include "check/types.h"
#include "diagnostics/diagnostics.h"

namespace vdlc::passes {

class Evaluator {
 public:
  Evaluator(Scope& scope, const TypeTable& types, Diagnostics& diagnostics)
      : scope_(scope), types_(types), diagnostics_(diagnostics), results_(scope.defs().size()) {}

  // Local constants without a result that must have one before the expression can be evaluated. When they have, ask
  // again: the type of a constant can decide what else is needed (the key in `m[k]`).
  std::vector<DefId> missing(std::uint32_t file, ast::ExprId root, const nb::Type* implicit);

  // The final value, or nothing (reported). `role` completes "… cannot be": "a tag".
  std::optional<nb::Value> evaluate(std::uint32_t file, ast::ExprId root, const nb::Type* implicit,
                                    std::string_view role);

  // The same for the expression of a config file; one that does not fit is CF1.
  std::optional<nb::Value> evaluate_config(std::uint32_t file, ast::ExprId root, const nb::Type* implicit);

  // The result of a constant of this package: a value, or poison.
  void set_result(DefId def, std::optional<nb::Value> value);
  bool has_result(DefId def) const { return results_[static_cast<std::size_t>(def)].has_value(); }
  const nb::Value* result(DefId def) const;

 private:
  using Outcome = std::optional<Constant>;  // nothing: poison

  // How the entries of a composite literal are to be understood.
  struct EntryRole {
    bool is_field = false;          // the key names a field and is not evaluated
    std::optional<nb::Type> key;    // implicit type of the key
    std::optional<nb::Type> value;  // type of the value; none: the entry is wrong and its value is not looked at
  };
  EntryRole entry_role(const ast::KeyValue& entry, std::size_t position, const nb::Type& type) const;
  // The type of a composite literal, its own or the implicit one; null: it has none, or that is poison.
  const nb::Type* literal_type(const ast::CompositeLit& literal, const nb::Type* implicit) const;
  // The type of a named constant with its selectors; nothing if anything is wrong with it.
  std::optional<nb::Type> type_of_constant(const ast::NameRef& name, const nb::Value& value, std::size_t matched) const;

  void add_missing(ast::ExprId id, const nb::Type* implicit, std::vector<DefId>& result);

  Outcome expression(ast::ExprId id, const nb::Type* implicit);
  Outcome name(const ast::Expr& expr, const ast::NameRef& name, const nb::Type* implicit);
  Outcome label(const ast::NameRef& name, const nb::Type* implicit) const;
  Outcome undefined(const ast::NameRef& name, const Lookup& found);
  Outcome select_label(const ast::NameRef& name, std::size_t matched, const nb::Type& type);
  Outcome select_fields(const ast::NameRef& name, std::size_t matched, Constant constant);
  Outcome index(const ast::Expr& expr, const ast::IndexExpr& form);
  Outcome index_sequence(const Constant& list, const ast::IndexExpr& form);
  Outcome index_map(const nb::Value& map, const ast::IndexExpr& form);
  Outcome conversion(const ast::Expr& expr, const ast::ConversionExpr& form);
  Outcome composite(const ast::Expr& expr, const ast::CompositeLit& literal, const nb::Type* implicit);

  // The constant a name stands for before any selector, if it stands for one. Marks imports as used.
  struct Named {
    bool is_poison = false;
    const nb::Value* value = nullptr;
  };
  Named find_constant(const Lookup& found) const;
  Outcome copy(const nb::Value& value);

  // Composite literals, one function a kind; all entries are looked at even if one is wrong.
  using Parts = std::optional<nb::Value>;
  Parts sequence(const ast::CompositeLit& literal, const nb::Type& type, Extent& whole);
  Parts set(const ast::CompositeLit& literal, const nb::Type& type, Extent& whole);
  Parts map(const ast::CompositeLit& literal, const nb::Type& type, Extent& whole);
  Parts structure(const ast::Expr& expr, const ast::CompositeLit& literal, const nb::Type& type, Extent& whole);
  Parts union_of(const ast::Expr& expr, const ast::CompositeLit& literal, const nb::Type& type, Extent& whole);
  // The index of the field that a key names; -1: reported.
  int field(const ast::KeyValue& entry, const nb::Type& type);
  // The value of an entry's part, with its extent added to that of the whole.
  std::optional<nb::Value> element(ast::ExprId id, const nb::Type& type, std::string_view role, Extent& whole);
  Outcome finished(nb::Value value, Extent extent, Span at);
  // The constant as an index into a list; reported (CO14) if it is none.
  std::optional<std::uint64_t> list_index(const Constant& constant, Span at);

  // The value for a place of type `target`, or of its own type if there is none.
  std::optional<nb::Value> final_value(const Constant& constant, const nb::Type* target, Span at,
                                       std::string_view role);
  // Takes from the package's budget; false: used up, and reported once.
  bool spend(std::uint64_t weight, Span at);
  bool is_shallow(std::uint32_t depth, Span at);

  const ast::File& file() const { return scope_.file(file_); }
  const ast::Expr& tree(ast::ExprId id) const { return file().expr(id); }

  Scope& scope_;
  const TypeTable& types_;
  Diagnostics& diagnostics_;
  std::uint32_t file_ = 0;  // of the expression at work
  // By DefId. Outer: is there a result; inner: is it a value.
  std::vector<std::optional<std::optional<nb::Value>>> results_;
  ZeroExtents zeros_;
  std::uint64_t spent_ = 0;
  std::unordered_map<const nb::Value*, Extent> extents_;  // of named constants, which do not move
  bool is_exhausted_ = false;
};

}  // namespace vdlc::passes
