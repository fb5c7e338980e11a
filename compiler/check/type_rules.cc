#include "check/type_rules.h"

#include <algorithm>

#include "check/caps.h"
#include "check/identifiers.h"
#include "check/messages.h"
#include "check/walk.h"

namespace vdlc::passes {
namespace {

using Kind = TypeForm::Kind;

const ast::TypeDef& type_tree(const Scope& scope, const Def& def) { return scope.file(def.file).type_defs[def.index]; }

// Are the values of the parts inside the value itself, and not behind a list, a map or an optional?
bool holds_its_parts(const ast::Type& type) {
  return std::holds_alternative<ast::ArrayType>(type.form) || std::holds_alternative<ast::StructType>(type.form) ||
         std::holds_alternative<ast::UnionType>(type.form);
}

constexpr std::uint64_t kCellBytes = 16;  // what nb::Type::inline_bytes() counts for a scalar

class Rules {
 public:
  Rules(Scope& scope, const TypeGraph& graph, TypeForms& forms, Diagnostics& diagnostics)
      : scope_(scope), graph_(graph), forms_(forms), diagnostics_(diagnostics) {}

  void check() {
    check_cycles();
    spread_poison();
    check_depth();
    check_size();
    spread_poison();
    learn_kinds();
    for (std::uint32_t f = 0; f < forms_.size(); ++f) check_parts(f);
    check_exports();
    spread_poison();
  }

 private:
  TypeForm& form(std::uint32_t file, ast::TypeId id) { return forms_[file][static_cast<std::size_t>(id)]; }
  Def& def_of(std::uint32_t node) { return scope_.def(graph_.defs[node]); }
  ast::TypeId body_id(std::uint32_t node) { return type_tree(scope_, def_of(node)).type; }
  TypeForm& body(std::uint32_t node) { return form(def_of(node).file, body_id(node)); }
  const ast::Type& body_tree(std::uint32_t node) { return scope_.file(def_of(node).file).type(body_id(node)); }
  std::uint32_t node_of(DefId def) const { return graph_.node_of_def[static_cast<std::size_t>(def)]; }

  // ---- cycles ----

  void check_cycles() {
    for (const auto& component : components(graph_.strict)) {
      if (!is_cycle(graph_.strict, component)) continue;
      const auto is_alias = [&](std::uint32_t node) { return body(node).kind == Kind::kLocal; };
      const auto& name = def_of(component[0]).name->text;
      const Span at = step_within(component, component[0]);
      auto& diagnostic = std::all_of(component.begin(), component.end(), is_alias)
                             ? diagnostics_.error(at, kAliasCycle, name)
                             : diagnostics_.error(at, kStrictCycle, name);
      for (const auto node : component) {
        if (node != component[0]) {
          diagnostic.note(step_within(component, node), "through `" + def_of(node).name->text + "`");
        }
        def_of(node).poisoned = true;
      }
    }
  }

  // Where the type_tree mentions a member of the cycle.
  Span step_within(const std::vector<std::uint32_t>& component, std::uint32_t node) {
    const auto leads_on = [&](ast::TypeId id) {
      const TypeForm& f = form(def_of(node).file, id);
      return f.kind == Kind::kLocal && std::binary_search(component.begin(), component.end(), node_of(f.def));
    };
    const auto& file = scope_.file(def_of(node).file);
    if (leads_on(body_id(node))) return file.type(body_id(node)).span;
    for (const auto part : parts_of(body_tree(node))) {
      if (leads_on(part)) return file.type(part).span;
    }
    return def_of(node).name->span;
  }

  // ---- poison and depth ----

  // Definitions with a poisoned form, and those that mention a poisoned type_tree.
  void spread_poison() {
    std::vector<bool> marked(graph_.defs.size());
    for (std::uint32_t n = 0; n < marked.size(); ++n) marked[n] = def_of(n).poisoned || body(n).kind == Kind::kPoison;
    marked = reaching(graph_.all, std::move(marked));
    for (std::uint32_t n = 0; n < marked.size(); ++n) {
      if (marked[n]) def_of(n).poisoned = true;
    }
    for (std::uint32_t f = 0; f < forms_.size(); ++f) {
      for (std::size_t i = 0; i < forms_[f].size(); ++i) spread_poison_to(f, i);
    }
  }

  void spread_poison_to(std::uint32_t file, std::size_t i) {
    TypeForm& f = forms_[file][i];
    if (f.kind == Kind::kLocal && scope_.def(f.def).poisoned) f.kind = Kind::kPoison;
    if (f.kind != Kind::kComposite) return;
    for (const auto part : parts_of(scope_.file(file).types[i])) {
      if (form(file, part).kind == Kind::kPoison) f.kind = Kind::kPoison;
    }
  }

