#include "check/interfaces.h"

#include "check/graph.h"
#include "check/identifiers.h"
#include "check/messages.h"
#include "check/methods.h"

namespace vdlc::passes {
namespace {

// A method of an interface's whole set: where it is defined, and by which interface.
struct Origin {
  std::string interface;
  Span span;
};
using MethodSet = std::unordered_map<std::string, Origin>;

// An interface embedded by one of this package.
struct Embedded {
  const ast::Embed* tree;
  std::uint32_t node = 0;                   // of this package, if `package` is null
  const model::Package* package = nullptr;  // else of this one
  const model::Interface* interface = nullptr;
};

class InterfaceCheck {
 public:
  InterfaceCheck(Scope& scope, const TypeTable& types, Evaluator& evaluator, const model::Program& program,
                 Diagnostics& diagnostics)
      : scope_(scope), types_(types), evaluator_(evaluator), program_(program), diagnostics_(diagnostics) {}

  std::vector<model::Interface> run() {
    std::vector<std::uint32_t> node_of_def(scope_.defs().size());
    for (std::uint32_t i = 0; i < scope_.defs().size(); ++i) {
      if (scope_.defs()[i].kind != DefKind::kInterface) continue;
      node_of_def[i] = static_cast<std::uint32_t>(nodes_.size());
      nodes_.push_back(DefId{i});
    }
    for (std::uint32_t n = 0; n < nodes_.size(); ++n) {
      embeds_.push_back(resolve_embeds(n, node_of_def));
      std::vector<std::uint32_t> targets;
      for (const auto& embed : embeds_[n]) {
        if (embed.package == nullptr) targets.push_back(embed.node);
      }
      edges_.push_back(std::move(targets));
    }
    find_cycles();

    std::vector<model::Interface> checked(nodes_.size());
    for (std::uint32_t n = 0; n < nodes_.size(); ++n) checked[n] = check(n);
    std::vector<model::Interface> result;
    sets_.resize(nodes_.size());
    for (const auto n : dependency_order(edges_)) {
      if (!in_cycle_[n]) collect_methods(n, checked[n]);
      result.push_back(std::move(checked[n]));
    }
    return result;
  }

 private:
  const Def& def(std::uint32_t node) const { return scope_.def(nodes_[node]); }
  const ast::Interface& tree(std::uint32_t node) const {
    return scope_.file(def(node).file).interfaces[def(node).index];
  }

  // IF6, IF7, IF8.
  std::vector<Embedded> resolve_embeds(std::uint32_t node, const std::vector<std::uint32_t>& node_of_def) {
    std::vector<Embedded> result;
    std::unordered_map<std::string, Span> seen;
    for (const auto& embed : tree(node).embeds) {
      const Lookup found = scope_.lookup(def(node).file, embed.name);
      if (found.kind == Lookup::Kind::kPoison) continue;
      if (found.kind == Lookup::Kind::kQuotedPath) {
        diagnostics_.error(embed.name.span, kQuotedPath, spell(embed.name));
        continue;
      }
      const bool is_local = found.kind == Lookup::Kind::kLocal && scope_.def(found.local).kind == DefKind::kInterface;
      if (!is_local && found.kind != Lookup::Kind::kImportedInterface) {
        report_undefined(embed.name, found);
        continue;
      }
      const auto whole =
          is_local ? embed.name.parts[0].text : embed.name.parts[0].text + '.' + embed.name.parts[1].text;
      if (embed.name.parts.size() > found.matched) {
        diagnostics_.error(embed.name.parts[found.matched].span, kInterfaceExtra,
                           '.' + spell(embed.name, found.matched), whole);
        continue;
      }
      const auto full = (is_local ? scope_.package().path : found.package->path) + '.' +
                        (is_local ? embed.name.parts[0].text : found.interface->name);
      const auto [first, is_new] = seen.emplace(full, embed.name.span);
      if (!is_new) {
        diagnostics_.error(embed.name.span, kEmbeddedTwice, whole, def(node).name->text)
            .note(first->second, "the first time is here");
        continue;
      }
      if (is_local) {
        result.push_back({&embed, node_of_def[static_cast<std::size_t>(found.local)]});
      } else {
        result.push_back({&embed, 0, found.package, found.interface});
      }
    }
    return result;
  }

