#include "check/check.h"

#include <set>

#include "check/consts.h"
#include "check/errors.h"
#include "check/evaluate.h"
#include "check/imports.h"
#include "check/interfaces.h"
#include "check/names.h"
#include "check/types.h"

namespace vdlc {
namespace {

// What the model takes over from the trees as it is.
void describe_package(const ast::Package& package, model::Package& result) {
  result.path = package.path;
  result.name = package.name;
  result.gen_path = package.gen_path;
  std::set<std::string> imports;
  for (const auto& file : package.files) {
    result.files.push_back(file.base_name);
    if (result.file_doc.empty()) result.file_doc = file.file_doc;
    if (result.docs.leading.empty() && result.docs.suffix.empty()) result.docs = passes::to_model(file.package_docs);
    for (const auto& import : file.imports) imports.insert(import.path.value);
  }
  result.imports.assign(imports.begin(), imports.end());
}

}  // namespace

std::unique_ptr<const model::Package> check(const ast::Package& package, const model::Program& compiled_so_far,
                                            Diagnostics& diagnostics) {
  using namespace passes;
  const std::size_t errors_before = diagnostics.error_count();
  const auto healthy = [&] { return diagnostics.error_count() == errors_before; };
  auto result = std::make_unique<model::Package>();
  describe_package(package, *result);
  Scope scope(package);

  collect_names(scope, diagnostics);
  collect_imports(scope, compiled_so_far, diagnostics);
  compare_with_imports(scope, diagnostics);

  const TypeTable types = resolve_types(scope, diagnostics);
  result->errors = check_errors(scope, types, diagnostics);
  Evaluator evaluator(scope, types, diagnostics);
  const auto const_order = evaluate_constants(scope, evaluator, diagnostics);
  result->interfaces = check_interfaces(scope, types, evaluator, compiled_so_far, diagnostics);
  if (healthy()) find_unused_imports(scope, diagnostics);
  if (!healthy()) return nullptr;

  result->types = model_types(scope, types);
  result->consts = model_consts(scope, evaluator, const_order);
  return result;
}

}  // namespace vdlc
