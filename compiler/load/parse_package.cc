#include "load/parse_package.h"

#include "load/messages.h"
#include "syntax/parse.h"

namespace vdlc {
namespace {

// The first file gives the package its name; each file that disagrees is told so.
bool check_names(const ast::Package& package, Diagnostics& diagnostics) {
  bool agree = true;
  for (const ast::File& file : package.files) {
    if (file.package.text == package.name) continue;
    diagnostics.error(file.package.span, kPackageNames, file.package.text, package.name)
        .note(package.files[0].package.span, fmt::format("package `{}` is named here", package.name));
    agree = false;
  }
  return agree;
}

}  // namespace

std::optional<ast::Package> parse_package(const LoadedPackage& loaded, const Sources& sources,
                                          Diagnostics& diagnostics) {
  ast::Package package{loaded.path, "", loaded.gen_path, {}};
  const std::size_t errors_before = diagnostics.error_count();
  for (const FileId file : loaded.files) {
    if (auto tree = parse(sources.file(file), diagnostics)) package.files.push_back(std::move(*tree));
  }
  if (diagnostics.error_count() > errors_before) return std::nullopt;
  if (package.files.empty()) {
    // Files that could not be read, or that do not exist, have been reported.
    if (!loaded.broken) diagnostics.error(kNothingToCompile, loaded.path);
    return std::nullopt;
  }
  package.name = package.files[0].package.text;
  if (!check_names(package, diagnostics)) return std::nullopt;
  return package;
}

}  // namespace vdlc