  void report_undefined(const ast::NameRef& name, const Lookup& found) {
    auto& diagnostic = diagnostics_.error(name.span, kNotAnInterface, spell(name));
    if (found.kind == Lookup::Kind::kLocal) {
      const Def& other = scope_.def(found.local);
      diagnostic.note(other.name->span,
                      "`" + other.name->text + "` is the " + std::string(to_string(other.kind)) + " defined here");
    } else if (found.package != nullptr) {
      diagnostic.note("package `" + found.package->path + "` has no exported interface of that name");
    }
  }

  // IF10.
  void find_cycles() {
    std::vector<bool> marked(nodes_.size());
    for (const auto& component : components(edges_)) {
      if (!is_cycle(edges_, component)) continue;
      auto& diagnostic =
          diagnostics_.error(def(component[0]).name->span, kInterfaceCycle, def(component[0]).name->text);
      for (const auto node : component) {
        marked[node] = true;
        if (node != component[0]) diagnostic.note(def(node).name->span, "through `" + def(node).name->text + "`");
      }
    }
    in_cycle_ = reaching(edges_, std::move(marked));
  }

  model::Interface check(std::uint32_t node) {
    const auto& interface = tree(node);
    model::Interface result;
    result.name = interface.name.text;
    result.docs = to_model(interface.docs);
    result.exported = is_exported(result.name);
    result.span = interface.name.span;
    for (const auto& embed : embeds_[node]) {
      const bool is_local = embed.package == nullptr;
      result.embeds.push_back({is_local ? scope_.package().path : embed.package->path,
                               is_local ? def(embed.node).name->text : embed.interface->name, embed.tree->name.span});
    }
    result.methods = check_methods(interface, def(node).file, scope_, types_, evaluator_, diagnostics_);
    return result;
  }

  // IF9: own methods, then those of every embedded interface, which have been collected before.
  void collect_methods(std::uint32_t node, const model::Interface& interface) {
    MethodSet& set = sets_[node];
    for (const auto& method : interface.methods) set.emplace(method.name, Origin{interface.name, method.span});
    for (const auto& embed : embeds_[node]) {
      const MethodSet& inherited =
          embed.package == nullptr ? sets_[embed.node] : imported_set(*embed.package, *embed.interface);
      for (const auto& [name, origin] : in_order(inherited)) {
        const auto [first, is_new] = set.emplace(name, origin);
        if (is_new) continue;
        diagnostics_.error(embed.tree->name.span, kMethodInherited, name, interface.name)
            .note(first->second.span, "once from here, in `" + first->second.interface + "`")
            .note(origin.span, "and from here, in `" + origin.interface + "`");
      }
    }
  }

  static std::map<std::string, Origin> in_order(const MethodSet& set) { return {set.begin(), set.end()}; }

  // The whole method set of an interface of another package, which was found free of mistakes when that was checked.
  const MethodSet& imported_set(const model::Package& package, const model::Interface& interface) {
    const auto [slot, is_new] = imported_.emplace(&interface, MethodSet{});
    MethodSet& set = slot->second;
    if (!is_new) return set;
    struct Item {
      const model::Package* package;
      const model::Interface* interface;
    };
    std::vector<Item> work = {{&package, &interface}};
    std::unordered_map<const model::Interface*, bool> seen;
    while (!work.empty()) {
      const Item item = work.back();
      work.pop_back();
      if (item.interface == nullptr || !seen.emplace(item.interface, true).second) continue;
      for (const auto& method : item.interface->methods)
        set.emplace(method.name, Origin{item.interface->name, method.span});
      for (const auto& embed : item.interface->embeds) {
        const auto* home = embed.package == item.package->path ? item.package : program_.find(embed.package);
        if (home != nullptr) work.push_back({home, home->find_interface(embed.name)});
      }
    }
    return set;
  }

  Scope& scope_;
  const TypeTable& types_;
  Evaluator& evaluator_;
  const model::Program& program_;
  Diagnostics& diagnostics_;
  std::vector<DefId> nodes_;                   // interfaces in (file, source) order
  std::vector<std::vector<Embedded>> embeds_;  // by node
  Graph edges_;                                // by node: embedded interfaces of this package
  std::vector<bool> in_cycle_;                 // by node: in one, or embedding one
  std::vector<MethodSet> sets_;                // by node
  std::unordered_map<const model::Interface*, MethodSet> imported_;
};

}  // namespace

std::vector<model::Interface> check_interfaces(Scope& scope, const TypeTable& types, Evaluator& evaluator,
                                               const model::Program& compiled_so_far, Diagnostics& diagnostics) {
  return InterfaceCheck(scope, types, evaluator, compiled_so_far, diagnostics).run();
}

}  // namespace vdlc::passes
