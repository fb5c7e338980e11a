// The compiler as one function: its stages in order, each a value.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "diagnostics/diagnostics.h"
#include "driver/options.h"
#include "load/file_system.h"
#include "load/load.h"
#include "model/model.h"
#include "source/source.h"
#include "syntax/ast.h"
#include "template/render.h"

namespace vdlc {

// A package with its syntax trees, as far as they could be made.
struct ParsedPackage {
  std::optional<ast::Package> tree;
  std::optional<ast::File> config;
};

// What every stage that ran has left. Stages that did not run, or had nothing to work on, leave nothing.
struct Compilation {
  Compilation();
  ~Compilation();

  std::vector<LoadedPackage> packages;  // dependencies first
  std::vector<ParsedPackage> trees;     // one for each of `packages`
  model::Program program;
  std::vector<nlohmann::json> descriptions;  // of the requested packages
  std::vector<OutputFile> outputs;           // paths below options.out
  std::vector<FileId> templates;
};

// Runs the stages up to options.last_stage. Nothing is written; mistakes are in `diagnostics`.
void compile(const Options& options, FileSystem& files, Sources& sources, Compilation& result,
             Diagnostics& diagnostics);

// The stages from describe on, for descriptions that were saved before.
void render_documents(const Options& options, FileSystem& files, Sources& sources, Compilation& result,
                      Diagnostics& diagnostics);

}  // namespace vdlc
