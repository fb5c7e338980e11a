#include "vdl/interner.h"

#include <algorithm>
#include <mutex>
#include <unordered_set>
#include <utility>

namespace nb::vdl {

namespace {
// So many types may be looked at to see that no name stands for two of them; only when there are such names at all.
constexpr std::size_t kMaxReach = 4096;
}  // namespace

Result<std::vector<const TypeNode*>> Interner::run() {
  const auto fail = [&]() -> Error {
    for (auto& staged : staged_) {
      for (auto& node : staged.nodes) node->fields.clear();  // while the nodes they look at still stand
    }
    return error_;
  };
  if (!resolve_bases() || !check_drafts()) return fail();
  nodes_.assign(drafts_.size(), nullptr);
  for (std::size_t i = 0; i < drafts_.size(); ++i) {
    if (drafts_[i].is_external) nodes_[i] = drafts_[i].external.node();
  }
  find_circles();

  std::unique_lock own(store_.mutex);
  std::unique_lock<std::mutex> program;
  if (!store_.is_program) program = std::unique_lock(TypeStoreState::program().mutex);
  for (const auto& circle : circles_) {
    const bool fine = in_circle_[circle[0]] ? intern_circle(circle) : intern_one(circle[0]);
    if (!fine) return fail();
  }
  if (!check_names() || !commit()) return fail();
  return nodes_;
}

bool Interner::fault(const TypeDraft& draft, const std::string& what) {
  error_ = Error("v.io/v23/verror.BadArg", RetryAction::kNoRetry, call(draft) + " " + what);
  return false;
}

// `type A B`: A gets the structure of what B stands for in the end.
bool Interner::resolve_bases() {
  for (std::size_t i = 0; i < drafts_.size(); ++i) {
    if (!drafts_[i].is_set) return fault(drafts_[i], "was never given a structure");
    if (!drafts_[i].is_base) continue;
    std::vector<std::size_t> chain;
    std::size_t at = i;
    while (drafts_[at].is_base) {
      chain.push_back(at);
      if (chain.size() > drafts_.size()) return fault(drafts_[i], "is defined by itself through names alone");
      at = drafts_[at].elem;
    }
    TypeDraft structure;
    if (drafts_[at].is_external) {
      const Type base = drafts_[at].external;
      const TypeNode& node = *base.node();
      const auto external = [&](const TypeNode* part) {
        TypeDraft draft;
        draft.external = Type(part);
        draft.is_external = draft.is_set = true;
        drafts_.push_back(std::move(draft));
        return static_cast<Ref>(drafts_.size() - 1);
      };
      structure.kind = node.kind;
      structure.len = node.len;
      structure.labels = node.labels;
      if (node.key) structure.key = external(node.key);
      if (node.elem) structure.elem = external(node.elem);
      structure.has_key = node.key != nullptr;
      structure.has_elem = node.elem != nullptr;
      for (const auto& field : node.fields) structure.fields.push_back({field.name, external(field.type.node())});
    } else {
      structure = drafts_[at];
    }
    structure.is_set = true;
    for (const std::size_t link : chain) {
      if (drafts_[link].name.empty()) return fault(drafts_[link], "needs a name, since it renames another type");
      std::string name = std::move(drafts_[link].name);
      drafts_[link] = structure;
      drafts_[link].name = std::move(name);
    }
  }
  return true;
}

bool Interner::check_drafts() {
  for (const auto& draft : drafts_) {
    if (draft.is_external) continue;
    if (auto what = own_fault(draft, store_.limits); !what.empty()) return fault(draft, what);
  }
  return true;
}

// Tarjan's algorithm with a stack of its own: the depth comes from outside.
void Interner::find_circles() {
  constexpr std::uint32_t kUnseen = UINT32_MAX;
  const std::size_t count = drafts_.size();
  std::vector<std::uint32_t> number(count, kUnseen), low(count, 0);
  std::vector<bool> on_path(count, false);
  std::vector<Ref> path;
  in_circle_.assign(count, false);
  struct Visit {
    Ref ref;
    std::vector<Ref> parts;
    std::size_t next = 0;
  };
  std::vector<Visit> visits;
  std::uint32_t counter = 0;
  const auto enter = [&](Ref ref) {
    number[ref] = low[ref] = counter++;
    path.push_back(ref);
    on_path[ref] = true;
    Visit visit{ref, {}};
    drafts_[ref].each_part([&](Ref part) {
      if (!drafts_[part].is_external) visit.parts.push_back(part);
      if (part == ref) in_circle_[ref] = true;
    });
    visits.push_back(std::move(visit));
  };
  for (Ref root = 0; root < count; ++root) {
    if (drafts_[root].is_external || number[root] != kUnseen) continue;
    enter(root);
    while (!visits.empty()) {
      Visit& visit = visits.back();
      if (visit.next < visit.parts.size()) {
        const Ref part = visit.parts[visit.next++];
        if (number[part] == kUnseen) {
          enter(part);
        } else if (on_path[part]) {
          low[visit.ref] = std::min(low[visit.ref], number[part]);
        }
        continue;
      }
      const Ref ref = visit.ref;
      visits.pop_back();
      if (!visits.empty()) low[visits.back().ref] = std::min(low[visits.back().ref], low[ref]);
      if (low[ref] != number[ref]) continue;
      std::vector<Ref> circle;
      do {
        circle.push_back(path.back());
        on_path[path.back()] = false;
        path.pop_back();
      } while (circle.back() != ref);
      if (circle.size() > 1) {
        for (const Ref member : circle) in_circle_[member] = true;
      }
      circles_.push_back(std::move(circle));
    }
  }
}

// No type may lead to two different types of one name, or its unique string would say too little. That can only be when
// some name stands for two types at all, which is rare; then the new types are searched.
bool Interner::check_names() {
  const auto& program = TypeStoreState::program();
  bool ambiguous = store_.has_ambiguous_names || program.has_ambiguous_names;
  for (const auto& staged : staged_) {
    for (const auto& node : staged.nodes) {
      if (node->name.empty()) continue;
      ambiguous |= store_.by_name.contains(node->name) || program.by_name.contains(node->name);
    }
  }
  if (!ambiguous) return true;
  for (const auto& staged : staged_) {
    std::unordered_map<std::string_view, const TypeNode*> names;
    std::unordered_set<const TypeNode*> seen{staged.nodes[0].get()};
    std::vector<const TypeNode*> open{staged.nodes[0].get()};
    bool fine = true;
    while (!open.empty() && fine) {
      const TypeNode* node = open.back();
      open.pop_back();
      if (!node->name.empty()) fine = names.emplace(node->name, node).first->second == node;
      node->each_part([&](const TypeNode* part) {
        if (seen.insert(part).second) open.push_back(part);
      });
      if (!store_.is_program && seen.size() > kMaxReach) fine = false;
    }
    if (fine) continue;
    TypeDraft draft;
    draft.name = staged.nodes[0]->name;
    draft.kind = staged.nodes[0]->kind;
    return fault(draft, "leads to two different types of one name");
  }
  return true;
}

bool Interner::commit() {
  std::size_t added = 0;
  for (const auto& staged : staged_) added += staged.nodes.size();
  if (added > store_.limits.max_types || store_.nodes.size() > store_.limits.max_types - added) {
    error_ = Error("v.io/v23/verror.BadArg", RetryAction::kNoRetry, "too many types");
    return false;
  }
  // Handles inside nodes to nodes of the same store are not counted (type_store.h). To new nodes they are not yet.
  for (const auto& staged : staged_) {
    for (const auto& node : staged.nodes) {
      for (const auto& field : node->fields) {
        if (field.type.node()->store == &store_) store_.drop_reference();
      }
    }
  }
  for (auto& staged : staged_) {
    store_.add(std::move(staged.key), std::move(staged.nodes));
    for (auto& [entrance, node] : staged.entrances) store_.by_key.emplace(std::move(entrance), std::vector{node});
  }
  return true;
}

}  // namespace nb::vdl
