// Adds nodes to an ast::File, children first, and keeps its trees shallow enough to be walked recursively.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "diagnostics/diagnostics.h"
#include "syntax/ast.h"

namespace vdlc {

class TreeBuilder {
 public:
  TreeBuilder(ast::File& file, Diagnostics& diagnostics) : file_(file), diagnostics_(diagnostics) {}

  template <class Form>
  ast::TypeId add_type(Span span, Form form) {
    file_.types.push_back({span, std::move(form)});
    return static_cast<ast::TypeId>(file_.types.size() - 1);
  }
  ast::ExprId add_expr(Span span, decltype(ast::Expr::form) form);

  struct Operator {
    ast::BinaryOp op;
    Span span;
  };
  // `a + b * c …`: one more operand than operators. Precedence is decided here.
  ast::ExprId add_chain(const std::vector<ast::ExprId>& operands, const std::vector<Operator>& operators);

  const ast::Type& type(ast::TypeId id) const { return file_.type(id); }
  Span span(ast::ExprId id) const { return file_.expr(id).span; }

 private:
  std::uint32_t depth(ast::ExprId id) const { return depths_[static_cast<std::size_t>(id)]; }

  ast::File& file_;
  Diagnostics& diagnostics_;
  std::vector<std::uint32_t> depths_;  // of each expression
  bool reported_depth_ = false;
};

}  // namespace vdlc
