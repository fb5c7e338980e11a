#include "check/imports.h"

#include "check/messages.h"

namespace vdlc::passes {
namespace {

// The last element of the path, whatever the imported package calls itself.
std::string local_name(const ast::Import& import) {
  if (import.alias) return import.alias->text;
  return import.path.value.substr(import.path.value.rfind('/') + 1);
}

}  // namespace

void collect_imports(Scope& scope, const model::Program& compiled_so_far, Diagnostics& diagnostics) {
  for (std::uint32_t f = 0; f < scope.package().files.size(); ++f) {
    auto& file = scope.file_scope(f);
    for (const auto& import : scope.file(f).imports) {
      const auto* package = compiled_so_far.find(import.path.value);
      if (package == nullptr) diagnostics.error(import.path.span, kImportNotCompiled, import.path.value);
      ImportEntry entry{&import, local_name(import), package ? scope.exports_of(*package) : nullptr};
      const auto [earlier, is_new] = file.by_local_name.emplace(entry.local_name, file.imports.size());
      if (!is_new) {
        const Span at = import.alias ? import.alias->span : import.path.span;
        diagnostics.error(at, kImportNameTwice, entry.local_name)
            .note(file.imports[earlier->second].node->span, "the first import of that name is here");
        entry.used = true;  // nothing can go through it any more
      }
      file.imports.push_back(std::move(entry));
    }
  }
}

void find_unused_imports(const Scope& scope, Diagnostics& diagnostics) {
  for (std::uint32_t f = 0; f < scope.package().files.size(); ++f) {
    for (const auto& import : scope.file_scope(f).imports) {
      if (!import.used) diagnostics.error(import.node->path.span, kImportUnused, import.node->path.value);
    }
  }
}

}  // namespace vdlc::passes