  // Interning, zero values and comparison recurse through definitions, so chains of them have a limit.
  void check_depth() {
    std::vector<std::uint32_t> depth(graph_.defs.size());
    for (const auto& component : components(graph_.all)) {
      std::uint32_t below = 0;
      std::uint32_t own = 0;
      for (const auto node : component) {
        for (const auto target : graph_.all[node]) below = std::max(below, depth[target]);
        own = std::max(own, nesting(def_of(node).file, body_id(node)));
      }
      const bool is_built_on_too_deep = below > kMaxTypeDepth;
      // A walk through a cycle ends where it began; only absurd ones count for more than their deepest member.
      const auto deepest = below + own + static_cast<std::uint32_t>(component.size() / 8);
      for (const auto node : component) depth[node] = deepest;
      if (deepest <= kMaxTypeDepth || def_of(component[0]).poisoned) continue;
      const auto& name = *def_of(component[0]).name;
      if (!is_built_on_too_deep) diagnostics_.error(name.span, kTypeTooDeep, name.text, std::size_t{kMaxTypeDepth});
      for (const auto node : component) def_of(node).poisoned = true;
    }
  }

  // How deep a type expression is, counting what other packages put into it.
  std::uint32_t nesting(std::uint32_t file, ast::TypeId id) {
    const TypeForm& f = form(file, id);
    if (f.kind == Kind::kKnown) return f.type.depth();
    std::uint32_t deepest = 0;
    for (const auto part : parts_of(scope_.file(file).type(id))) deepest = std::max(deepest, nesting(file, part));
    return deepest + 1;
  }

  // Nobody can hold the zero value of `[1000000]Row` with `Row [1000000]int64`.
  void check_size() {
    std::vector<std::uint64_t> bytes(graph_.defs.size());
    std::vector<bool> is_too_large(graph_.defs.size());
    const auto of = [&](std::uint32_t file, ast::TypeId id) {
      const TypeForm& f = form(file, id);
      if (f.kind == Kind::kKnown) return f.type.inline_bytes();
      return f.kind == Kind::kLocal ? bytes[node_of(f.def)] : kCellBytes;
    };
    for (const auto& component : components(graph_.strict)) {
      const auto node = component[0];
      if (def_of(node).poisoned) continue;
      const auto file = def_of(node).file;
      const auto& tree = body_tree(node);
      std::uint64_t size = body(node).kind == Kind::kComposite ? kCellBytes : of(file, body_id(node));
      if (const auto* array = std::get_if<ast::ArrayType>(&tree.form)) {
        const TypeForm& elem = form(file, array->elem);
        const bool is_bytes = elem.kind == Kind::kKnown && elem.type.kind() == nb::Kind::kByte;
        size += body(node).array_length * (is_bytes ? 1 : std::min(of(file, array->elem), kMaxTypeBytes + 1));
      } else if (body(node).kind == Kind::kComposite && holds_its_parts(tree)) {
        for (const auto part : parts_of(tree)) size += std::min(of(file, part), kMaxTypeBytes + 1);
      }
      bytes[node] = size;
      // What is built on a type that is too large is not reported once more.
      const auto& parts = graph_.strict[node];
      is_too_large[node] =
          std::any_of(parts.begin(), parts.end(), [&](std::uint32_t part) { return is_too_large[part]; });
      if (size <= kMaxTypeBytes || is_too_large[node]) continue;
      is_too_large[node] = true;
      diagnostics_.error(def_of(node).name->span, kTypeTooLarge, def_of(node).name->text);
      def_of(node).poisoned = true;
    }
  }

  // ---- keys and optionals ----

  // For every type_tree: is it a struct underneath, can it be a key? Strict dependencies come first in components().
  void learn_kinds() {
    is_struct_.resize(graph_.defs.size());
    is_key_.resize(graph_.defs.size());
    for (const auto& component : components(graph_.strict)) {
      const auto node = component[0];
      if (def_of(node).poisoned) continue;
      const auto file = def_of(node).file;
      const auto& tree = body_tree(node);
      if (body(node).kind != Kind::kComposite) {
        is_struct_[node] = is_struct(file, body_id(node));
        is_key_[node] = can_be_key(file, body_id(node));
        continue;
      }
      is_struct_[node] = std::holds_alternative<ast::StructType>(tree.form);
      const bool is_fixed = holds_its_parts(tree) || std::holds_alternative<ast::EnumType>(tree.form);
      const auto parts = parts_of(tree);
      is_key_[node] =
          is_fixed && std::all_of(parts.begin(), parts.end(), [&](ast::TypeId part) { return can_be_key(file, part); });
    }
  }

  bool can_be_key(std::uint32_t file, ast::TypeId id) {
    const TypeForm& f = form(file, id);
    if (f.kind == Kind::kKnown) return f.type.can_be_key();
    return f.kind == Kind::kLocal && is_key_[node_of(f.def)];
  }

