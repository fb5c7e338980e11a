#include "driver/print_stage.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "model/print.h"
#include "syntax/print_ast.h"

namespace vdlc {
namespace {

std::string print_files(const Compilation& result, const Sources& sources) {
  std::string text;
  for (const LoadedPackage& package : result.packages) {
    text += fmt::format("{} ({}{}) in {}\n", package.path, package.gen_path, package.requested ? ", requested" : "",
                        package.directory);
    for (const FileId file : package.files) text += fmt::format("  {}\n", sources.file(file).path);
    if (package.config) text += fmt::format("  {}\n", sources.file(*package.config).path);
    for (const std::string& import : package.imports) text += fmt::format("  import {}\n", import);
  }
  return text;
}

std::string print_trees(const Compilation& result, const Sources& sources) {
  std::string text;
  for (std::size_t i = 0; i < result.trees.size(); ++i) {
    if (!result.packages[i].requested || !result.trees[i].tree) continue;
    for (const ast::File& file : result.trees[i].tree->files) text += print_ast(file, sources);
    if (result.trees[i].config) text += print_ast(*result.trees[i].config, sources);
  }
  return text;
}

std::string print_models(const Compilation& result) {
  std::string text;
  for (const LoadedPackage& package : result.packages) {
    const model::Package* checked = package.requested ? result.program.find(package.path) : nullptr;
    if (checked) text += model::print(*checked);
  }
  return text;
}

std::string print_outputs(const Compilation& result) {
  std::string text;
  for (const OutputFile& file : result.outputs) text += fmt::format("---- {}\n{}", file.path, file.text);
  return text;
}

}  // namespace

std::string print_stage(Stage stage, const Compilation& result, const Sources& sources) {
  switch (stage) {
    case Stage::kFiles:
      return print_files(result, sources);
    case Stage::kAst:
      return print_trees(result, sources);
    case Stage::kModel:
      return print_models(result);
    case Stage::kJson:
      return nlohmann::json(result.descriptions).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    case Stage::kOutput:
      return print_outputs(result);
  }
  return "";
}

}  // namespace vdlc
