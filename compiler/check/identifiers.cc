#include "check/identifiers.h"

#include <algorithm>
#include <array>

namespace vdlc::passes {
namespace {

constexpr std::array kJava = std::to_array<std::string_view>({
    "abstract",  "assert",   "boolean",  "break",    "byte",    "case",         "catch",     "char",       "class",
    "const",     "continue", "default",  "do",       "double",  "else",         "enum",      "extends",    "final",
    "finally",   "float",    "for",      "goto",     "if",      "implements",   "import",    "instanceof", "int",
    "interface", "long",     "native",   "new",      "package", "private",      "protected", "public",     "return",
    "short",     "static",   "strictfp", "super",    "switch",  "synchronized", "this",      "throw",      "throws",
    "transient", "try",      "void",     "volatile", "while",
});
constexpr std::array kGo = std::to_array<std::string_view>({
    "break", "case",   "chan",   "const",  "continue", "default", "defer",     "else", "fallthrough",
    "for",   "func",   "go",     "goto",   "if",       "import",  "interface", "map",  "package",
    "range", "return", "select", "struct", "switch",   "type",    "var",
});
// `delete` and `in` are left out on purpose, as in the reference.
constexpr std::array kJavaScript = std::to_array<std::string_view>({
    "break",   "case",  "catch",    "continue", "debugger",   "default", "do",     "else",
    "finally", "for",   "function", "if",       "instanceof", "new",     "return", "switch",
    "this",    "throw", "try",      "typeof",   "var",        "void",    "while",  "with",
});
constexpr std::array kTypes = std::to_array<std::string_view>({
    "any",
    "bool",
    "byte",
    "error",
    "float32",
    "float64",
    "int16",
    "int32",
    "int64",
    "int8",
    "string",
    "typeobject",
    "uint16",
    "uint32",
    "uint64",
});

template <std::size_t N>
bool holds(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_any_letter(char c) { return is_upper(c) || is_lower(c); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lowered(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

bool has_good_characters(std::string_view name) {
  if (name.empty() || !is_any_letter(name[0])) return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return is_any_letter(c) || is_digit(c) || c == '_'; });
}

// Two capitals in a row are fine only when a lower-case letter follows them: `ABc`, `IDs`.
bool has_acronym(std::string_view name) {
  for (std::size_t i = 0; i + 1 < name.size(); ++i) {
    if (!is_upper(name[i]) || !is_upper(name[i + 1])) continue;
    if (i + 2 == name.size() || !is_lower(name[i + 2])) return true;
  }
  return false;
}

// The Go table is compared as written only; the others also with the first letter lowered, where a target language
// spells the name so.
std::optional<NameProblem> reserved(std::string_view name, NameRole role) {
  const auto found = [](std::string_view language, std::string_view word) {
    return NameProblem{NameFault::kReserved, language, std::string(word)};
  };
  std::string lowered_name(name);
  if (role == NameRole::kMember || role == NameRole::kArgument) lowered_name[0] = lowered(lowered_name[0]);
  for (const std::string_view word : {name, std::string_view(lowered_name)}) {
    if (holds(kJava, word)) return found("Java", word);
    if (holds(kJavaScript, word)) return found("JavaScript", word);
  }
  if (holds(kGo, name)) return found("Go", name);
  return std::nullopt;
}

}  // namespace

std::optional<NameProblem> name_problem(std::string_view name, NameRole role) {
  if (!has_good_characters(name)) return NameProblem{NameFault::kCharacters};
  if (auto problem = reserved(name, role)) return problem;
  if (role == NameRole::kMember && !is_exported(name)) return NameProblem{NameFault::kNotExported};
  if (role != NameRole::kConstant && has_acronym(name)) return NameProblem{NameFault::kAcronym};
  return std::nullopt;
}

bool is_exported(std::string_view name) { return !name.empty() && is_upper(name[0]); }

std::string camel_case(std::string_view name) {
  std::string result(name);
  for (std::size_t i = 1; i < name.size(); ++i) {
    // The last capital of a run begins the next word: HTTPServer is Http Server.
    const bool begins_word = i + 1 < name.size() && is_lower(name[i + 1]);
    if (is_upper(name[i - 1]) && is_upper(name[i]) && !begins_word) result[i] = lowered(name[i]);
  }
  return result;
}

std::string fold_case(std::string_view name) {
  std::string result(name);
  std::transform(result.begin(), result.end(), result.begin(), lowered);
  return result;
}

std::vector<std::string_view> built_in_type_names() { return {kTypes.begin(), kTypes.end()}; }
bool is_built_in_type(std::string_view name) { return holds(kTypes, name); }
bool is_built_in_constant(std::string_view name) { return name == "true" || name == "false" || name == "nil"; }

}  // namespace vdlc::passes
