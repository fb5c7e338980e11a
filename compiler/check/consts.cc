#include "check/consts.h"

#include "check/exports.h"
#include "check/identifiers.h"
#include "check/messages.h"
#include "model/print.h"

namespace vdlc::passes {
namespace {

const ast::ConstDef& constant_tree(const Scope& scope, const Def& def) {
  return scope.file(def.file).const_defs[def.index];
}

// Depth first through what constants refer to; the path is a vector because chains are as long as a user likes.
class Order {
 public:
  Order(Scope& scope, Evaluator& evaluator, Diagnostics& diagnostics)
      : scope_(scope), evaluator_(evaluator), diagnostics_(diagnostics), is_on_path_(scope.defs().size()) {}

  std::vector<DefId> run() {
    for (std::uint32_t i = 0; i < scope_.defs().size(); ++i) {
      const Def& def = scope_.defs()[i];
      if (def.kind == DefKind::kConst && !def.poisoned && !evaluator_.has_result(DefId{i})) visit(DefId{i});
    }
    return std::move(order_);
  }

 private:
  struct Frame {
    DefId def;
    std::vector<DefId> needs;
    std::size_t next = 0;
  };

  std::vector<DefId> needs(DefId id) {
    const Def& def = scope_.def(id);
    return evaluator_.missing(def.file, constant_tree(scope_, def).value, nullptr);
  }

  void visit(DefId root) {
    enter(root);
    while (!path_.empty()) {
      Frame& frame = path_.back();
      if (frame.next < frame.needs.size()) {
        const DefId needed = frame.needs[frame.next++];
        if (evaluator_.has_result(needed)) continue;
        if (is_on_path_[static_cast<std::size_t>(needed)]) {
          report_cycle(needed);
        } else {
          enter(needed);
        }
        continue;
      }
      const DefId id = frame.def;
      // Now that the types of what it refers to are known, the expression may need more.
      if (!evaluator_.has_result(id)) {
        if (auto more = needs(id); !more.empty()) {
          frame.needs = std::move(more);
          frame.next = 0;
          continue;
        }
        evaluate(id);
      }
      is_on_path_[static_cast<std::size_t>(id)] = false;
      path_.pop_back();
    }
  }

  void enter(DefId id) {
    is_on_path_[static_cast<std::size_t>(id)] = true;
    path_.push_back({id, needs(id), 0});
  }

  // Everything from `needed` to the end of the path: all of it is poison, and reported as one.
  void report_cycle(DefId needed) {
    const auto& first = *scope_.def(needed).name;
    auto& diagnostic = diagnostics_.error(first.span, kConstCycle, first.text);
    std::size_t start = path_.size();
    while (path_[--start].def != needed) {
    }
    for (std::size_t i = start; i < path_.size(); ++i) {
      const auto& name = *scope_.def(path_[i].def).name;
      if (i > start) diagnostic.note(name.span, "through `" + name.text + "`");
      evaluator_.set_result(path_[i].def, std::nullopt);
    }
  }

  void evaluate(DefId id) {
    const Def& def = scope_.def(id);
    auto value = evaluator_.evaluate(def.file, constant_tree(scope_, def).value, nullptr, "a constant");
    if (value && is_exported(def.name->text)) {
      if (const auto name = unexported_name(value->type(), scope_.package().path); !name.empty()) {
        diagnostics_.error(def.name->span, kConstUnexported, def.name->text, name);
      }
    }
    evaluator_.set_result(id, std::move(value));
    order_.push_back(id);
  }

  Scope& scope_;
  Evaluator& evaluator_;
  Diagnostics& diagnostics_;
  std::vector<bool> is_on_path_;  // by DefId
  std::vector<Frame> path_;
  std::vector<DefId> order_;
};

}  // namespace

std::vector<DefId> evaluate_constants(Scope& scope, Evaluator& evaluator, Diagnostics& diagnostics) {
  return Order(scope, evaluator, diagnostics).run();
}

std::vector<model::ConstDef> model_consts(const Scope& scope, const Evaluator& evaluator,
                                          const std::vector<DefId>& order) {
  std::vector<model::ConstDef> result;
  for (const DefId id : order) {
    const Def& def = scope.def(id);
    const auto& tree = constant_tree(scope, def);
    result.push_back(
        {def.name->text, *evaluator.result(id), to_model(tree.docs), is_exported(def.name->text), def.name->span});
  }
  return result;
}

}  // namespace vdlc::passes