  bool is_struct(std::uint32_t file, ast::TypeId id) {
    const TypeForm& f = form(file, id);
    if (f.kind == Kind::kKnown) return f.type.kind() == nb::Kind::kStruct;
    return f.kind == Kind::kLocal && is_struct_[node_of(f.def)];
  }

  // TY12 and TY13, everywhere a type is written.
  void check_parts(std::uint32_t f) {
    const auto& file = scope_.file(f);
    for (std::size_t i = 0; i < forms_[f].size(); ++i) {
      spread_poison_to(f, i);
      if (forms_[f][i].kind != Kind::kComposite) continue;
      const auto check_key = [&](ast::TypeId key, std::string_view container) {
        if (can_be_key(f, key)) return;
        diagnostics_.error(file.type(key).span, kBadKey, spell(file, key), container);
        forms_[f][i].kind = Kind::kPoison;
      };
      std::visit(Overload{
                     [&](const ast::SetType& t) { check_key(t.key, "set"); },
                     [&](const ast::MapType& t) { check_key(t.key, "map"); },
                     [&](const ast::OptionalType& t) {
                       if (is_struct(f, t.elem)) return;
                       diagnostics_.error(file.types[i].span, kBadOptional, spell(file, t.elem));
                       forms_[f][i].kind = Kind::kPoison;
                     },
                     [](const auto&) {},
                 },
                 file.types[i].form);
    }
  }

  // ---- export ----

  void check_exports() {
    for (std::uint32_t n = 0; n < graph_.defs.size(); ++n) {
      const Def& def = def_of(n);
      if (!is_exported(def.name->text)) continue;
      const ast::Type* use = find_unexported(scope_, forms_, def.file, body_id(n));
      if (use == nullptr) continue;
      const auto& name = std::get<ast::NamedType>(use->form).name;
      const DefId* target = scope_.find_local(name.parts[0].text);
      diagnostics_.error(use->span, kTypeUnexported, def.name->text, spell(name))
          .note(scope_.def(*target).name->span, "it is defined here");
    }
  }

  Scope& scope_;
  const TypeGraph& graph_;
  TypeForms& forms_;
  Diagnostics& diagnostics_;
  std::vector<bool> is_struct_;
  std::vector<bool> is_key_;
};

}  // namespace

TypeGraph make_type_graph(const Scope& scope, const TypeForms& forms) {
  TypeGraph graph;
  graph.node_of_def.resize(scope.defs().size());
  for (std::uint32_t i = 0; i < scope.defs().size(); ++i) {
    if (scope.defs()[i].kind != DefKind::kType) continue;
    graph.node_of_def[i] = static_cast<std::uint32_t>(graph.defs.size());
    graph.defs.push_back(DefId{i});
  }
  for (const DefId id : graph.defs) {
    const Def& def = scope.def(id);
    const auto& file = scope.file(def.file);
    const auto root = type_tree(scope, def).type;
    std::vector<std::uint32_t> all;
    std::vector<std::uint32_t> strict;
    const auto add = [&](ast::TypeId type, std::vector<std::uint32_t>& targets) {
      const TypeForm& form = forms[def.file][static_cast<std::size_t>(type)];
      if (form.kind == Kind::kLocal) targets.push_back(graph.node_of_def[static_cast<std::size_t>(form.def)]);
    };
    std::vector<ast::TypeId> work = {root};
    while (!work.empty()) {
      const auto type = work.back();
      work.pop_back();
      add(type, all);
      const auto parts = parts_of(file.type(type));
      work.insert(work.end(), parts.rbegin(), parts.rend());
    }
    add(root, strict);
    if (holds_its_parts(file.type(root))) {
      for (const auto part : parts_of(file.type(root))) add(part, strict);
    }
    graph.all.push_back(std::move(all));
    graph.strict.push_back(std::move(strict));
  }
  return graph;
}

void check_type_rules(Scope& scope, const TypeGraph& graph, TypeForms& forms, Diagnostics& diagnostics) {
  Rules(scope, graph, forms, diagnostics).check();
}

const ast::Type* find_unexported(const Scope& scope, const TypeForms& forms, std::uint32_t file, ast::TypeId id) {
  std::vector<ast::TypeId> work = {id};
  while (!work.empty()) {
    const auto type = work.back();
    work.pop_back();
    const auto& tree = scope.file(file).type(type);
    const TypeForm& form = forms[file][static_cast<std::size_t>(type)];
    if (form.kind == Kind::kLocal && !is_exported(scope.def(form.def).name->text)) return &tree;
    const auto parts = parts_of(tree);
    work.insert(work.end(), parts.rbegin(), parts.rend());
  }
  return nullptr;
}

}  // namespace vdlc::passes
