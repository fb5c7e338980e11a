#include "codegen/cpp/layout.h"

#include <algorithm>
#include <map>

namespace vdlc::cpp {
namespace {

using Names = std::set<std::string>;

// The named types that a use of `type` mentions. Unnamed types in VDL text are finite, so this ends.
void mention(const nb::Type& type, Names& names) {
  if (!type.name().empty()) {
    names.emplace(type.name());
    return;
  }
  switch (type.kind()) {
    case nb::Kind::kMap:
      mention(type.key(), names);
      mention(type.elem(), names);
      break;
    case nb::Kind::kSet:
      mention(type.key(), names);
      break;
    case nb::Kind::kList:
    case nb::Kind::kOptional:
      mention(type.elem(), names);
      break;
    default:
      break;
  }
}

// The parts of a definition's structure.
std::vector<nb::Type> parts(const nb::Type& type) {
  switch (type.kind()) {
    case nb::Kind::kMap:
      return {type.key(), type.elem()};
    case nb::Kind::kSet:
      return {type.key()};
    case nb::Kind::kArray:
    case nb::Kind::kList:
      return {type.elem()};
    case nb::Kind::kStruct:
    case nb::Kind::kUnion: {
      std::vector<nb::Type> result;
      for (const auto& field : type.fields()) result.push_back(field.type);
      return result;
    }
    default:
      return {};
  }
}

// Do the parts have to be complete types?
bool holds_parts_inline(nb::Kind kind) {
  return kind == nb::Kind::kArray || kind == nb::Kind::kStruct || kind == nb::Kind::kUnion;
}

// What must be defined before `type`.
Names needed(const nb::Type& type) {
  Names names;
  if (!holds_parts_inline(type.kind())) return names;
  for (const auto& part : parts(type)) {
    if (!part.name().empty()) names.emplace(part.name());
  }
  return names;
}

Names mentioned_by(const nb::Type& type) {
  Names names;
  for (const auto& part : parts(type)) mention(part, names);
  return names;
}

bool mentions_any(const model::TypeDef& def, const Names& names) {
  const Names mentioned = mentioned_by(def.type);
  return std::any_of(mentioned.begin(), mentioned.end(), [&](const auto& name) { return names.contains(name); });
}

}  // namespace

Layout lay_out(const model::Package& package) {
  std::map<std::string, const model::TypeDef*, std::less<>> open;
  for (const auto& def : package.types) open.emplace(def.type.name(), &def);

  Layout layout;
  Names declared;
  for (const auto& first : package.types) {
    // The model's order is right but for cycles; there, walk to a type that needs nothing that is still open. Needs
    // form no cycle (TY14), so the walk ends.
    while (open.contains(first.type.name())) {
      const model::TypeDef* next = &first;
      for (bool moved = true; moved;) {
        moved = false;
        for (const auto& name : needed(next->type)) {
          const auto found = open.find(name);
          if (found == open.end()) continue;
          next = found->second;
          moved = true;
          break;
        }
      }
      for (const auto& name : mentioned_by(next->type)) {
        if (name != next->type.name() && open.contains(name)) declared.insert(name);
      }
      layout.order.push_back(next);
      open.erase(open.find(next->type.name()));
    }
  }
  for (const auto* def : layout.order) {
    if (declared.contains(std::string(def->type.name()))) layout.declared_first.push_back(def);
  }
  return layout;
}

std::set<std::string> incomplete_at(const Layout& layout, std::size_t at) {
  std::set<std::string> names;
  for (; at < layout.order.size(); ++at) names.emplace(layout.order[at]->type.name());
  return names;
}

bool is_open_at(const Layout& layout, std::size_t at) {
  return mentions_any(*layout.order[at], incomplete_at(layout, at + 1));
}

bool is_recursive_at(const Layout& layout, std::size_t at) {
  return mentions_any(*layout.order[at], incomplete_at(layout, at));
}

}  // namespace vdlc::cpp
