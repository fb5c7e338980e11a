#include "check/errors.h"

#include <array>
#include <unordered_map>

#include "check/formats.h"
#include "check/identifiers.h"
#include "check/messages.h"
#include "check/names.h"

namespace vdlc::passes {
namespace {

constexpr std::array<std::string_view, 4> kActions = {"NoRetry", "RetryConnection", "RetryRefetch", "RetryBackoff"};

class ErrorCheck {
 public:
  ErrorCheck(Scope& scope, const TypeTable& types, Diagnostics& diagnostics)
      : scope_(scope), types_(types), diagnostics_(diagnostics) {}

  model::ErrorDef check(const Def& def) {
    const auto& tree = scope_.file(def.file).error_defs[def.index];
    model::ErrorDef result;
    result.name = def.name->text;
    result.id = scope_.package().path + '.' + result.name;
    result.exported = is_exported(result.name);
    result.docs = to_model(tree.docs);
    result.span = def.name->span;
    check_params(def.file, tree, result);
    result.action = action(tree);
    check_formats(tree, diagnostics_);
    for (const auto& format : tree.formats) result.formats.push_back({format.language.value, format.format.value});
    return result;
  }

 private:
  void check_params(std::uint32_t file, const ast::ErrorDef& tree, model::ErrorDef& result) {
    std::unordered_map<std::string_view, Span> seen;
    for (const auto& param : tree.params) {
      const auto& type_tree = scope_.file(file).type(param.type);
      if (!param.name) {
        diagnostics_.error(type_tree.span, kParamUnnamed, tree.name.text);
      } else {
        check_param_name(*param.name, tree, seen);
      }
      const nb::Type* type = types_.find(file, param.type);
      if (type == nullptr) continue;
      if (result.exported) check_export(file, param, tree);
      result.params.push_back({param.name ? param.name->text : "", {*type, type_tree.span}});
    }
  }

  void check_param_name(const ast::Ident& name, const ast::ErrorDef& tree,
                        std::unordered_map<std::string_view, Span>& seen) {
    if (const auto fault = name_fault(name.text, NameRole::kArgument); !fault.empty()) {
      diagnostics_.error(name.span, kParamName, name.text, fault);
    }
    const auto [first, is_new] = seen.emplace(name.text, name.span);
    if (is_new) return;
    diagnostics_.error(name.span, kParamTwice, name.text, tree.name.text).note(first->second, "the first one is here");
  }

  void check_export(std::uint32_t file, const ast::Arg& param, const ast::ErrorDef& tree) {
    const ast::Type* use = types_.find_unexported(scope_, file, param.type);
    if (use == nullptr) return;
    diagnostics_.error(use->span, kUseUnexported, "parameter of exported error `" + tree.name.text + "`",
                       spell(std::get<ast::NamedType>(use->form).name));
  }

  std::string action(const ast::ErrorDef& tree) {
    std::string result;
    for (const auto& ident : tree.actions) {
      const auto found = find_action(ident);
      if (!result.empty()) {
        diagnostics_.error(ident.span, kActionTwice, ident.text, tree.name.text)
            .note(tree.actions[0].span, "the first one is here");
      } else if (found.empty()) {
        diagnostics_.error(ident.span, kActionUnknown, ident.text);
      } else if (found != ident.text) {
        diagnostics_.warning(ident.span, kActionLowerCase, found, ident.text)
            .suggest(ident.span, std::string(found), "write it as `" + std::string(found) + "`");
      }
      if (result.empty()) result = found.empty() ? kActions[0] : found;
    }
    return result.empty() ? std::string(kActions[0]) : result;
  }

  static std::string_view find_action(const ast::Ident& ident) {
    for (const auto action : kActions) {
      if (ident.text == action || ident.text == fold_case(action)) return action;
    }
    return "";
  }

  Scope& scope_;
  const TypeTable& types_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::vector<model::ErrorDef> check_errors(Scope& scope, const TypeTable& types, Diagnostics& diagnostics) {
  std::vector<model::ErrorDef> result;
  ErrorCheck check(scope, types, diagnostics);
  for (const Def& def : scope.defs()) {
    if (def.kind == DefKind::kError) result.push_back(check.check(def));
  }
  return result;
}

}  // namespace vdlc::passes
