// The rules for declared names (docs/spec/vdl-language.md 3.2): characters, acronyms, reserved words, export.
// Pure functions over text; the passes turn the answers into diagnostics.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vdlc::passes {

enum class NameRole {
  kPackage,
  kDefinition,  // type, interface, error
  kConstant,
  kMember,    // enum label, struct or union field, method: must be exported
  kArgument,  // argument, error parameter
};

enum class NameFault { kCharacters, kNotExported, kAcronym, kReserved };

struct NameProblem {
  NameFault fault;
  std::string_view language = {};  // of a reserved word: "Java", "JavaScript" or "Go"
  std::string word = {};           // that word: the name as it is, or with its first letter lowered
};

// The first rule that the name breaks in this role.
std::optional<NameProblem> name_problem(std::string_view name, NameRole role);

// First character is A-Z.
bool is_exported(std::string_view name);

// A spelling without acronyms: "HTTPServer" gives "HttpServer".
std::string camel_case(std::string_view name);

// ASCII letters lowered: names of a package are compared so (NM6).
std::string fold_case(std::string_view name);

// Names that are always there: "int32", "any" …, and "true", "false", "nil".
std::vector<std::string_view> built_in_type_names();
bool is_built_in_type(std::string_view name);
bool is_built_in_constant(std::string_view name);

}  // namespace vdlc::passes
