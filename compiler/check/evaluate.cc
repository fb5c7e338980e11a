#include "check/evaluate.h"

#include "check/caps.h"
#include "check/convert.h"
#include "check/identifiers.h"
#include "check/messages.h"
#include "check/numbers.h"
#include "check/operators.h"
#include "check/walk.h"
#include "diagnostics/nearest.h"
#include "model/print.h"

namespace vdlc::passes {
namespace {

// A constant that is exactly of type bool or string counts as untyped again when it is referred to (Q10).
Constant from_named(const nb::Value& value) {
  Constant constant = from_value(value);
  if (constant.type == nb::Type::boolean() || constant.type == nb::Type::string()) constant.type.reset();
  return constant;
}

std::uint64_t weight_of(const Constant& constant) {
  return std::visit(
      Overload{
          [](bool) { return std::uint64_t{1}; },
          [](const std::string& s) { return weight_of_text(s.size()); },
          [](const mpz_class& n) { return weight_of_text(mpz_sizeinbase(n.get_mpz_t(), 2)); },
          [](const mpq_class& n) {
            return weight_of_text(mpz_sizeinbase(n.get_num_mpz_t(), 2) + mpz_sizeinbase(n.get_den_mpz_t(), 2));
          },
          [&](const nb::Value&) { return constant.weight; },
      },
      constant.form);
}

}  // namespace

void Evaluator::set_result(DefId def, std::optional<nb::Value> value) {
  results_[static_cast<std::size_t>(def)] = std::move(value);
}

const nb::Value* Evaluator::result(DefId def) const {
  const auto& slot = results_[static_cast<std::size_t>(def)];
  return slot && *slot ? &**slot : nullptr;
}

bool Evaluator::spend(std::uint64_t weight, Span at) {
  spent_ = add_weight(spent_, weight);
  if (spent_ <= kConstantBudget) return true;
  if (!is_exhausted_) diagnostics_.error(at, kConstantsTooLarge);
  is_exhausted_ = true;
  return false;
}

bool Evaluator::is_shallow(std::uint32_t depth, Span at) {
  if (depth <= kMaxValueDepth) return true;
  diagnostics_.error(at, kConstantTooDeep, std::size_t{kMaxValueDepth});
  return false;
}

std::optional<nb::Value> Evaluator::evaluate(std::uint32_t file, ast::ExprId root, const nb::Type* implicit,
                                             std::string_view role) {
  file_ = file;
  const Outcome outcome = expression(root, implicit);
  if (!outcome) return std::nullopt;
  return final_value(*outcome, implicit, tree(root).span, role);
}

std::optional<nb::Value> Evaluator::evaluate_config(std::uint32_t file, ast::ExprId root, const nb::Type* implicit) {
  file_ = file;
  const Outcome outcome = expression(root, implicit);
  if (!outcome) return std::nullopt;
  if (implicit != nullptr) {
    const auto assigned = assign(*outcome, *implicit);
    const auto* failure = std::get_if<ConversionFailure>(&assigned);
    if (failure && failure->fault == ConversionFault::kKind) {
      diagnostics_.error(tree(root).span, kConfigType, describe(*outcome), model::spell(*implicit), failure->reason);
      return std::nullopt;
    }
  }
  return final_value(*outcome, implicit, tree(root).span, "a config");
}

std::optional<nb::Value> Evaluator::final_value(const Constant& constant, const nb::Type* target, Span at,
                                                std::string_view role) {
  auto finished = target ? assign(constant, *target) : finish(constant);
  if (auto* value = std::get_if<nb::Value>(&finished)) return std::move(*value);
  const auto& failure = std::get<ConversionFailure>(finished);
  switch (failure.fault) {
    case ConversionFault::kUntypedNumber:
      diagnostics_.error(at, kUntypedNumber, describe(constant), usual_type(constant));
      break;
    case ConversionFault::kLength: {
      const nb::Type& type = constant.type ? *constant.type : *target;
      diagnostics_.error(at, kByteArrayLength, std::get<std::string>(constant.form).size(), model::spell(type),
                         static_cast<std::size_t>(type.len()));
      break;
    }
    case ConversionFault::kKind:
    case ConversionFault::kRange:
    case ConversionFault::kNotIntegral:
    case ConversionFault::kValue:
      diagnostics_.error(at, kNotAssignable, describe(constant), role, model::spell(*target), failure.reason);
      break;
  }
  return std::nullopt;
}

Evaluator::Outcome Evaluator::expression(ast::ExprId id, const nb::Type* implicit) {
  const ast::Expr& expr = tree(id);
  if (!spend(1, expr.span)) return std::nullopt;
  const auto too_long = [&]() -> Outcome {
    diagnostics_.error(expr.span, kLiteralTooLong, kMaxNumberBits);
    return std::nullopt;
  };
  return std::visit(Overload{
                        [&](const ast::IntegerLit& form) -> Outcome {
                          auto number = parse_integer(form.text);
                          return number ? Outcome(Constant{std::move(*number), std::nullopt}) : too_long();
                        },
                        [&](const ast::RationalLit& form) -> Outcome {
                          auto number = parse_rational(form.text);
                          return number ? Outcome(Constant{std::move(*number), std::nullopt}) : too_long();
                        },
                        [&](const ast::StringExpr& form) -> Outcome {
                          return Constant{form.value, std::nullopt};
                        },
                        [&](const ast::NameExpr& form) { return name(expr, form.name, implicit); },
                        [&](const ast::IndexExpr& form) { return index(expr, form); },
                        [&](const ast::UnaryExpr& form) -> Outcome {
                          const Outcome operand = expression(form.operand, nullptr);
                          if (!operand || !spend(weight_of(*operand), expr.span)) return std::nullopt;
                          return apply(form.op, *operand, form.op_span, diagnostics_);
                        },
                        [&](const ast::BinaryExpr& form) -> Outcome {
                          // Both sides are looked at even if one is wrong.
                          Outcome left = expression(form.left, nullptr);
                          Outcome right = expression(form.right, nullptr);
                          if (!left || !right) return std::nullopt;
                          if (!spend(add_weight(weight_of(*left), weight_of(*right)), expr.span)) return std::nullopt;
                          return apply(form.op, std::move(*left), std::move(*right), form.op_span, diagnostics_);
                        },
                        [&](const ast::ConversionExpr& form) { return conversion(expr, form); },
                        [&](const ast::TypeObjectExpr& form) -> Outcome {
                          const nb::Type* type = types_.find(file_, form.type);
                          if (type == nullptr) return std::nullopt;
                          return Constant{nb::Value::type_object(*type), nb::Type::type_object()};
                        },
                        [&](const ast::CompositeLit& form) { return composite(expr, form, implicit); },
                    },
                    expr.form);
}

// ---- names -----------------------------------------------------------------------------------------------------

Evaluator::Named Evaluator::find_constant(const Lookup& found) const {
  switch (found.kind) {
    case Lookup::Kind::kPoison:
      return {.is_poison = true};
    case Lookup::Kind::kImportedConst:
      return {.value = &found.constant->value};
    case Lookup::Kind::kLocal: {
      const Def& def = scope_.def(found.local);
      if (def.kind != DefKind::kConst) return {};
      const nb::Value* value = result(found.local);
      return {.is_poison = value == nullptr, .value = value};
    }
    case Lookup::Kind::kUndefined:
    case Lookup::Kind::kQuotedPath:
    case Lookup::Kind::kBuiltIn:
    case Lookup::Kind::kImportedType:
    case Lookup::Kind::kImportedInterface:
      return {};
  }
  return {};
}

Evaluator::Outcome Evaluator::copy(const nb::Value& value) {
  Constant constant = from_named(value);
  const auto [known, is_new] = extents_.emplace(&value, Extent{});
  if (is_new) known->second = extent_of(value);
  constant.weight = known->second.weight;
  constant.depth = known->second.depth;
  return constant;
}

Evaluator::Outcome Evaluator::name(const ast::Expr& expr, const ast::NameRef& name, const nb::Type* implicit) {
  const Lookup found = scope_.lookup(file_, name);
  const Named named = find_constant(found);
  if (named.is_poison) return std::nullopt;
  if (named.value != nullptr) {
    Outcome constant = copy(*named.value);
    if (!spend(constant->weight, expr.span)) return std::nullopt;
    return select_fields(name, found.matched, std::move(*constant));
  }
  const auto& first = name.parts[0].text;
  if (found.kind == Lookup::Kind::kBuiltIn && is_built_in_constant(first)) {
    Constant constant =
        first == "nil" ? Constant{nb::Value(), nb::Type::any()} : Constant{first == "true", std::nullopt};
    return select_fields(name, 1, std::move(constant));
  }
  // A bare label, where the type is known to be an enum; it wins over a type of that name.
  if (const Outcome value = label(name, implicit)) return value;
  const nb::Type* type = nullptr;
  if (found.kind == Lookup::Kind::kImportedType) type = &found.type->type;
  if (found.kind == Lookup::Kind::kLocal && scope_.def(found.local).kind == DefKind::kType) {
    type = types_.find(found.local);
    if (type == nullptr) return std::nullopt;
  }
  const auto built_in = found.kind == Lookup::Kind::kBuiltIn ? built_in_type(first) : std::nullopt;
  if (built_in) type = &*built_in;
  if (type == nullptr) return undefined(name, found);
  if (name.parts.size() > found.matched) return select_label(name, found.matched, *type);
  auto& diagnostic = diagnostics_.error(name.span, kNameIsType, spell(name));
  if (type->kind() == nb::Kind::kEnum) {
    diagnostic.note("a label is written `" + spell(name) + '.' + type->labels()[0] + '`');
  } else {
    diagnostic.note("the type itself as a value is written `typeobject(" + spell(name) + ")`");
  }
  return std::nullopt;
}

Evaluator::Outcome Evaluator::undefined(const ast::NameRef& name, const Lookup& found) {
  if (found.kind == Lookup::Kind::kQuotedPath) {
    diagnostics_.error(name.span, kQuotedPath, spell(name));
    return std::nullopt;
  }
  auto& diagnostic = diagnostics_.error(name.span, kNameUndefined, spell(name));
  if (found.kind == Lookup::Kind::kLocal) {
    const Def& def = scope_.def(found.local);
    diagnostic.note(def.name->span,
                    "`" + def.name->text + "` is the " + std::string(to_string(def.kind)) + " defined here");
  } else if (found.package != nullptr) {
    diagnostic.note("package `" + found.package->path + "` has no exported constant of that name");
  }
  return std::nullopt;
}

Evaluator::Outcome Evaluator::label(const ast::NameRef& name, const nb::Type* implicit) const {
  if (implicit == nullptr || implicit->kind() != nb::Kind::kEnum || name.path || name.parts.size() != 1)
    return std::nullopt;
  const int index = implicit->label_index(name.parts[0].text);
  if (index < 0) return std::nullopt;
  return Constant{nb::Value::enumeration(static_cast<std::size_t>(index), *implicit), *implicit};
}

Evaluator::Outcome Evaluator::select_label(const ast::NameRef& name, std::size_t matched, const nb::Type& type) {
  const auto rest = spell(name, matched);
  if (type.kind() != nb::Kind::kEnum) {
    diagnostics_.error(name.parts[matched].span, kLabelOfNonEnum, rest, model::spell(type));
    return std::nullopt;
  }
  const int index = name.parts.size() == matched + 1 ? type.label_index(rest) : -1;
  if (index < 0) {
    auto& diagnostic = diagnostics_.error(name.parts[matched].span, kLabelUnknown, rest, model::spell(type));
    if (diagnostics_.error_count() > kMaxSuggestions) return std::nullopt;
    const std::vector<std::string_view> labels(type.labels().begin(), type.labels().end());
    if (const auto near = nearest(rest, labels); !near.empty()) diagnostic.note(did_you_mean(near));
    return std::nullopt;
  }
  return Constant{nb::Value::enumeration(static_cast<std::size_t>(index), type), type};
}

Evaluator::Outcome Evaluator::select_fields(const ast::NameRef& name, std::size_t matched, Constant constant) {
  for (std::size_t i = matched; i < name.parts.size(); ++i) {
    const auto& part = name.parts[i];
    const auto* value = std::get_if<nb::Value>(&constant.form);
    if (value == nullptr || value->kind() != nb::Kind::kStruct) {
      const auto type = constant.type                                 ? model::spell(*constant.type)
                        : std::holds_alternative<bool>(constant.form) ? "bool"
                                                                      : "string";
      diagnostics_.error(part.span, kSelectorOnNonStruct, part.text, type);
      return std::nullopt;
    }
    const int field = value->type().field_index(part.text);
    if (field < 0) {
      diagnostics_.error(part.span, kSelectorUnknown, part.text, model::spell(value->type()));
      return std::nullopt;
    }
    Constant selected = from_named(value->field(static_cast<std::size_t>(field)));
    selected.weight = constant.weight;
    selected.depth = constant.depth;
    constant = std::move(selected);
  }
  return constant;
}

// ---- index, conversion -----------------------------------------------------------------------------------------

Evaluator::Outcome Evaluator::index(const ast::Expr& expr, const ast::IndexExpr& form) {
  const Outcome base = name(expr, form.name, nullptr);
  if (!base) return std::nullopt;
  const auto* value = std::get_if<nb::Value>(&base->form);
  const bool is_bytes = base->type && base->type->is_bytes();
  if (is_bytes || (value && (value->kind() == nb::Kind::kList || value->kind() == nb::Kind::kArray))) {
    return index_sequence(*base, form);
  }
  if (value && value->kind() == nb::Kind::kMap) return index_map(*value, form);
  const auto type = base->type                                 ? model::spell(*base->type)
                    : std::holds_alternative<bool>(base->form) ? std::string("bool")
                                                               : std::string("string");
  diagnostics_.error(form.name.span, kNotIndexable, type);
  return std::nullopt;
}

std::optional<std::uint64_t> Evaluator::list_index(const Constant& constant, Span at) {
  auto converted = convert(constant, nb::Type::uint64());
  if (auto* number = std::get_if<Constant>(&converted)) return std::get<mpz_class>(number->form).get_ui();
  diagnostics_.error(at, kIndexInvalid, describe(constant), std::get<ConversionFailure>(converted).reason);
  return std::nullopt;
}

Evaluator::Outcome Evaluator::index_sequence(const Constant& list, const ast::IndexExpr& form) {
  const Outcome index = expression(form.index, nullptr);
  if (!index) return std::nullopt;
  const Span at = tree(form.index).span;
  const auto number = list_index(*index, at);
  if (!number) return std::nullopt;
  const auto* text = std::get_if<std::string>(&list.form);
  const std::size_t size = text ? text->size() : std::get<nb::Value>(list.form).size();
  if (*number >= size) {
    diagnostics_.error(at, kIndexRange, std::to_string(*number), std::to_string(size));
    return std::nullopt;
  }
  if (text) return Constant{mpz_class(static_cast<unsigned char>((*text)[*number])), list.type->elem()};
  Constant result = from_named(std::get<nb::Value>(list.form).at(*number));
  result.weight = list.weight;
  result.depth = list.depth;
  return result;
}

Evaluator::Outcome Evaluator::index_map(const nb::Value& map, const ast::IndexExpr& form) {
  Extent ignored;
  const nb::Type key_type = map.type().key();
  const auto key = element(form.index, key_type, "a key", ignored);
  if (!key) return std::nullopt;
  const nb::Value* found = map.find(*key);
  if (found == nullptr) {
    diagnostics_.error(tree(form.index).span, kKeyAbsent, key->to_string());
    return std::nullopt;
  }
  Constant result = from_named(*found);
  const Extent extent = extent_of(*found);
  result.weight = extent.weight;
  result.depth = extent.depth;
  return result;
}

Evaluator::Outcome Evaluator::conversion(const ast::Expr& expr, const ast::ConversionExpr& form) {
  const Outcome operand = expression(form.operand, nullptr);
  const nb::Type* type = types_.find(file_, form.type);
  if (!operand || type == nullptr) return std::nullopt;
  std::uint64_t weight = weight_of(*operand);
  std::uint32_t depth = operand->depth + 1;
  if (const auto* value = std::get_if<nb::Value>(&operand->form); value && nb::compatible(value->type(), *type)) {
    weight = zeros_.weight_converted(*value, *type);
    depth += zeros_.of(*type).depth;
  }
  if (!spend(weight, expr.span) || !is_shallow(depth, expr.span)) return std::nullopt;
  auto converted = convert(*operand, *type);
  if (auto* constant = std::get_if<Constant>(&converted)) {
    constant->weight = add_weight(weight, 1);
    constant->depth = depth;
    return std::move(*constant);
  }
  const auto& failure = std::get<ConversionFailure>(converted);
  switch (failure.fault) {
    case ConversionFault::kUntypedNumber:
      diagnostics_.error(tree(form.operand).span, kUntypedNumber, describe(*operand), usual_type(*operand));
      break;
    case ConversionFault::kLength:
      diagnostics_.error(expr.span, kByteArrayLength, std::get<std::string>(operand->form).size(),
                         model::spell(*operand->type), static_cast<std::size_t>(operand->type->len()));
      break;
    case ConversionFault::kKind:
    case ConversionFault::kRange:
    case ConversionFault::kNotIntegral:
    case ConversionFault::kValue:
      diagnostics_.error(expr.span, kConversion, describe(*operand), model::spell(*type), failure.reason);
      break;
  }
  return std::nullopt;
}

}  // namespace vdlc::passes
