#include "check/config.h"

#include <algorithm>

#include "check/consts.h"
#include "check/evaluate.h"
#include "check/imports.h"
#include "check/messages.h"
#include "check/names.h"
#include "check/types.h"

namespace vdlc {
namespace {

constexpr std::string_view kConfigPackage = "vdltool";

}  // namespace

std::optional<nb::Value> check_config(const ast::File& file, const model::Program& compiled_so_far,
                                      const std::optional<nb::Type>& implicit_type, const std::string& implicit_import,
                                      Diagnostics& diagnostics) {
  using namespace passes;
  const std::size_t errors_before = diagnostics.error_count();
  // A config file is a package of its own, named `config`, that nobody can import.
  ast::Package package;
  package.path = package.name = package.gen_path = "config";
  package.files = {file};
  const bool is_imported = std::any_of(file.imports.begin(), file.imports.end(),
                                       [&](const auto& import) { return import.path.value == implicit_import; });
  const bool adds_import = !implicit_import.empty() && !is_imported;
  if (adds_import) {
    ast::Import import;
    import.path.value = implicit_import;
    import.path.span = import.span = file.package.span;
    package.files[0].imports.push_back(std::move(import));
  }
  Scope scope(package);
  collect_names(scope, diagnostics);
  collect_imports(scope, compiled_so_far, diagnostics);
  // The implicit import may stay unused (Q14).
  if (adds_import) scope.file_scope(0).imports.back().used = true;
  compare_with_imports(scope, diagnostics);
  const TypeTable types = resolve_types(scope, diagnostics);
  Evaluator evaluator(scope, types, diagnostics);
  evaluate_constants(scope, evaluator, diagnostics);
  if (!file.config || diagnostics.error_count() != errors_before) return std::nullopt;
  const nb::Type* implicit = implicit_type ? &*implicit_type : nullptr;
  auto value = evaluator.evaluate_config(0, *file.config, implicit);
  if (diagnostics.error_count() == errors_before) find_unused_imports(scope, diagnostics);
  if (diagnostics.error_count() != errors_before) return std::nullopt;
  return value;
}

std::optional<nb::Value> check_package_config(const ast::File& file, const model::Program& compiled_so_far,
                                              Diagnostics& diagnostics) {
  const model::Package* vdltool = compiled_so_far.find(kConfigPackage);
  const model::TypeDef* wanted = vdltool ? vdltool->find_type("Config") : nullptr;
  if (wanted == nullptr) {
    diagnostics.error(file.package.span, passes::kImportNotCompiled, kConfigPackage);
    return std::nullopt;
  }
  for (const auto& import : file.imports) {
    if (import.path.value == kConfigPackage) continue;
    diagnostics.error(import.path.span, passes::kImportInConfig, import.path.value);
    return std::nullopt;
  }
  return check_config(file, compiled_so_far, wanted->type, std::string(kConfigPackage), diagnostics);
}

}  // namespace vdlc
