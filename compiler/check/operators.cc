#include "check/operators.h"

#include "check/caps.h"
#include "check/convert.h"
#include "check/messages.h"
#include "check/numbers.h"
#include "model/print.h"

namespace vdlc::passes {
namespace {

using Op = ast::BinaryOp;
using Outcome = std::optional<Constant>;

// One application of an operator: knows where to complain.
class Operation {
 public:
  Operation(std::string_view op, Span at, Diagnostics& diagnostics) : op_(op), at_(at), diagnostics_(diagnostics) {}

  Outcome unary(ast::UnaryOp op, const Constant& operand) {
    const auto wrong = [&]() -> Outcome {
      diagnostics_.error(at_, kUnaryOperand, op_, category(operand));
      return std::nullopt;
    };
    switch (op) {
      case ast::UnaryOp::kNot: {
        const auto* value = std::get_if<bool>(&operand.form);
        return value ? Outcome(Constant{!*value, operand.type}) : wrong();
      }
      case ast::UnaryOp::kPlus:
        return operand.is_number() ? Outcome(operand) : wrong();
      case ast::UnaryOp::kMinus:
        if (const auto* n = std::get_if<mpz_class>(&operand.form)) return result(mpz_class(-*n), operand.type);
        if (const auto* q = std::get_if<mpq_class>(&operand.form)) return result(mpq_class(-*q), operand.type);
        return wrong();
      case ast::UnaryOp::kComplement: {
        if (!operand.is_number()) return wrong();
        const auto number = integer_of(operand);
        if (!number) return std::nullopt;
        if (operand.type && is_unsigned(operand.type->kind())) {
          const mpz_class ones = (mpz_class(1) << bits_of(operand.type->kind())) - 1;
          return result(mpz_class(ones - *number), operand.type);
        }
        return result(mpz_class(-*number - 1), operand.type);
      }
    }
    return std::nullopt;
  }

  Outcome shift(Op op, const Constant& left, const Constant& right) {
    if (!left.is_number()) return unsupported(left);
    if (!right.is_number()) return unsupported(right);
    const auto number = integer_of(left);
    const auto amount = integer_of(right);
    if (!number || !amount) return std::nullopt;
    if (*amount < 0) {
      diagnostics_.error(at_, kShiftNegative, spell(*amount));
      return std::nullopt;
    }
    if (*amount > kMaxShift) {
      diagnostics_.error(at_, kShiftTooLarge, spell(*amount), kMaxShift);
      return std::nullopt;
    }
    // A right shift of mpz_class rounds down, which is arithmetic.
    mpz_class shifted =
        op == Op::kShiftLeft ? mpz_class(*number << amount->get_ui()) : mpz_class(*number >> amount->get_ui());
    return result(std::move(shifted), left.type);
  }

  Outcome binary(Op op, Constant left, Constant right) {
    if (op == Op::kShiftLeft || op == Op::kShiftRight) return shift(op, left, right);
    if (!make_alike(left, right)) return std::nullopt;
    if (op == Op::kEqual || op == Op::kNotEqual) {
      const bool equal = left.form == right.form;
      return Constant{op == Op::kEqual ? equal : !equal, std::nullopt};
    }
    if (const auto* a = std::get_if<bool>(&left.form)) return logical(op, left, *a, std::get<bool>(right.form));
    if (const auto* a = std::get_if<std::string>(&left.form))
      return textual(op, left, *a, std::get<std::string>(right.form));
    if (const auto* a = std::get_if<mpz_class>(&left.form))
      return integral(op, left, *a, std::get<mpz_class>(right.form));
    if (const auto* a = std::get_if<mpq_class>(&left.form)) {
      if (const auto done = fractional(op, left, *a, std::get<mpq_class>(right.form))) return *done;
      const auto x = integer_of(left);
      if (!x) return std::nullopt;  // once is enough
      const auto y = integer_of(right);
      if (!y) return std::nullopt;
      return integral(op, left, *x, *y);
    }
    return unsupported(left);
  }

 private:
  Outcome unsupported(const Constant& operand) {
    diagnostics_.error(at_, kBinaryOperands, op_, category(operand));
    return std::nullopt;
  }

