// The part of the Interner that makes nodes: one type alone, or the types of a circle together.
#include <algorithm>
#include <charconv>
#include <utility>

#include "vdl/interner.h"

namespace nb::vdl {

namespace {

void add_number(std::string& key, std::uint64_t number) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  key.append(digits, end);
  key += ',';
}

void add_text(std::string& key, std::string_view text) {
  add_number(key, text.size());
  key += text;
}

void add_node(std::string& key, const TypeNode* node) {
  key += 'p';
  add_number(key, reinterpret_cast<std::uintptr_t>(node));
}

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash ^ (hash >> 29);
}

std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}
std::uint64_t saturating_multiply(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

}  // namespace

template <class SpellPart>
std::string Interner::key_of(const TypeDraft& draft, SpellPart&& spell_part) const {
  std::string key(1, static_cast<char>('A' + static_cast<int>(draft.kind)));
  add_text(key, draft.name);
  switch (draft.kind) {
    case Kind::kEnum:
      add_number(key, draft.labels.size());
      for (const auto& label : draft.labels) add_text(key, label);
      break;
    case Kind::kArray:
      add_number(key, draft.len);
      break;
    case Kind::kStruct:
    case Kind::kUnion:
      add_number(key, draft.fields.size());
      for (const auto& field : draft.fields) {
        add_text(key, field.name);
        spell_part(key, field.type);
      }
      return key;
    default:
      break;
  }
  if (draft.has_key) spell_part(key, draft.key);
  if (draft.has_elem) spell_part(key, draft.elem);
  return key;
}

const std::vector<const TypeNode*>* Interner::known(const std::string& key) const {
  if (!store_.is_program) {
    if (const auto* found = TypeStoreState::program().find(key)) return found;
  }
  if (const auto* found = store_.find(key)) return found;
  const auto staged = staged_keys_.find(key);
  return staged == staged_keys_.end() ? nullptr : &staged->second;
}

void Interner::stage(std::string key, std::vector<std::unique_ptr<TypeNode>> nodes) {
  std::vector<const TypeNode*> list;
  for (const auto& node : nodes) list.push_back(node.get());
  staged_keys_.emplace(key, std::move(list));
  staged_.push_back(Staged{std::move(key), std::move(nodes)});
}

std::unique_ptr<TypeNode> Interner::make_node(const TypeDraft& draft) const {
  auto node = std::make_unique<TypeNode>();
  node->kind = draft.kind;
  node->name = draft.name;
  node->len = draft.len;
  node->labels = draft.labels;
  return node;
}

template <class PartNode>
void Interner::connect(TypeNode& node, const TypeDraft& draft, PartNode&& part) const {
  if (draft.has_key) node.key = part(draft.key);
  if (draft.has_elem) node.elem = part(draft.elem);
  node.fields.reserve(draft.fields.size());
  for (const auto& field : draft.fields) node.fields.push_back(TypeField{field.name, Type(part(field.type))});
  constexpr std::size_t kFew = 16;
  if (node.fields.size() <= kFew && node.labels.size() <= kFew) return;
  node.by_name = std::make_unique<std::unordered_map<std::string_view, int>>();
  for (std::size_t i = 0; i < node.fields.size(); ++i) {
    node.by_name->emplace(node.fields[i].name, static_cast<int>(i));
  }
  for (std::size_t i = 0; i < node.labels.size(); ++i) node.by_name->emplace(node.labels[i], static_cast<int>(i));
}

// What follows from the parts, which are measured already (in a circle: those that matter). `members`: of its circle.
bool Interner::measure(TypeNode& node, const TypeDraft& draft, std::uint32_t members) {
  bool keys_only = true;
  std::uint32_t depth = 0;
  node.contains_any = node.contains_type_object = false;
  node.each_part([&](const TypeNode* part) {
    node.contains_any |= part->contains_any;
    node.contains_type_object |= part->contains_type_object;
    keys_only &= part->can_be_key;
    depth = std::max(depth, part->depth);
  });
  node.can_be_key = members == 0 && keys_only && node.kind != Kind::kList && node.kind != Kind::kSet &&
                    node.kind != Kind::kMap && node.kind != Kind::kOptional;
  if (members == 0) node.depth = depth + 1;
  constexpr std::uint64_t kCell = 16;  // a scalar, or the pointer to what lies elsewhere
  node.inline_bytes = kCell;
  if (node.kind == Kind::kArray) {
    const bool is_bytes = node.elem->kind == Kind::kByte;
    node.inline_bytes += saturating_multiply(node.len, is_bytes ? 1 : node.elem->inline_bytes);
    if (node.inline_bytes < kCell) node.inline_bytes = UINT64_MAX;
  } else if (node.kind == Kind::kStruct || node.kind == Kind::kUnion) {
    for (const auto& field : node.fields) {
      node.inline_bytes = saturating_add(node.inline_bytes, field.type.node()->inline_bytes);
    }
  }
  if (node.inline_bytes > store_.limits.max_inline_bytes)
    return fault(draft, "is too large: its zero value alone would fill the memory");
  if (node.depth > store_.limits.max_depth) return fault(draft, "is nested too deeply");
  return true;
}

