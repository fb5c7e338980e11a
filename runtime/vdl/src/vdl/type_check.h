// The rules of docs/spec/vom.md 10.3 that one description can break by itself. Rules that need its parts or the whole
// cycle are checked where the parts are known: type_builder.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nb/vdl/type_store.h>

#include "vdl/type_node.h"

namespace nb::vdl {

// A type as it was described to a TypeBuilder; parts are indices of drafts.
struct TypeDraft {
  Type external;  // when is_external: an existing type, and nothing else counts
  bool is_external = false;
  bool is_set = false;
  bool is_base = false;       // the structure is that of draft `elem`, until names are resolved
  bool is_anonymous = false;  // made by list(), set(), map(), optional()
  Kind kind = Kind::kAny;
  bool has_elem = false;
  bool has_key = false;
  std::uint32_t elem = 0;
  std::uint32_t key = 0;
  std::uint64_t len = 0;
  std::string name;
  std::vector<std::string> labels;
  std::vector<TypeBuilder::Field> fields;

  template <class F>
  void each_part(F&& f) const {
    if (has_key) f(key);
    if (has_elem) f(elem);
    for (const auto& field : fields) f(field.type);
  }
};

// Empty, or what is wrong with `draft`, without its name.
std::string own_fault(const TypeDraft& draft, const TypeLimits& limits);

// How a message calls the type: "type `p.A`", or "an unnamed list".
std::string call(const TypeDraft& draft);

}  // namespace nb::vdl
