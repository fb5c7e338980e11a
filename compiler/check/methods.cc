#include "check/methods.h"

#include "check/messages.h"
#include "check/names.h"

namespace vdlc::passes {
namespace {

class MethodCheck {
 public:
  MethodCheck(std::uint32_t file, Scope& scope, const TypeTable& types, Evaluator& evaluator, Diagnostics& diagnostics)
      : file_(file), scope_(scope), types_(types), evaluator_(evaluator), diagnostics_(diagnostics) {}

  model::Method check(const ast::Method& tree) {
    model::Method result;
    result.name = tree.name.text;
    result.docs = to_model(tree.docs);
    result.span = tree.name.span;
    check_name(tree.name, NameRole::kMember, "method", diagnostics_);
    for (const auto& arg : tree.in_args) {
      if (!arg.name) report_unnamed(diagnostics_.error(type_span(arg.type), kInArgUnnamed, tree.name.text), arg);
    }
    if (tree.out_args.size() > 1) {
      for (const auto& arg : tree.out_args) {
        if (!arg.name) report_unnamed(diagnostics_.error(type_span(arg.type), kOutArgUnnamed, tree.name.text), arg);
      }
    }
    result.in_args = check_args(tree.in_args, "arguments of method `" + tree.name.text + "`",
                                "argument of method `" + tree.name.text + "`");
    result.out_args = check_args(tree.out_args, "results of method `" + tree.name.text + "`",
                                 "result of method `" + tree.name.text + "`");
    if (tree.stream) {
      const auto what = "stream of method `" + tree.name.text + "`";
      if (tree.stream->in) result.in_stream = check_type(*tree.stream->in, what);
      if (tree.stream->out) result.out_stream = check_type(*tree.stream->out, what);
    }
    for (const auto tag : tree.tags) {
      if (auto value = evaluator_.evaluate(file_, tag, nullptr, "a tag")) result.tags.push_back(std::move(*value));
    }
    return result;
  }

 private:
  Span type_span(ast::TypeId id) const { return scope_.file(file_).type(id).span; }

  // It may as well be a name without a type.
  void report_unnamed(Diagnostic& diagnostic, const ast::Arg& arg) const {
    if (types_.find(file_, arg.type) == nullptr) diagnostic.note("it is written `name Type`");
  }

  std::vector<model::Arg> check_args(const std::vector<ast::Arg>& args, std::string_view list, std::string_view what) {
    std::vector<model::Arg> result;
    std::unordered_map<std::string_view, Span> seen;
    for (const auto& arg : args) {
      if (arg.name) {
        if (const auto fault = name_fault(arg.name->text, NameRole::kArgument); !fault.empty()) {
          diagnostics_.error(arg.name->span, kArgName, arg.name->text, fault);
        }
        const auto [first, is_new] = seen.emplace(arg.name->text, arg.name->span);
        if (!is_new) {
          diagnostics_.error(arg.name->span, kArgTwice, arg.name->text, list)
              .note(first->second, "the first one is here");
        }
      }
      if (auto type = check_type(arg.type, what)) result.push_back({arg.name ? arg.name->text : "", std::move(*type)});
    }
    return result;
  }

  std::optional<model::TypeRef> check_type(ast::TypeId id, std::string_view what) {
    const nb::Type* type = types_.find(file_, id);
    if (type == nullptr) return std::nullopt;
    if (const ast::Type* use = types_.find_unexported(scope_, file_, id)) {
      diagnostics_.error(use->span, kUseUnexported, what, spell(std::get<ast::NamedType>(use->form).name));
      return std::nullopt;
    }
    return model::TypeRef{*type, type_span(id)};
  }

  const std::uint32_t file_;
  Scope& scope_;
  const TypeTable& types_;
  Evaluator& evaluator_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::vector<model::Method> check_methods(const ast::Interface& interface, std::uint32_t file, Scope& scope,
                                         const TypeTable& types, Evaluator& evaluator, Diagnostics& diagnostics) {
  MethodCheck check(file, scope, types, evaluator, diagnostics);
  std::unordered_map<std::string_view, Span> seen;
  std::vector<model::Method> result;
  for (const auto& method : interface.methods) {
    const auto [first, is_new] = seen.emplace(method.name.text, method.name.span);
    if (!is_new) {
      diagnostics.error(method.name.span, kMethodTwice, method.name.text, interface.name.text)
          .note(first->second, "the first one is here");
    }
    result.push_back(check.check(method));
  }
  return result;
}

}  // namespace vdlc::passes