  // Operands get one type, or stay untyped in one category.
  bool make_alike(Constant& left, Constant& right) {
    if (left.type && right.type) {
      if (*left.type == *right.type) return true;
      diagnostics_.error(at_, kOperandTypes, op_, category(left), category(right));
      return false;
    }
    if (left.type) return give_type(right, *left.type, left, right);
    if (right.type) return give_type(left, *right.type, left, right);
    if (left.form.index() == right.form.index()) return true;
    if (left.is_number() && right.is_number()) {
      for (Constant* side : {&left, &right}) {
        if (const auto* n = std::get_if<mpz_class>(&side->form)) side->form = mpq_class(*n);
      }
      return true;
    }
    diagnostics_.error(at_, kOperandCategories, op_, category(left), category(right));
    return false;
  }

  bool give_type(Constant& untyped, const nb::Type& type, const Constant& left, const Constant& right) {
    // An untyped operand does not become an any: equality would then compare things of two types.
    auto converted = type.kind() == nb::Kind::kAny ? Converted(ConversionFailure{ConversionFault::kKind, ""})
                                                   : convert(untyped, type);
    if (auto* constant = std::get_if<Constant>(&converted)) {
      untyped = std::move(*constant);
      return true;
    }
    switch (std::get<ConversionFailure>(converted).fault) {
      case ConversionFault::kRange:
        diagnostics_.error(at_, kOperandRange, describe(untyped), model::spell(type));
        break;
      case ConversionFault::kNotIntegral:
        diagnostics_.error(at_, kNotIntegral, describe(untyped));
        break;
      case ConversionFault::kKind:
      case ConversionFault::kUntypedNumber:
      case ConversionFault::kValue:
      case ConversionFault::kLength:
        diagnostics_.error(at_, kOperandTypes, op_, category(left), category(right));
        break;
    }
    return false;
  }

  // The operand as an integer; typed floats never are. What integer operators give stays an integer: (7.0 ^ 2) / 2
  // is 2.
  std::optional<mpz_class> integer_of(const Constant& operand) {
    if (const auto* n = std::get_if<mpz_class>(&operand.form)) return *n;
    const auto& q = std::get<mpq_class>(operand.form);
    if (operand.type) {
      diagnostics_.error(at_, kFloatAsInteger, op_, model::spell(*operand.type));
      return std::nullopt;
    }
    if (q.get_den() != 1) {
      diagnostics_.error(at_, kNotIntegral, spell(q));
      return std::nullopt;
    }
    return q.get_num();
  }

  Outcome result(mpz_class number, const std::optional<nb::Type>& type) {
    if (type && !fits(number, type->kind())) {
      diagnostics_.error(at_, kResultRange, spell(number), model::spell(*type));
      return std::nullopt;
    }
    if (!is_small_enough(number)) return too_large();
    return Constant{std::move(number), type};
  }

  Outcome result(mpq_class number, const std::optional<nb::Type>& type) {
    if (!type) return is_small_enough(number) ? Outcome(Constant{std::move(number), type}) : too_large();
    auto rounded = to_float(number, type->kind());
    if (auto* exact = std::get_if<mpq_class>(&rounded)) return Constant{std::move(*exact), type};
    diagnostics_.error(at_, kResultRange, spell(number), model::spell(*type));
    return std::nullopt;
  }

  Outcome too_large() {
    diagnostics_.error(at_, kLiteralTooLong, kMaxNumberBits);
    return std::nullopt;
  }

  template <class T>
  static std::optional<bool> order(Op op, const T& a, const T& b) {
    switch (op) {
      case Op::kLess:
        return a < b;
      case Op::kGreater:
        return a > b;
      case Op::kLessEqual:
        return a <= b;
      case Op::kGreaterEqual:
        return a >= b;
      case Op::kOr:
      case Op::kAnd:
      case Op::kNotEqual:
      case Op::kEqual:
      case Op::kAdd:
      case Op::kSubtract:
      case Op::kBitOr:
      case Op::kBitXor:
      case Op::kMultiply:
      case Op::kDivide:
      case Op::kModulo:
      case Op::kBitAnd:
      case Op::kShiftLeft:
      case Op::kShiftRight:
        break;
    }
    return std::nullopt;
  }

  Outcome logical(Op op, const Constant& left, bool a, bool b) {
    if (op == Op::kAnd) return Constant{a && b, left.type};
    if (op == Op::kOr) return Constant{a || b, left.type};
    return unsupported(left);
  }

  Outcome textual(Op op, const Constant& left, const std::string& a, const std::string& b) {
    if (op == Op::kAdd) return Constant{a + b, left.type};
    if (const auto truth = order(op, a, b)) return Constant{*truth, std::nullopt};
    return unsupported(left);
  }

