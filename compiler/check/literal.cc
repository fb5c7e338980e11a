#include "check/literal.h"

#include "check/evaluate.h"
#include "check/imports.h"
#include "check/names.h"
#include "check/types.h"

namespace vdlc {

std::optional<nb::Value> check_literal(const ast::File& file, const model::Program& known, const nb::Type& type,
                                       Diagnostics& diagnostics) {
  using namespace passes;
  ast::Package package;
  package.path = package.name = package.gen_path = "config";
  package.files = {file};
  Scope scope(package);
  collect_names(scope, diagnostics);
  collect_imports(scope, known, diagnostics);
  const TypeTable types = resolve_types(scope, diagnostics);
  if (!file.config || diagnostics.failed()) return std::nullopt;
  Evaluator evaluator(scope, types, diagnostics);
  auto value = evaluator.evaluate(0, *file.config, &type, "a value");
  if (diagnostics.failed()) return std::nullopt;
  return value;
}

}  // namespace vdlc
