// What stands behind a TypeStore.
//
// Nodes refer to nodes of the same store or of the program's. `references` counts the TypeStore object and the handles
// outside; handles inside nodes (fields) are taken off the count when the nodes are added, or a store could never go.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include <nb/vdl/type_store.h>

#include "vdl/type_node.h"

namespace nb {

struct TypeStoreState {
  explicit TypeStoreState(const TypeLimits& limits, bool program) : limits(limits), is_program(program) {}
  ~TypeStoreState();

  static TypeStoreState& program();

  void add_reference() { references.fetch_add(1, std::memory_order_relaxed); }
  void drop_reference() {
    if (references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  // The following with `mutex` held.
  // Nodes interned under a key: one, or all of a cycle in canonical order. Null if there are none.
  const std::vector<const TypeNode*>* find(const std::string& key) const;
  void add(std::string key, std::vector<std::unique_ptr<TypeNode>> nodes);

  const TypeLimits limits;
  const bool is_program;
  std::atomic<std::int64_t> references{1};
  mutable std::mutex mutex;
  std::unordered_map<std::string, std::vector<const TypeNode*>> by_key;
  std::unordered_map<std::string_view, const TypeNode*> by_name;
  bool has_ambiguous_names = false;  // some name stands for more than one type here
  std::vector<std::unique_ptr<TypeNode>> nodes;
};

}  // namespace nb
