// The front end of the compiler on hostile files: load, parse, check, in memory. Whatever the bytes are, the outcome is
// a model or located diagnostics, within the limits of syntax/nesting.h and check.
//
// The input is one or more files, divided by lines "==== path": "==== a/a.vdl". Without such a line it is a/a.vdl.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "check/check.h"
#include "diagnostics/render.h"
#include "load/load.h"
#include "load/parse_package.h"
#include "syntax/print_ast.h"

namespace vdlc {
namespace {

constexpr std::string_view kDivider = "==== ";
constexpr std::size_t kMaxFiles = 16;

void add_files(std::string_view input, MemoryFileSystem& files) {
  std::string path = "a/a.vdl";
  for (std::size_t count = 0; count < kMaxFiles; ++count) {
    if (input.starts_with(kDivider)) {
      const std::string_view line = input.substr(0, input.find('\n'));
      path = line.substr(kDivider.size());
      input.remove_prefix(std::min(line.size() + 1, input.size()));
    }
    const std::size_t next = input.find("\n==== ");
    files.add("/tree/" + path, std::string(input.substr(0, next)));
    if (next == std::string_view::npos) return;
    input.remove_prefix(next + 1);
  }
}

void run(std::string_view input) {
  MemoryFileSystem files("/tree");
  add_files(input, files);
  Sources sources;
  Diagnostics diagnostics;
  model::Program program;
  LoadOptions options;
  options.roots = {"."};
  options.packages = {"all"};
  for (const LoadedPackage& package : load(options, files, sources, diagnostics)) {
    const auto tree = parse_package(package, sources, diagnostics);
    if (!tree) continue;
    for (const ast::File& file : tree->files) print_ast(file, sources);
    const auto is_compiled = [&](const std::string& path) { return program.find(path) != nullptr; };
    if (package.broken || !std::all_of(package.imports.begin(), package.imports.end(), is_compiled)) continue;
    if (auto checked = check(*tree, program, diagnostics)) program.packages.push_back(std::move(checked));
  }
  render_text(diagnostics, sources);
  render_json(diagnostics, sources);
}

}  // namespace
}  // namespace vdlc

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vdlc::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
