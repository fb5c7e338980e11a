#include "check/scope.h"

#include "check/identifiers.h"

namespace vdlc::passes {
namespace {

template <class Map>
auto find_or_null(const Map& map, std::string_view name) -> typename Map::mapped_type {
  const auto found = map.find(name);
  return found == map.end() ? nullptr : found->second;
}

}  // namespace

std::string_view to_string(DefKind kind) {
  switch (kind) {
    case DefKind::kType:
      return "type";
    case DefKind::kConst:
      return "constant";
    case DefKind::kError:
      return "error";
    case DefKind::kInterface:
      return "interface";
  }
  return "";
}

Exports::Exports(const model::Package& package) : package_(package) {
  for (const auto& type : package.types) {
    if (type.exported) types_.emplace(type.name, &type);
  }
  for (const auto& constant : package.consts) {
    if (constant.exported) consts_.emplace(constant.name, &constant);
  }
  for (const auto& interface : package.interfaces) {
    if (interface.exported) interfaces_.emplace(interface.name, &interface);
  }
}

const model::TypeDef* Exports::type(std::string_view name) const { return find_or_null(types_, name); }
const model::ConstDef* Exports::constant(std::string_view name) const { return find_or_null(consts_, name); }
const model::Interface* Exports::interface(std::string_view name) const { return find_or_null(interfaces_, name); }

const DefId* Scope::find_local(std::string_view name) const {
  const auto found = by_name_.find(std::string(name));
  return found == by_name_.end() ? nullptr : &found->second;
}

const DefId* Scope::find_folded(const std::string& folded) const {
  const auto found = by_folded_name_.find(folded);
  return found == by_folded_name_.end() ? nullptr : &found->second;
}

void Scope::declare(DefId id) {
  by_name_.emplace(def(id).name->text, id);
  by_folded_name_.emplace(fold_case(def(id).name->text), id);
}

const Exports* Scope::exports_of(const model::Package& package) {
  auto& slot = exports_[package.path];
  if (!slot) slot = std::make_unique<Exports>(package);
  return slot.get();
}

Lookup Scope::through_import(std::uint32_t file, const ast::NameRef& name) {
  Lookup result;
  if (name.parts.size() < 2) return result;
  auto& scope = files_[file];
  const auto found = scope.by_local_name.find(name.parts[0].text);
  if (found == scope.by_local_name.end()) return result;
  auto& import = scope.imports[found->second];
  import.used = true;
  result.matched = 2;
  if (import.exports == nullptr) {
    result.kind = Lookup::Kind::kPoison;
    return result;
  }
  const auto& wanted = name.parts[1].text;
  result.package = &import.exports->package();
  if ((result.type = import.exports->type(wanted)) != nullptr) {
    result.kind = Lookup::Kind::kImportedType;
  } else if ((result.constant = import.exports->constant(wanted)) != nullptr) {
    result.kind = Lookup::Kind::kImportedConst;
  } else if ((result.interface = import.exports->interface(wanted)) != nullptr) {
    result.kind = Lookup::Kind::kImportedInterface;
  }
  return result;
}

Lookup Scope::lookup(std::uint32_t file, const ast::NameRef& name, bool types_only) {
  Lookup result;
  if (name.path) {
    result.kind = Lookup::Kind::kQuotedPath;
    return result;
  }
  const auto& first = name.parts[0].text;
  if (is_built_in_type(first) || is_built_in_constant(first)) {
    result.kind = Lookup::Kind::kBuiltIn;
    return result;
  }
  const DefId* local = find_local(first);
  const bool import_first = local == nullptr || (types_only && name.parts.size() > 1);
  if (import_first) {
    if (const Lookup imported = through_import(file, name);
        imported.package != nullptr || imported.kind != Lookup::Kind::kUndefined) {
      return imported;
    }
  }
  if (local == nullptr) return result;
  result.kind = Lookup::Kind::kLocal;
  result.local = *local;
  return result;
}

std::string spell(const ast::NameRef& name, std::size_t from) {
  std::string text;
  if (name.path && from == 0) text = '"' + name.path->value + "\".";
  for (std::size_t i = from; i < name.parts.size(); ++i) {
    if (i > from) text += '.';
    text += name.parts[i].text;
  }
  return text;
}

}  // namespace vdlc::passes