bool Interner::check_parts(Ref ref) {
  const TypeDraft& draft = drafts_[ref];
  const auto kind_of = [&](Ref part) { return nodes_[part] ? nodes_[part]->kind : drafts_[part].kind; };
  if (draft.kind == Kind::kOptional) {
    const bool named = nodes_[draft.elem] ? !nodes_[draft.elem]->name.empty() : is_named(draft.elem);
    if (kind_of(draft.elem) != Kind::kStruct || !named) {
      return fault(draft, "is of `" +
                              (nodes_[draft.elem] ? spell_short(Type(nodes_[draft.elem])) : call(drafts_[draft.elem])) +
                              "`, but only a named struct may be optional");
    }
  }
  if (draft.has_key) {
    // A part in the same circle contains a list, set, map or optional, or the circle would be infinite.
    if (!nodes_[draft.key]) return fault(draft, "has a key that contains the type itself");
    if (!nodes_[draft.key]->can_be_key) {
      return fault(draft, "has the key `" + spell_short(Type(nodes_[draft.key])) + "`, which cannot be a key");
    }
  }
  return true;
}

bool Interner::intern_one(Ref ref) {
  const TypeDraft& draft = drafts_[ref];
  if (!check_parts(ref)) return false;
  if (draft.name.empty() && is_built_in(draft.kind)) {
    nodes_[ref] = built_in(draft.kind);
    return true;
  }
  std::string key = key_of(draft, [&](std::string& text, Ref part) { add_node(text, nodes_[part]); });
  if (const auto* found = known(key)) {
    nodes_[ref] = (*found)[0];
  } else {
    auto node = make_node(draft);
    connect(*node, draft, [&](Ref part) { return nodes_[part]; });
    node->hash = hash_of(key_of(draft, [&](std::string& text, Ref part) { add_number(text, nodes_[part]->hash); }));
    nodes_[ref] = node.get();
    const bool fine = measure(*node, draft, 0);
    std::vector<std::unique_ptr<TypeNode>> nodes;
    nodes.push_back(std::move(node));
    stage(std::move(key), std::move(nodes));
    if (!fine) return false;
  }
  if (!draft.name.empty()) {
    const auto [known_name, fresh] = names_.emplace(draft.name, nodes_[ref]);
    if (!fresh && known_name->second != nodes_[ref]) return fault(draft, "is defined twice, differently");
  }
  return true;
}

// The drafts of a circle for which `left_out` is false, parts first; `complete` is false if they still form a circle.
std::vector<TypeBuilder::Ref> Interner::order_without(const std::vector<Ref>& circle,
                                                      bool (Interner::*left_out)(Ref) const, bool& complete) const {
  struct Waiting {
    std::size_t parts = 0;     // that it waits for
    std::vector<Ref> users{};  // that wait for it
  };
  std::map<Ref, Waiting> open;
  for (const Ref ref : circle) {
    if (!(this->*left_out)(ref)) open[ref];
  }
  for (auto& entry : open) {
    drafts_[entry.first].each_part([&](Ref part) {
      const auto found = open.find(part);
      if (found == open.end()) return;
      found->second.users.push_back(entry.first);
      ++entry.second.parts;
    });
  }
  std::vector<Ref> order;
  for (const auto& [ref, waiting] : open) {
    if (waiting.parts == 0) order.push_back(ref);
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (const Ref user : open[order[i]].users) {
      if (--open[user].parts == 0) order.push_back(user);
    }
  }
  complete = order.size() == open.size();
  return order;
}

bool Interner::check_circle(const std::vector<Ref>& circle) {
  for (const Ref ref : circle) {
    if (!check_parts(ref)) return false;
  }
  bool complete = false;
  (void)order_without(circle, &Interner::is_named, complete);
  if (!complete) return fault(drafts_[circle[0]], "contains itself without any name on the way");
  (void)order_without(circle, &Interner::is_loose, complete);
  if (!complete) {
    const auto named = std::ranges::find_if(circle, [&](Ref ref) { return is_named(ref); });
    return fault(drafts_[*named],
                 "contains itself, so that its values would be infinite; an optional, list or map on "
                 "the way would end that");
  }
  return true;
}

