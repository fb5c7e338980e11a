// testdata/check: what the compiler says about each input.
//
//   bad/ID_words.vdl     one file; its diagnostics are in bad/ID_words.txt, and ID is among them
//   bad/ID_words/        a source directory, all of whose packages are compiled; a file `args` in it may name the
//                        command-line arguments instead, one a line, and `roots` the source directories
//   good/                likewise, without errors (warnings are in good/NAME.txt)
//
// Files may import the standard packages.
#include <doctest/doctest.h>

#include <algorithm>

#include "check/check.h"
#include "diagnostics/explanations.h"
#include "diagnostics/render.h"
#include "driver/golden.h"
#include "load/load.h"
#include "load/parse_package.h"
#include "load/paths.h"

namespace vdlc {
namespace {

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> result;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end > begin) result.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return result;
}

struct Outcome {
  std::string text;
  bool failed = false;
  std::vector<std::string> ids;
};

// The stages up to check, in memory.
Outcome run(const LoadOptions& options, FileSystem& files) {
  Sources sources;
  Diagnostics diagnostics;
  model::Program program;
  for (const LoadedPackage& package : load(options, files, sources, diagnostics)) {
    const auto tree = parse_package(package, sources, diagnostics);
    const bool imports_compiled = std::all_of(package.imports.begin(), package.imports.end(),
                                              [&](const std::string& path) { return program.find(path) != nullptr; });
    if (!tree || package.broken || !imports_compiled) continue;
    if (auto checked = check(*tree, program, diagnostics)) program.packages.push_back(std::move(checked));
  }
  Outcome outcome{render_text(diagnostics, sources), diagnostics.failed(), {}};
  for (const Diagnostic* diagnostic : diagnostics.sorted()) outcome.ids.emplace_back(diagnostic->id);
  return outcome;
}

// `name` is a file or a folder in `directory`.
Outcome run_case(const std::string& directory, const std::string& name) {
  MemoryFileSystem files("/tree");
  golden::copy_tree(golden::directory("../runtime/vdlroot"), "/vdlroot", files);
  LoadOptions options;
  options.vdlroot = "/vdlroot";
  options.roots = {"."};
  options.packages = {"all"};
  if (name.ends_with(".vdl")) {
    files.add("/tree/a/" + name, golden::read(directory + "/" + name));
  } else {
    golden::copy_tree(directory + "/" + name, "/tree", files);
    if (const auto args = files.read("args")) options.packages = lines(*args);
    if (const auto roots = files.read("roots")) options.roots = lines(*roots);
  }
  return run(options, files);
}

std::vector<std::string> case_names(const std::string& directory) {
  std::vector<std::string> names;
  for (const std::string& name : golden::entries(directory, "")) {
    if (name.ends_with(".vdl") || name.find('.') == std::string::npos) names.push_back(name);
  }
  return names;
}

std::string expectation(const std::string& directory, const std::string& name) {
  return directory + "/" + (name.ends_with(".vdl") ? name.substr(0, name.size() - 4) : name) + ".txt";
}

}  // namespace

TEST_CASE("every mistake in testdata/check/bad is told as the file beside it says") {
  const std::string directory = golden::directory("check/bad");
  const std::vector<std::string> names = case_names(directory);
  CHECK(!names.empty());
  for (const std::string& name : names) {
    CAPTURE(name);
    const Outcome outcome = run_case(directory, name);
    const std::string id = name.substr(0, name.find_first_of("_."));
    CHECK(outcome.failed);
    CHECK_MESSAGE(std::find(outcome.ids.begin(), outcome.ids.end(), id) != outcome.ids.end(), outcome.text);
    CHECK_MESSAGE(find_explanation(id) != nullptr, "vdlc explain knows ", id);
    CHECK(golden::difference(expectation(directory, name), outcome.text) == "");
  }
}

TEST_CASE("every input in testdata/check/good compiles") {
  const std::string directory = golden::directory("check/good");
  const std::vector<std::string> names = case_names(directory);
  CHECK(!names.empty());
  for (const std::string& name : names) {
    CAPTURE(name);
    const Outcome outcome = run_case(directory, name);
    CHECK_MESSAGE(!outcome.failed, outcome.text);
    CHECK(golden::difference(expectation(directory, name), outcome.text) == "");
  }
}

}  // namespace vdlc
