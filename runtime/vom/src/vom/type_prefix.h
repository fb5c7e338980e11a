// TypePrefix: what a stream of types and values begins with when its first value has a type that the program names: the
// version byte and always the same type messages. Made once for each such type and kept with it, so it costs one copy
// to write and one comparison to read.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include <nb/base/bytes.h>
#include <nb/vdl/type.h>

#include "vdl/type_node.h"
#include "vom/wire_type.h"

namespace nb::vom {

struct TypeHash {
  std::size_t operator()(const Type& type) const { return static_cast<std::size_t>(type.hash()); }
};
using TypeIds = std::unordered_map<Type, TypeId, TypeHash>;

struct TypePrefix final : TypeExtension {
  Bytes bytes;
  std::vector<Type> types;  // of the ids from kFirstUserId on
  TypeIds ids;
};

// Null for types of peers, which come and go, and for built-in types, which need no messages. Any thread.
const TypePrefix* prefix_of(const Type& type);

}  // namespace nb::vom
