// TypeNode: the description behind a Type. Immutable from the moment it is interned; see type_store.h about lifetimes.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <nb/vdl/type.h>
#include <nb/vdl/type_store.h>

namespace nb {

// What a higher layer keeps with a type that lives for ever. Set once; shared by all threads from then on.
struct TypeExtension {
  virtual ~TypeExtension() = default;
};

struct TypeNode {
  Kind kind = Kind::kAny;
  bool contains_any = false;
  bool contains_type_object = false;
  bool can_be_key = false;
  std::uint32_t depth = 1;
  std::uint64_t len = 0;
  std::uint64_t inline_bytes = 0;
  std::uint64_t hash = 0;
  const TypeNode* elem = nullptr;
  const TypeNode* key = nullptr;
  std::string name;
  std::vector<std::string> labels;
  std::vector<TypeField> fields;
  // Field or label by name, for types with many; null for others.
  std::unique_ptr<std::unordered_map<std::string_view, int>> by_name;
  const TypeNode* circle = nullptr;  // the first of the types that it leads to and that lead back to it; or null
  TypeStoreState* store = nullptr;   // null: the program's, or built in; lives for ever
  // `[]this`, `?this`, once somebody asked; for types that live for ever.
  mutable std::atomic<const TypeNode*> list_of{nullptr};
  mutable std::atomic<const TypeNode*> optional_of{nullptr};
  mutable std::atomic<const TypeExtension*> extension{nullptr};  // vom's

  // Calls f(child) for every direct part, in order: key, elem, fields.
  template <class F>
  void each_part(F&& f) const {
    if (key) f(key);
    if (elem) f(elem);
    for (const auto& field : fields) f(field.type.node());
  }
};

namespace vdl {

// any, typeobject, scalars.
bool is_built_in(Kind kind);
const TypeNode* built_in(Kind kind);

constexpr bool is_strict(Kind kind) { return kind == Kind::kArray || kind == Kind::kStruct || kind == Kind::kUnion; }

// The unique string, cut off with "..." after about `limit` characters: unnamed types may expand exponentially.
std::string spell(const Type& type, std::size_t limit);
// For messages: short.
inline std::string spell_short(const Type& type) { return spell(type, 160); }

}  // namespace vdl
}  // namespace nb
