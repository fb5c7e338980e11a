// Compatibility of types (docs/spec/vom.md 11.1). All rules ask for other pairs to be compatible as well, never for
// alternatives, so the pairs can be worked off from a list; a pair that was met before is assumed compatible.
#include <set>
#include <utility>
#include <vector>

#include <nb/vdl/value.h>

#include "vdl/type_node.h"

namespace nb {

namespace {

// More pairs than any two types that somebody wrote have; hostile ones could have billions.
constexpr std::size_t kMaxPairs = 100'000;

bool is_number(Kind kind) { return kind >= Kind::kByte && kind <= Kind::kFloat64; }

}  // namespace

bool compatible(const Type& first, const Type& second) {
  if (first == second) return true;
  using Pair = std::pair<const TypeNode*, const TypeNode*>;
  std::set<Pair> seen;
  std::vector<Pair> open;
  const auto require = [&](const TypeNode* a, const TypeNode* b) {
    while (a->kind == Kind::kOptional) a = a->elem;
    while (b->kind == Kind::kOptional) b = b->elem;
    if (a == b || a->kind == Kind::kAny || b->kind == Kind::kAny) return;
    if (seen.emplace(a, b).second) open.emplace_back(a, b);
  };
  require(first.node(), second.node());
  while (!open.empty()) {
    if (seen.size() > kMaxPairs) return false;
    const auto [a, b] = open.back();
    open.pop_back();
    switch (a->kind) {
      case Kind::kBool:
      case Kind::kTypeObject:
        if (a->kind != b->kind) return false;
        break;
      case Kind::kString:
      case Kind::kEnum:
        if (b->kind != Kind::kString && b->kind != Kind::kEnum) return false;
        break;
      case Kind::kArray:
      case Kind::kList:
        if (b->kind != Kind::kArray && b->kind != Kind::kList) return false;
        require(a->elem, b->elem);
        break;
      case Kind::kSet:
      case Kind::kMap:
        if (a->kind != b->kind) return false;
        require(a->key, b->key);
        if (a->kind == Kind::kMap) require(a->elem, b->elem);
        break;
      case Kind::kStruct:
      case Kind::kUnion: {
        if (a->kind != b->kind) return false;
        if (a->kind == Kind::kStruct && (a->fields.empty() || b->fields.empty())) break;
        bool shared = false;
        const Type other(b);
        for (const auto& field : a->fields) {
          const int index = other.field_index(field.name);
          if (index < 0) continue;
          shared = true;
          require(field.type.node(), b->fields[static_cast<std::size_t>(index)].type.node());
        }
        if (!shared) return false;
        break;
      }
      default:
        if (!is_number(a->kind) || !is_number(b->kind)) return false;
        break;
    }
  }
  return true;
}

}  // namespace nb
