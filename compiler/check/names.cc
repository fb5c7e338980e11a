#include "check/names.h"

#include <algorithm>

#include "check/messages.h"

namespace vdlc::passes {
namespace {

template <class Definition>
void collect(std::vector<Def>& defs, DefKind kind, std::uint32_t file, const std::vector<Definition>& definitions) {
  for (std::uint32_t i = 0; i < definitions.size(); ++i) defs.push_back({kind, file, i, &definitions[i].name, false});
}

std::string with_article(DefKind kind) {
  const bool vowel = kind == DefKind::kError || kind == DefKind::kInterface;
  return (vowel ? "an " : "a ") + std::string(to_string(kind));
}

NameRole role_of(DefKind kind) { return kind == DefKind::kConst ? NameRole::kConstant : NameRole::kDefinition; }

void check_file_docs(const ast::Package& package, Diagnostics& diagnostics) {
  for (const auto& file : package.files) {
    if (file.file_doc == package.files[0].file_doc) continue;
    diagnostics.error(Span{file.id, 0, 0}, kFileDocDiffers)
        .note(Span{package.files[0].id, 0, 0}, "the first file is here");
  }
}

}  // namespace

std::string name_fault(std::string_view name, NameRole role) {
  const auto problem = name_problem(name, role);
  if (!problem) return "";
  switch (problem->fault) {
    case NameFault::kCharacters:
      return "a name is an ASCII letter followed by ASCII letters, digits and `_`";
    case NameFault::kNotExported:
      return "it does not begin with a capital letter";
    case NameFault::kAcronym:
      return "it has capitals in a row, camel case would be `" + camel_case(name) + "`";
    case NameFault::kReserved:
      return (problem->word == name ? "it is a reserved word in "
                                    : "it becomes `" + problem->word + "`, a reserved word in ") +
             std::string(problem->language);
  }
  return "";
}

void check_name(const ast::Ident& name, NameRole role, std::string_view what, Diagnostics& diagnostics) {
  const auto problem = name_problem(name.text, role);
  if (!problem) return;
  switch (problem->fault) {
    case NameFault::kCharacters:
      diagnostics.error(name.span, kNameCharacters, name.text);
      return;
    case NameFault::kNotExported: {
      std::string capitalised = name.text;
      capitalised[0] = static_cast<char>(capitalised[0] - 'a' + 'A');  // it is a letter, else NM1
      auto& diagnostic = diagnostics.error(name.span, kNameNotExported, what, name.text);
      // A type in place of a name gets its hint with the name (TY1).
      if (is_built_in_type(name.text)) return;
      diagnostic.suggest(name.span, capitalised, "write `" + capitalised + "`");
      return;
    }
    case NameFault::kAcronym:
      diagnostics.error(name.span, kNameAcronym, name.text, camel_case(name.text));
      return;
    case NameFault::kReserved:
      if (problem->word == name.text) {
        diagnostics.error(name.span, kNameReserved, name.text, problem->language);
      } else {
        diagnostics.error(name.span, kNameReservedLowered, name.text, problem->word, problem->language);
      }
      return;
  }
}

void collect_names(Scope& scope, Diagnostics& diagnostics) {
  const auto& package = scope.package();
  auto& defs = scope.defs();
  for (std::uint32_t f = 0; f < package.files.size(); ++f) {
    const auto& file = package.files[f];
    const auto first = static_cast<std::ptrdiff_t>(defs.size());
    collect(defs, DefKind::kType, f, file.type_defs);
    collect(defs, DefKind::kConst, f, file.const_defs);
    collect(defs, DefKind::kError, f, file.error_defs);
    collect(defs, DefKind::kInterface, f, file.interfaces);
    std::stable_sort(defs.begin() + first, defs.end(),
                     [](const Def& a, const Def& b) { return a.name->span.begin < b.name->span.begin; });
  }
  if (!package.files.empty()) {
    const auto& clause = package.files[0].package;
    if (const auto fault = name_fault(clause.text, NameRole::kPackage); !fault.empty()) {
      diagnostics.error(clause.span, kBadPackageName, clause.text, fault);
    }
  }
  check_file_docs(package, diagnostics);
  for (std::uint32_t i = 0; i < defs.size(); ++i) {
    Def& def = defs[i];
    const auto& name = *def.name;
    check_name(name, role_of(def.kind), to_string(def.kind), diagnostics);
    if (const DefId* earlier = scope.find_folded(fold_case(name.text))) {
      const Def& first = scope.def(*earlier);
      diagnostics.error(name.span, kNameTwice, name.text, with_article(first.kind))
          .note(first.name->span, "`" + first.name->text + "` is defined here");
      def.poisoned = scope.find_local(name.text) != nullptr;
    } else if (is_built_in_type(name.text) || is_built_in_constant(name.text)) {
      diagnostics.warning(name.span, kNameShadowed, name.text);
    }
    scope.declare(DefId{i});
  }
}

void compare_with_imports(Scope& scope, Diagnostics& diagnostics) {
  for (const Def& def : scope.defs()) {
    const auto& file = scope.file_scope(def.file);
    const auto found = file.by_local_name.find(def.name->text);
    if (found == file.by_local_name.end()) continue;
    diagnostics.error(def.name->span, kNameIsImport, def.name->text)
        .note(file.imports[found->second].node->span, "it is imported here");
  }
}

}  // namespace vdlc::passes
