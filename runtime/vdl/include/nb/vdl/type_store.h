// TypeStore: where types live. There is one for the whole program, which holds what the program names, for ever; and
// every connection makes one for what its peer sends. A type that the program knows already is taken from there.
//
// A store is kept alive by the handles of its types, so it may be dropped before them. Safe from any thread; looking at
// types takes no lock.
#pragma once

#include <cstddef>
#include <cstdint>

#include <nb/vdl/type.h>

namespace nb {

// What a store accepts; see docs/spec/vom.md 12.1.
struct TypeLimits {
  std::size_t max_types = 64 * 1024;
  std::uint32_t max_depth = 100;               // types inside each other
  std::uint64_t max_inline_bytes = 16u << 20;  // Type::inline_bytes() of each
  std::size_t max_fields = 64 * 1024;          // fields or labels of one type
  std::size_t max_name_bytes = 4096;
};

class TypeStore {
 public:
  explicit TypeStore(const TypeLimits& limits = TypeLimits());
  ~TypeStore();
  TypeStore(const TypeStore&) = delete;
  TypeStore& operator=(const TypeStore&) = delete;

  // The process-wide one.
  static TypeStore& program();

  std::size_t size() const;  // types that live here

  TypeStoreState* state() const { return state_; }  // for the vdl layer

 private:
  explicit TypeStore(TypeStoreState* state) : state_(state) {}

  // Counted by hand: the handles of its types are its other owners.
  TypeStoreState* state_;
};

}  // namespace nb