bool Interner::intern_circle(const std::vector<Ref>& circle) {
  if (!check_circle(circle)) return false;

  // One member for each name, and for each distinct unnamed type between them.
  std::vector<Member> members;
  std::unordered_map<Ref, std::size_t> member_of;
  std::map<std::string, std::size_t, std::less<>> by_name;
  for (const Ref ref : circle) {
    if (!is_named(ref)) continue;
    const auto [found, fresh] = by_name.emplace(drafts_[ref].name, members.size());
    if (fresh) members.push_back(Member{ref, ""});
    member_of[ref] = found->second;
  }
  const auto spell_part = [&](std::string& text, Ref part) {
    if (nodes_[part]) return add_node(text, nodes_[part]);
    text += 'm';
    add_number(text, member_of.at(part));
  };
  bool complete = false;
  std::unordered_map<std::string, std::size_t> unnamed;
  for (const Ref ref : order_without(circle, &Interner::is_named, complete)) {
    const auto [found, fresh] = unnamed.emplace(key_of(drafts_[ref], spell_part), members.size());
    if (fresh) members.push_back(Member{ref, ""});
    member_of[ref] = found->second;
  }
  for (const Ref ref : circle) {
    std::string key = key_of(drafts_[ref], spell_part);
    std::string& known_key = members[member_of[ref]].key;
    if (known_key.empty()) {
      known_key = std::move(key);
    } else if (known_key != key) {
      return fault(drafts_[ref], "is defined twice, differently");
    }
  }

  // From the smallest name, depth first.
  std::vector<std::size_t> order, place(members.size(), SIZE_MAX);
  std::vector<std::size_t> open{by_name.begin()->second};
  while (!open.empty()) {
    const std::size_t member = open.back();
    open.pop_back();
    if (place[member] != SIZE_MAX) continue;
    place[member] = order.size();
    order.push_back(member);
    const std::size_t first_part = open.size();
    drafts_[members[member].draft].each_part([&](Ref part) {
      if (!nodes_[part]) open.push_back(member_of.at(part));
    });
    std::reverse(open.begin() + static_cast<std::ptrdiff_t>(first_part), open.end());
  }
  std::string key = "circle", hashed = "circle";
  for (const std::size_t member : order) {
    const auto with = [&](auto outside) {
      return key_of(drafts_[members[member].draft], [&](std::string& text, Ref part) {
        if (nodes_[part]) return outside(text, nodes_[part]);
        text += 'm';
        add_number(text, place[member_of.at(part)]);
      });
    };
    key += with([](std::string& text, const TypeNode* node) { add_node(text, node); });
    hashed += with([](std::string& text, const TypeNode* node) { add_number(text, node->hash); });
  }

  if (const auto* found = known(key)) {
    for (const Ref ref : circle) nodes_[ref] = (*found)[place[member_of[ref]]];
  } else {
    std::vector<std::unique_ptr<TypeNode>> made;
    for (const std::size_t member : order) made.push_back(make_node(drafts_[members[member].draft]));
    std::uint32_t depth = 0;
    bool any = false, type_object = false;
    for (std::size_t i = 0; i < order.size(); ++i) {
      const TypeDraft& draft = drafts_[members[order[i]].draft];
      connect(*made[i], draft, [&](Ref part) {
        if (!nodes_[part]) return static_cast<const TypeNode*>(made[place[member_of.at(part)]].get());
        depth = std::max(depth, nodes_[part]->depth);
        any |= nodes_[part]->contains_any;
        type_object |= nodes_[part]->contains_type_object;
        return nodes_[part];
      });
    }
    // A circle counts less than a chain of as many types: nothing needs to nest as deeply as it is long. What walks
    // over types by recursion goes at most 16 levels for each of `depth`.
    depth += 1 + static_cast<std::uint32_t>(order.size()) / 16;
    const std::uint64_t hash = hash_of(hashed);
    for (std::size_t i = 0; i < made.size(); ++i) {
      made[i]->depth = depth;
      made[i]->inline_bytes = 16;
      made[i]->circle = made[0].get();
      made[i]->hash = hash ^ (0x9e3779b97f4a7c15u * (i + 1));
    }
    bool fine = true;
    for (const Ref ref : order_without(circle, &Interner::is_loose, complete)) {
      fine = fine && measure(*made[place[member_of[ref]]], drafts_[ref], static_cast<std::uint32_t>(order.size()));
    }
    for (const auto& node : made) {
      node->contains_any = any;
      node->contains_type_object = type_object;
    }
    if (depth > store_.limits.max_depth) fine = fault(drafts_[circle[0]], "is nested too deeply");
    for (const Ref ref : circle) nodes_[ref] = made[place[member_of[ref]]].get();
    // A type outside of the circle that has the same parts as a member is that member: `A` in `A []B, B []A2, A2 []B`
    // where A2 has the name of A.
    std::vector<std::pair<std::string, const TypeNode*>> entrances;
    for (std::size_t i = 0; i < order.size(); ++i) {
      entrances.emplace_back(
          key_of(drafts_[members[order[i]].draft], [&](std::string& text, Ref part) { add_node(text, nodes_[part]); }),
          made[i].get());
    }
    stage(std::move(key), std::move(made));
    staged_.back().entrances = entrances;
    for (auto& [entrance, node] : entrances) staged_keys_.emplace(std::move(entrance), std::vector{node});
    if (!fine) return false;
  }
  for (const auto& [name, member] : by_name) {
    const TypeNode* node = nodes_[members[member].draft];
    const auto [known_name, fresh] = names_.emplace(name, node);
    if (!fresh && known_name->second != node)
      return fault(drafts_[members[member].draft], "is defined twice, differently");
  }
  return true;
}

}  // namespace nb::vdl
