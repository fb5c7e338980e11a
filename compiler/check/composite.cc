// Evaluator, composite literals (docs/spec/vdl-language.md 3.9.3, classes CO10 to CO26).
#include <algorithm>

#include "check/caps.h"
#include "check/evaluate.h"
#include "check/messages.h"
#include "diagnostics/nearest.h"
#include "model/print.h"

namespace vdlc::passes {
namespace {

bool has_literals(nb::Kind kind) {
  return kind == nb::Kind::kArray || kind == nb::Kind::kList || kind == nb::Kind::kSet || kind == nb::Kind::kMap ||
         kind == nb::Kind::kStruct || kind == nb::Kind::kUnion;
}

}  // namespace

Evaluator::Outcome Evaluator::composite(const ast::Expr& expr, const ast::CompositeLit& literal,
                                        const nb::Type* implicit) {
  const nb::Type* literal_type = this->literal_type(literal, implicit);
  if (literal_type == nullptr) {
    if (!literal.type) diagnostics_.error(expr.span, kLiteralUntyped);
    return std::nullopt;
  }
  const bool is_optional = literal_type->kind() == nb::Kind::kOptional;
  const nb::Type type = is_optional ? literal_type->elem() : *literal_type;
  if (!has_literals(type.kind())) {
    diagnostics_.error(expr.span, kLiteralOfType, model::spell(*literal_type));
    return std::nullopt;
  }
  // What is not set is zero; entries come on top.
  Extent whole = zeros_.of(type);
  if (!spend(whole.weight, expr.span) || !is_shallow(whole.depth, expr.span)) return std::nullopt;
  std::optional<nb::Value> value;
  switch (type.kind()) {
    case nb::Kind::kArray:
    case nb::Kind::kList:
      value = sequence(literal, type, whole);
      break;
    case nb::Kind::kSet:
      value = set(literal, type, whole);
      break;
    case nb::Kind::kMap:
      value = map(literal, type, whole);
      break;
    case nb::Kind::kStruct:
      value = structure(expr, literal, type, whole);
      break;
    case nb::Kind::kUnion:
      value = union_of(expr, literal, type, whole);
      break;
    case nb::Kind::kAny:
    case nb::Kind::kBool:
    case nb::Kind::kByte:
    case nb::Kind::kUint16:
    case nb::Kind::kUint32:
    case nb::Kind::kUint64:
    case nb::Kind::kInt8:
    case nb::Kind::kInt16:
    case nb::Kind::kInt32:
    case nb::Kind::kInt64:
    case nb::Kind::kFloat32:
    case nb::Kind::kFloat64:
    case nb::Kind::kString:
    case nb::Kind::kEnum:
    case nb::Kind::kTypeObject:
    case nb::Kind::kOptional:
      break;
  }
  if (!value) return std::nullopt;
  if (is_optional) {
    value = nb::Value::some(std::move(*value), *literal_type);
    whole.depth += 1;
  }
  return finished(std::move(*value), whole, expr.span);
}

Evaluator::Outcome Evaluator::finished(nb::Value value, Extent extent, Span at) {
  if (!is_shallow(extent.depth, at)) return std::nullopt;
  Constant constant = from_value(value);
  constant.weight = extent.weight;
  constant.depth = extent.depth;
  return constant;
}

std::optional<nb::Value> Evaluator::element(ast::ExprId id, const nb::Type& type, std::string_view role,
                                            Extent& whole) {
  const Outcome constant = expression(id, &type);
  if (!constant) return std::nullopt;
  auto value = final_value(*constant, &type, tree(id).span, role);
  whole.weight = add_weight(whole.weight, constant->weight);
  whole.depth = std::max(whole.depth, constant->depth + 2);  // an any or optional may come around it
  return value;
}

Evaluator::Parts Evaluator::sequence(const ast::CompositeLit& literal, const nb::Type& type, Extent& whole) {
  const bool is_array = type.kind() == nb::Kind::kArray;
  const nb::Type elem = type.elem();
  nb::Value value(type);
  std::vector<bool> assigned;
  std::uint64_t next = 0;
  bool healthy = true;
  for (const auto& entry : literal.entries) {
    Span at = entry.span;
    if (entry.key) {
      at = tree(*entry.key).span;
      const Outcome key = expression(*entry.key, nullptr);
      const auto index = key ? list_index(*key, at) : std::nullopt;
      if (!index) {
        element(entry.value, elem, "an element", whole);
        healthy = false;
        continue;
      }
      next = *index;
    }
    const std::uint64_t index = next++;
    auto part = element(entry.value, elem, "an element", whole);
    if (is_array && index >= type.len()) {
      diagnostics_.error(at, kIndexBeyondArray, std::to_string(index), model::spell(type));
      healthy = false;
      continue;
    }
    // Without a key the list is only as long as its entries, which cost something to write.
    if (entry.key && index > kMaxListIndex) {
      diagnostics_.error(at, kListIndexTooLarge, std::to_string(index), std::size_t{kMaxListIndex});
      healthy = false;
      next = 0;
      assigned.clear();
      continue;
    }
    if (index >= assigned.size()) assigned.resize(index + 1);
    if (assigned[index]) {
      diagnostics_.error(at, kIndexTwice, std::to_string(index), model::spell(type));
      healthy = false;
      continue;
    }
    assigned[index] = true;
    if (!part || !healthy) {
      healthy = false;
      continue;
    }
    if (!is_array && index >= value.size()) {
      const std::uint64_t gap = index - value.size();
      const Extent zero = zeros_.of(elem);
      const std::uint64_t filling = gap == 0 ? 1 : zero.weight > kConstantBudget ? zero.weight : gap * zero.weight;
      if (!spend(filling, at)) return std::nullopt;
      whole.weight = add_weight(whole.weight, filling);
      whole.depth = std::max(whole.depth, zero.depth + 1);
      if (gap > 0) value.resize(index);
      value.append(std::move(*part));
    } else {
      value.set_at(index, std::move(*part));
    }
  }
  if (!healthy) return std::nullopt;
  return value;
}

Evaluator::Parts Evaluator::set(const ast::CompositeLit& literal, const nb::Type& type, Extent& whole) {
  const nb::Type key_type = type.key();
  nb::Value value(type);
  bool healthy = true;
  for (const auto& entry : literal.entries) {
    if (entry.key) {
      diagnostics_.error(entry.span, kSetWithValue, model::spell(type));
      healthy = false;
      continue;
    }
    const auto key = element(entry.value, key_type, "a key", whole);
    if (!key) {
      healthy = false;
    } else if (!value.insert(*key)) {
      diagnostics_.error(entry.span, kKeyTwice, key->to_string(), model::spell(type));
      healthy = false;
    }
  }
  if (!healthy) return std::nullopt;
  return value;
}

Evaluator::Parts Evaluator::map(const ast::CompositeLit& literal, const nb::Type& type, Extent& whole) {
  const nb::Type key_type = type.key();
  const nb::Type elem_type = type.elem();
  nb::Value value(type);
  bool healthy = true;
  for (const auto& entry : literal.entries) {
    if (!entry.key) {
      diagnostics_.error(entry.span, kMapWithoutKey, model::spell(type));
      healthy = false;
      continue;
    }
    const auto key = element(*entry.key, key_type, "a key", whole);
    auto elem = element(entry.value, elem_type, "a value", whole);
    if (key && value.find(*key) != nullptr) {
      diagnostics_.error(tree(*entry.key).span, kKeyTwice, key->to_string(), model::spell(type));
      healthy = false;
    } else if (key && elem) {
      value.insert(*key, std::move(*elem));
    } else {
      healthy = false;
    }
  }
  if (!healthy) return std::nullopt;
  return value;
}

int Evaluator::field(const ast::KeyValue& entry, const nb::Type& type) {
  const ast::Expr& key = tree(*entry.key);
  const auto* name = std::get_if<ast::NameExpr>(&key.form);
  if (name == nullptr) {
    diagnostics_.error(key.span, kFieldNotName, model::spell(type));
    return -1;
  }
  const auto text = spell(name->name);
  const int index = type.field_index(text);
  if (index >= 0) return index;
  auto& diagnostic = diagnostics_.error(key.span, kFieldUnknown, text, model::spell(type));
  if (diagnostics_.error_count() > kMaxSuggestions) return index;
  const auto fields = type.fields();
  std::vector<std::string_view> names;
  for (const auto& field : fields) names.emplace_back(field.name);
  if (const auto near = nearest(text, names); !near.empty()) diagnostic.note(did_you_mean(near));
  return index;
}

Evaluator::Parts Evaluator::structure(const ast::Expr& expr, const ast::CompositeLit& literal, const nb::Type& type,
                                      Extent& whole) {
  nb::Value value(type);
  const auto fields = type.fields();
  const auto& entries = literal.entries;
  if (entries.empty()) return value;
  const bool keyed = entries[0].key.has_value();
  const auto mixed =
      std::find_if(entries.begin(), entries.end(), [&](const auto& e) { return e.key.has_value() != keyed; });
  if (mixed != entries.end()) {
    diagnostics_.error(mixed->span, kStructMixed, model::spell(type));
    return std::nullopt;
  }
  std::vector<const ast::KeyValue*> assigned(fields.size());
  bool healthy = true;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    int index = static_cast<int>(i);
    if (keyed) {
      index = field(entries[i], type);
    } else if (i >= fields.size()) {
      diagnostics_.error(entries[i].span, kStructTooMany, fields.size(), model::spell(type));
      return std::nullopt;
    }
    if (index < 0) {
      healthy = false;
      continue;
    }
    const auto f = static_cast<std::size_t>(index);
    auto part = element(entries[i].value, fields[f].type, "field `" + fields[f].name + "`", whole);
    if (assigned[f] != nullptr) {
      diagnostics_.error(tree(*entries[i].key).span, kFieldAssignedTwice, fields[f].name, model::spell(type))
          .note(assigned[f]->span, "the first time is here");
      healthy = false;
    }
    assigned[f] = &entries[i];
    if (part) {
      value.set_field(f, std::move(*part));
    } else {
      healthy = false;
    }
  }
  if (!keyed && entries.size() < fields.size()) {
    diagnostics_.error(expr.span, kStructTooFew, entries.size(), fields.size(), model::spell(type));
    return std::nullopt;
  }
  if (!healthy) return std::nullopt;
  return value;
}

Evaluator::Parts Evaluator::union_of(const ast::Expr& expr, const ast::CompositeLit& literal, const nb::Type& type,
                                     Extent& whole) {
  if (literal.entries.empty()) return nb::Value(type);
  if (literal.entries.size() > 1) {
    diagnostics_.error(expr.span, kUnionEntries, literal.entries.size(), model::spell(type));
    return std::nullopt;
  }
  const auto& entry = literal.entries[0];
  if (!entry.key) {
    diagnostics_.error(entry.span, kUnionWithoutKey, model::spell(type));
    return std::nullopt;
  }
  const int index = field(entry, type);
  if (index < 0) return std::nullopt;
  const auto& known = type.fields()[static_cast<std::size_t>(index)];
  auto part = element(entry.value, known.type, "field `" + known.name + "`", whole);
  if (!part) return std::nullopt;
  return nb::Value::union_of(static_cast<std::size_t>(index), std::move(*part), type);
}

}  // namespace vdlc::passes
