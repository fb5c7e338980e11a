// TypeBuilder collects drafts; the Interner makes types of them.
#include <utility>

#include <nb/base/check.h>

#include "vdl/interner.h"

namespace nb {

struct TypeBuilder::State {
  TypeStoreState* store = nullptr;
  std::vector<vdl::TypeDraft> drafts;
  std::vector<Ref> placeholders;
};

TypeBuilder::TypeBuilder() : TypeBuilder(TypeStoreState::program()) {}
TypeBuilder::TypeBuilder(TypeStore& store) : TypeBuilder(*store.state()) {}
TypeBuilder::TypeBuilder(TypeStoreState& store) : state_(std::make_unique<State>()) { state_->store = &store; }
TypeBuilder::~TypeBuilder() = default;

TypeBuilder::Ref TypeBuilder::ref(const Type& type) {
  vdl::TypeDraft draft;
  draft.external = type;
  draft.is_external = true;
  draft.is_set = true;
  state_->drafts.push_back(std::move(draft));
  return static_cast<Ref>(state_->drafts.size() - 1);
}

TypeBuilder::Ref TypeBuilder::named(std::string name) {
  vdl::TypeDraft draft;
  draft.name = std::move(name);
  state_->drafts.push_back(std::move(draft));
  state_->placeholders.push_back(static_cast<Ref>(state_->drafts.size() - 1));
  return state_->placeholders.back();
}

namespace {
vdl::TypeDraft& unset(std::vector<vdl::TypeDraft>& drafts, TypeBuilder::Ref ref, Kind kind) {
  NB_CHECK(ref < drafts.size() && !drafts[ref].is_set, "a placeholder gets its structure once");
  drafts[ref].is_set = true;
  drafts[ref].kind = kind;
  return drafts[ref];
}
}  // namespace

void TypeBuilder::set_base(Ref placeholder, Ref base) {
  auto& draft = unset(state_->drafts, placeholder, Kind::kAny);
  draft.is_base = true;
  draft.elem = base;
}
void TypeBuilder::set_enum(Ref placeholder, std::vector<std::string> labels) {
  unset(state_->drafts, placeholder, Kind::kEnum).labels = std::move(labels);
}
void TypeBuilder::set_array(Ref placeholder, std::uint64_t len, Ref elem) {
  auto& draft = unset(state_->drafts, placeholder, Kind::kArray);
  draft.len = len;
  draft.elem = elem;
  draft.has_elem = true;
}
void TypeBuilder::set_list(Ref placeholder, Ref elem) {
  auto& draft = unset(state_->drafts, placeholder, Kind::kList);
  draft.elem = elem;
  draft.has_elem = true;
}
void TypeBuilder::set_set(Ref placeholder, Ref key) {
  auto& draft = unset(state_->drafts, placeholder, Kind::kSet);
  draft.key = key;
  draft.has_key = true;
}
void TypeBuilder::set_map(Ref placeholder, Ref key, Ref elem) {
  auto& draft = unset(state_->drafts, placeholder, Kind::kMap);
  draft.key = key;
  draft.elem = elem;
  draft.has_key = draft.has_elem = true;
}
void TypeBuilder::set_optional(Ref placeholder, Ref elem) {
  auto& draft = unset(state_->drafts, placeholder, Kind::kOptional);
  draft.elem = elem;
  draft.has_elem = true;
}
void TypeBuilder::set_struct(Ref placeholder, std::vector<Field> fields) {
  unset(state_->drafts, placeholder, Kind::kStruct).fields = std::move(fields);
}
void TypeBuilder::set_union(Ref placeholder, std::vector<Field> fields) {
  unset(state_->drafts, placeholder, Kind::kUnion).fields = std::move(fields);
}

TypeBuilder::Ref TypeBuilder::list(Ref elem) {
  const Ref made = named("");
  set_list(made, elem);
  return made;
}
TypeBuilder::Ref TypeBuilder::set(Ref key) {
  const Ref made = named("");
  set_set(made, key);
  return made;
}
TypeBuilder::Ref TypeBuilder::map(Ref key, Ref elem) {
  const Ref made = named("");
  set_map(made, key, elem);
  return made;
}
TypeBuilder::Ref TypeBuilder::optional(Ref elem) {
  const Ref made = named("");
  set_optional(made, elem);
  return made;
}

Result<std::vector<Type>> TypeBuilder::build() {
  vdl::Interner interner(std::move(state_->drafts), *state_->store);
  auto nodes = interner.run();
  if (!nodes) return nodes.error();
  std::vector<Type> types;
  types.reserve(state_->placeholders.size());
  for (const Ref ref : state_->placeholders) types.emplace_back((*nodes)[ref]);
  return types;
}

}  // namespace nb
