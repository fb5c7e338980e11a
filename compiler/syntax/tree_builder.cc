#include "syntax/tree_builder.h"

#include <nb/base/check.h>

#include <algorithm>

#include "syntax/messages.h"
#include "syntax/nesting.h"

namespace vdlc {
namespace {

int precedence(ast::BinaryOp op) {
  switch (op) {
    case ast::BinaryOp::kOr:
      return 1;
    case ast::BinaryOp::kAnd:
      return 2;
    case ast::BinaryOp::kLess:
    case ast::BinaryOp::kGreater:
    case ast::BinaryOp::kLessEqual:
    case ast::BinaryOp::kGreaterEqual:
    case ast::BinaryOp::kNotEqual:
    case ast::BinaryOp::kEqual:
      return 3;
    case ast::BinaryOp::kAdd:
    case ast::BinaryOp::kSubtract:
    case ast::BinaryOp::kBitOr:
    case ast::BinaryOp::kBitXor:
      return 4;
    case ast::BinaryOp::kMultiply:
    case ast::BinaryOp::kDivide:
    case ast::BinaryOp::kModulo:
    case ast::BinaryOp::kBitAnd:
    case ast::BinaryOp::kShiftLeft:
    case ast::BinaryOp::kShiftRight:
      return 5;
  }
  return 0;
}

template <class... F>
struct Overload : F... {
  using F::operator()...;
};
template <class... F>
Overload(F...) -> Overload<F...>;

}  // namespace

ast::ExprId TreeBuilder::add_expr(Span span, decltype(ast::Expr::form) form) {
  std::uint32_t below = 0;
  const auto child = [&](ast::ExprId id) { below = std::max(below, depth(id)); };
  std::visit(Overload{
                 [&](const ast::IndexExpr& e) { child(e.index); },
                 [&](const ast::UnaryExpr& e) { child(e.operand); },
                 [&](const ast::BinaryExpr& e) {
                   child(e.left);
                   child(e.right);
                 },
                 [&](const ast::ConversionExpr& e) { child(e.operand); },
                 [&](const ast::CompositeLit& e) {
                   for (const ast::KeyValue& entry : e.entries) {
                     if (entry.key) child(*entry.key);
                     child(entry.value);
                   }
                 },
                 [](const ast::IntegerLit&) {},
                 [](const ast::RationalLit&) {},
                 [](const ast::StringExpr&) {},
                 [](const ast::NameExpr&) {},
                 [](const ast::TypeObjectExpr&) {},
             },
             form);
  if (below >= kMaxExpressionDepth && !reported_depth_) {
    diagnostics_.error(span, kExpressionTooDeep, kMaxExpressionDepth)
        .note("brackets around parts of it, or constants for them, make it shallower");
    reported_depth_ = true;
  }
  depths_.push_back(below + 1);
  file_.exprs.push_back({span, std::move(form)});
  return static_cast<ast::ExprId>(file_.exprs.size() - 1);
}

ast::ExprId TreeBuilder::add_chain(const std::vector<ast::ExprId>& operands, const std::vector<Operator>& operators) {
  NB_CHECK(operands.size() == operators.size() + 1, "operators stand between operands");
  std::vector<ast::ExprId> values{operands[0]};
  std::vector<Operator> pending;
  // Everything pending that binds at least as tightly as the next operator is complete (left associative).
  const auto reduce = [&](int next) {
    while (!pending.empty() && precedence(pending.back().op) >= next) {
      const ast::ExprId right = values.back();
      values.pop_back();
      const ast::ExprId left = values.back();
      const Operator op = pending.back();
      pending.pop_back();
      values.back() = add_expr(join(span(left), span(right)), ast::BinaryExpr{op.op, op.span, left, right});
    }
  };
  for (std::size_t i = 0; i < operators.size(); ++i) {
    reduce(precedence(operators[i].op));
    pending.push_back(operators[i]);
    values.push_back(operands[i + 1]);
  }
  reduce(0);
  return values[0];
}

}  // namespace vdlc
