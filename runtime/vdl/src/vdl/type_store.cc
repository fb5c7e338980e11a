#include "vdl/type_store.h"

#include <utility>

namespace nb {

TypeStoreState::~TypeStoreState() {
  // The handles inside look at their nodes when they go, so they go while all nodes still stand.
  for (auto& node : nodes) node->fields.clear();
}

TypeStoreState& TypeStoreState::program() {
  // The one global that architecture.md allows. Never destroyed: types may be used by destructors of static objects.
  static auto& state = *new TypeStoreState(TypeLimits{.max_types = SIZE_MAX,
                                                      .max_depth = 500,
                                                      .max_inline_bytes = std::uint64_t{1} << 30,
                                                      .max_fields = 1u << 20,
                                                      .max_name_bytes = 1u << 16},
                                           true);
  return state;
}

const std::vector<const TypeNode*>* TypeStoreState::find(const std::string& key) const {
  const auto found = by_key.find(key);
  return found == by_key.end() ? nullptr : &found->second;
}

void TypeStoreState::add(std::string key, std::vector<std::unique_ptr<TypeNode>> added) {
  std::vector<const TypeNode*> list;
  list.reserve(added.size());
  for (auto& node : added) {
    node->store = is_program ? nullptr : this;
    list.push_back(node.get());
    if (!node->name.empty() && !by_name.emplace(node->name, node.get()).second) has_ambiguous_names = true;
  }
  by_key.emplace(std::move(key), std::move(list));
  for (auto& node : added) nodes.push_back(std::move(node));
}

TypeStore::TypeStore(const TypeLimits& limits) : state_(new TypeStoreState(limits, false)) {}

TypeStore::~TypeStore() {
  if (!state_->is_program) state_->drop_reference();
}

TypeStore& TypeStore::program() {
  static auto& store = *new TypeStore(&TypeStoreState::program());
  return store;
}

std::size_t TypeStore::size() const {
  const std::lock_guard lock(state_->mutex);
  return state_->nodes.size();
}

}  // namespace nb
