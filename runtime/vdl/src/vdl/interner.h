// Interning: turns a group of drafts into nodes of a store.
//
// Identity of types is equality of unique strings (docs/spec/vom.md 10.2), but those may be exponentially long.
// Instead:
//
// * Drafts are taken in groups that refer to each other in a circle (strongly connected components), parts first. Parts
//   outside the group are interned already, so their pointers stand for them.
// * A type that is in no circle has the key: kind, name, length, labels, field names, pointers of the parts.
// * In a circle every name stands for one type, and every circle passes a name. So unnamed types between the names are
//   merged when they are equal, drafts of one name too, and what is left is walked from the smallest name in a fixed
//   order: the key of the whole circle. Its types are interned together.
//
// All strings in keys have their length in front. Time and memory are linear in the drafts but for sorting.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <nb/base/result.h>

#include "vdl/type_check.h"
#include "vdl/type_node.h"
#include "vdl/type_store.h"

namespace nb::vdl {

class Interner {
 public:
  Interner(std::vector<TypeDraft> drafts, TypeStoreState& store) : drafts_(std::move(drafts)), store_(store) {}

  // The nodes of all drafts, in order; or the error, with nothing interned.
  Result<std::vector<const TypeNode*>> run();

 private:
  using Ref = TypeBuilder::Ref;
  // One distinct type of a circle.
  struct Member {
    Ref draft;
    std::string key;  // what it is, with members and outside nodes for parts
    const TypeNode* node = nullptr;
  };

  bool resolve_bases();
  bool check_drafts();
  void find_circles();  // fills circles_, parts first
  bool intern_one(Ref ref);
  bool intern_circle(const std::vector<Ref>& circle);
  bool check_circle(const std::vector<Ref>& circle);
  std::vector<Ref> order_without(const std::vector<Ref>& circle, bool (Interner::*left_out)(Ref) const,
                                 bool& complete) const;
  bool is_named(Ref ref) const { return !drafts_[ref].name.empty(); }
  bool is_loose(Ref ref) const { return !is_strict(drafts_[ref].kind); }
  bool check_parts(Ref ref);
  bool check_names();
  bool commit();

  std::unique_ptr<TypeNode> make_node(const TypeDraft& draft) const;
  template <class PartNode>
  void connect(TypeNode& node, const TypeDraft& draft, PartNode&& part) const;
  bool measure(TypeNode& node, const TypeDraft& draft, std::uint32_t members);
  template <class SpellPart>
  std::string key_of(const TypeDraft& draft, SpellPart&& spell_part) const;
  const std::vector<const TypeNode*>* known(const std::string& key) const;
  void stage(std::string key, std::vector<std::unique_ptr<TypeNode>> nodes);
  bool fault(const TypeDraft& draft, const std::string& what);

  std::vector<TypeDraft> drafts_;
  TypeStoreState& store_;
  std::vector<const TypeNode*> nodes_;  // of each draft, once interned
  std::vector<std::vector<Ref>> circles_;
  std::vector<bool> in_circle_;
  // New nodes, not yet in the store.
  struct Staged {
    std::string key;
    std::vector<std::unique_ptr<TypeNode>> nodes;
    std::vector<std::pair<std::string, const TypeNode*>> entrances{};  // further keys, of members of a circle
  };
  std::vector<Staged> staged_;
  std::unordered_map<std::string, std::vector<const TypeNode*>> staged_keys_;
  std::map<std::string, const TypeNode*, std::less<>> names_;  // of this build
  Error error_;
};

}  // namespace nb::vdl