  Outcome integral(Op op, const Constant& left, const mpz_class& a, const mpz_class& b) {
    if (const auto truth = order(op, a, b)) return Constant{*truth, std::nullopt};
    if ((op == Op::kDivide || op == Op::kModulo) && b == 0) return zero_divisor();
    switch (op) {
      case Op::kAdd:
        return result(mpz_class(a + b), left.type);
      case Op::kSubtract:
        return result(mpz_class(a - b), left.type);
      case Op::kMultiply:
        return result(mpz_class(a * b), left.type);
      case Op::kDivide:
        return result(mpz_class(a / b), left.type);  // toward zero
      case Op::kModulo:
        return result(mpz_class(a % b), left.type);  // sign of the dividend
      case Op::kBitAnd:
        return result(mpz_class(a & b), left.type);
      case Op::kBitOr:
        return result(mpz_class(a | b), left.type);
      case Op::kBitXor:
        return result(mpz_class(a ^ b), left.type);
      case Op::kOr:
      case Op::kAnd:
      case Op::kLess:
      case Op::kGreater:
      case Op::kLessEqual:
      case Op::kGreaterEqual:
      case Op::kNotEqual:
      case Op::kEqual:
      case Op::kShiftLeft:
      case Op::kShiftRight:
        break;
    }
    return unsupported(left);
  }

  // Nothing: an operator for integers only.
  std::optional<Outcome> fractional(Op op, const Constant& left, const mpq_class& a, const mpq_class& b) {
    if (const auto truth = order(op, a, b)) return Constant{*truth, std::nullopt};
    switch (op) {
      case Op::kAdd:
        return result(mpq_class(a + b), left.type);
      case Op::kSubtract:
        return result(mpq_class(a - b), left.type);
      case Op::kMultiply:
        return result(mpq_class(a * b), left.type);
      case Op::kDivide:
        return b == 0 ? zero_divisor() : result(mpq_class(a / b), left.type);
      case Op::kOr:
      case Op::kAnd:
        return unsupported(left);
      case Op::kModulo:
      case Op::kBitAnd:
      case Op::kBitOr:
      case Op::kBitXor:
      case Op::kLess:
      case Op::kGreater:
      case Op::kLessEqual:
      case Op::kGreaterEqual:
      case Op::kNotEqual:
      case Op::kEqual:
      case Op::kShiftLeft:
      case Op::kShiftRight:
        break;
    }
    return std::nullopt;
  }

  Outcome zero_divisor() {
    diagnostics_.error(at_, kDivisionByZero);
    return std::nullopt;
  }

  std::string_view op_;
  Span at_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::optional<Constant> apply(ast::UnaryOp op, const Constant& operand, Span at, Diagnostics& diagnostics) {
  return Operation(to_string(op), at, diagnostics).unary(op, operand);
}

std::optional<Constant> apply(ast::BinaryOp op, Constant left, Constant right, Span at, Diagnostics& diagnostics) {
  return Operation(to_string(op), at, diagnostics).binary(op, std::move(left), std::move(right));
}

std::string_view to_string(ast::UnaryOp op) {
  switch (op) {
    case ast::UnaryOp::kNot:
      return "!";
    case ast::UnaryOp::kPlus:
      return "+";
    case ast::UnaryOp::kMinus:
      return "-";
    case ast::UnaryOp::kComplement:
      return "^";
  }
  return "";
}

std::string_view to_string(ast::BinaryOp op) {
  switch (op) {
    case Op::kOr:
      return "||";
    case Op::kAnd:
      return "&&";
    case Op::kLess:
      return "<";
    case Op::kGreater:
      return ">";
    case Op::kLessEqual:
      return "<=";
    case Op::kGreaterEqual:
      return ">=";
    case Op::kNotEqual:
      return "!=";
    case Op::kEqual:
      return "==";
    case Op::kAdd:
      return "+";
    case Op::kSubtract:
      return "-";
    case Op::kBitOr:
      return "|";
    case Op::kBitXor:
      return "^";
    case Op::kMultiply:
      return "*";
    case Op::kDivide:
      return "/";
    case Op::kModulo:
      return "%";
    case Op::kBitAnd:
      return "&";
    case Op::kShiftLeft:
      return "<<";
    case Op::kShiftRight:
      return ">>";
  }
  return "";
}

}  // namespace vdlc::passes
