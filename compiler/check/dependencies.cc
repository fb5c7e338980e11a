// Evaluator, first half: what does an expression need before it can be evaluated, and what gives types to its parts?
#include "check/evaluate.h"
#include "check/walk.h"

namespace vdlc::passes {
namespace {

// The one identifier that an expression consists of, or null. Parentheses leave no trace, so `(A)` is one too.
const std::string* bare_name(const ast::Expr& expr) {
  const auto* form = std::get_if<ast::NameExpr>(&expr.form);
  return form && !form->name.path && form->name.parts.size() == 1 ? &form->name.parts[0].text : nullptr;
}

}  // namespace

nb::Type without_optional(const nb::Type& type) { return type.kind() == nb::Kind::kOptional ? type.elem() : type; }

const nb::Type* Evaluator::literal_type(const ast::CompositeLit& literal, const nb::Type* implicit) const {
  return literal.type ? types_.find(file_, *literal.type) : implicit;
}

Evaluator::EntryRole Evaluator::entry_role(const ast::KeyValue& entry, std::size_t position,
                                           const nb::Type& literal) const {
  const nb::Type type = without_optional(literal);
  EntryRole role;
  switch (type.kind()) {
    case nb::Kind::kArray:
    case nb::Kind::kList:
      role.value = type.elem();
      break;
    case nb::Kind::kSet:
      role.value = type.key();
      break;
    case nb::Kind::kMap:
      role.key = type.key();
      role.value = type.elem();
      break;
    case nb::Kind::kStruct:
    case nb::Kind::kUnion: {
      role.is_field = true;
      const auto fields = type.fields();
      if (!entry.key) {
        // A union has no order of fields.
        if (type.kind() == nb::Kind::kStruct && position < fields.size()) role.value = fields[position].type;
      } else if (const std::string* name = bare_name(tree(*entry.key))) {
        const int index = type.field_index(*name);
        if (index >= 0) role.value = fields[static_cast<std::size_t>(index)].type;
      }
      break;
    }
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
  return role;
}

std::optional<nb::Type> Evaluator::type_of_constant(const ast::NameRef& name, const nb::Value& value,
                                                    std::size_t matched) const {
  nb::Type type = value.type();
  for (std::size_t i = matched; i < name.parts.size(); ++i) {
    if (type.kind() != nb::Kind::kStruct) return std::nullopt;
    const int field = type.field_index(name.parts[i].text);
    if (field < 0) return std::nullopt;
    type = nb::Type(type.fields()[static_cast<std::size_t>(field)].type);
  }
  return type;
}

std::vector<DefId> Evaluator::missing(std::uint32_t file, ast::ExprId root, const nb::Type* implicit) {
  file_ = file;
  std::vector<DefId> result;
  add_missing(root, implicit, result);
  return result;
}

void Evaluator::add_missing(ast::ExprId id, const nb::Type* implicit, std::vector<DefId>& result) {
  // True if the name stands for a constant that has no value yet.
  const auto add_name = [&](const ast::NameRef& name, const Lookup& found) {
    if (found.kind != Lookup::Kind::kLocal || name.path) return false;
    const Def& def = scope_.def(found.local);
    if (def.kind != DefKind::kConst || def.poisoned || has_result(found.local)) return false;
    result.push_back(found.local);
    return true;
  };
  std::visit(Overload{
                 [](const ast::IntegerLit&) {},
                 [](const ast::RationalLit&) {},
                 [](const ast::StringExpr&) {},
                 [](const ast::TypeObjectExpr&) {},
                 [&](const ast::NameExpr& form) { add_name(form.name, scope_.lookup(file_, form.name)); },
                 [&](const ast::IndexExpr& form) {
                   // The type of the constant gives the key its type; without it the key says nothing yet.
                   const Lookup found = scope_.lookup(file_, form.name);
                   if (add_name(form.name, found)) return;
                   const Named named = find_constant(found);
                   if (named.value == nullptr) return;
                   const auto type = type_of_constant(form.name, *named.value, found.matched);
                   const bool is_map = type && type->kind() == nb::Kind::kMap;
                   const nb::Type key = is_map ? type->key() : nb::Type();
                   if (type) add_missing(form.index, is_map ? &key : nullptr, result);
                 },
                 [&](const ast::UnaryExpr& form) { add_missing(form.operand, nullptr, result); },
                 [&](const ast::BinaryExpr& form) {
                   add_missing(form.left, nullptr, result);
                   add_missing(form.right, nullptr, result);
                 },
                 [&](const ast::ConversionExpr& form) { add_missing(form.operand, nullptr, result); },
                 [&](const ast::CompositeLit& form) {
                   const nb::Type* type = literal_type(form, implicit);
                   if (type == nullptr) return;
                   for (std::size_t i = 0; i < form.entries.size(); ++i) {
                     const auto& entry = form.entries[i];
                     const EntryRole role = entry_role(entry, i, *type);
                     if (!role.value) continue;
                     if (entry.key && !role.is_field) add_missing(*entry.key, role.key ? &*role.key : nullptr, result);
                     add_missing(entry.value, &*role.value, result);
                   }
                 },
             },
             tree(id).form);
}

}  // namespace vdlc::passes
