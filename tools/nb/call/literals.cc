#include "call/literals.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "check/literal.h"
#include "cli/failure.h"
#include "diagnostics/diagnostics.h"
#include "diagnostics/excerpt.h"
#include "model/print.h"
#include "source/source.h"
#include "syntax/parse.h"

namespace tool {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kMaxBytes = 16 << 20;

// "v.io/v23/security.WireBlessings" is type WireBlessings of package v.io/v23/security.
std::pair<std::string, std::string> split_name(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return {};
  return {std::string(name.substr(0, dot)), std::string(name.substr(dot + 1))};
}

// Names come from the server; what could not stand in a source file is left out.
bool is_plain(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '.' || c == '/' || c == '-';
  });
}

void add_parts(const nb::Type& type, std::vector<nb::Type>& to) {
  switch (type.kind()) {
    case nb::Kind::kArray:
    case nb::Kind::kList:
    case nb::Kind::kOptional:
      to.push_back(type.elem());
      return;
    case nb::Kind::kSet:
      to.push_back(type.key());
      return;
    case nb::Kind::kMap:
      to.push_back(type.key());
      to.push_back(type.elem());
      return;
    case nb::Kind::kStruct:
    case nb::Kind::kUnion:
      for (const auto& field : type.fields()) to.push_back(field.type);
      return;
    default:
      return;
  }
}

constexpr std::string_view kBefore = "config =\n";

// The diagnostics as lines for people, with a picture of the place in the literal, which ends at `end_of_literal`.
std::string in_words(const vdlc::Diagnostics& diagnostics, const std::string& source, std::size_t end_of_literal) {
  std::string text;
  for (const vdlc::Diagnostic* each : diagnostics.sorted()) {
    if (!text.empty()) text += "\n";
    text += vdlc::make_visible(each->text);
    for (const auto& note : each->notes) text += "; " + vdlc::make_visible(note.text);
    if (!each->span) continue;
    const std::size_t begin = std::clamp<std::size_t>(each->span->begin, kBefore.size(), end_of_literal);
    const std::size_t line_at = source.rfind('\n', begin - 1) + 1;
    const std::string_view line = std::string_view(source).substr(line_at, source.find('\n', begin) - line_at);
    const std::size_t end = std::clamp<std::size_t>(each->span->end, begin, end_of_literal);
    const auto picture = vdlc::make_excerpt(line, begin - line_at, end - line_at, kWidth);
    text += "\n    " + picture.line + "\n    " + std::string(picture.indent, ' ') + std::string(picture.length, '^');
  }
  return text;
}

}  // namespace

std::vector<nb::Type> named_types(std::span<const nb::Type> types) {
  std::vector<nb::Type> waiting(types.begin(), types.end());
  std::set<const nb::TypeNode*> seen;
  std::map<std::string, nb::Type> found;
  while (!waiting.empty()) {
    const nb::Type type = waiting.back();
    waiting.pop_back();
    if (!seen.insert(type.node()).second) continue;
    if (!type.name().empty()) found.emplace(type.name(), type);
    add_parts(type, waiting);
  }
  std::vector<nb::Type> result;
  for (auto& [name, type] : found) result.push_back(type);
  return result;
}

Literals::Literals(std::span<const nb::Type> types) {
  std::map<std::string, std::unique_ptr<vdlc::model::Package>> packages;
  std::set<std::string> local_names;
  for (const nb::Type& type : named_types(types)) {
    const auto [path, name] = split_name(type.name());
    const std::string local_name = path.substr(path.rfind('/') + 1);
    if (!is_plain(path) || !is_plain(name) || local_name.find_first_of(".-") != std::string::npos) continue;
    auto& package = packages[path];
    if (package == nullptr) {
      package = std::make_unique<vdlc::model::Package>();
      package->path = package->gen_path = path;
      package->name = local_name;
      // Of two packages that are called alike only the first can be named.
      if (local_names.insert(local_name).second) imports_ += "import \"" + path + "\"\n";
    }
    vdlc::model::TypeDef definition;
    definition.name = name;
    definition.type = type;
    definition.exported = true;
    package->types.push_back(std::move(definition));
  }
  for (auto& [path, package] : packages) known_.packages.push_back(std::move(package));
}

nb::Result<nb::Value> Literals::read(const std::string& text, const nb::Type& type, const std::string& what) const {
  const std::string of_type = what + " of type " + vdlc::model::spell(type) + ": ";
  if (text.size() > kMaxBytes) return failure(of_type + "longer than 16 MiB");
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    return failure(of_type + "there is nothing; an empty text is written \"\"");
  }
  vdlc::Sources sources;
  const auto id = sources.add("literal", "", std::string(kBefore) + text + "\n" + imports_);
  vdlc::Diagnostics diagnostics;
  const auto file = vdlc::parse_config(sources.file(id), diagnostics);
  std::optional<nb::Value> value;
  if (file) value = vdlc::check_literal(*file, known_, type, diagnostics);
  if (value) return *std::move(value);
  std::string words = in_words(diagnostics, sources.file(id).text, kBefore.size() + text.size());
  // The commonest of all mistakes, since shells take quotes away.
  if ((type.kind() == nb::Kind::kString || type.is_bytes()) && text.find('"') == std::string::npos) {
    words += "\nTexts have quotes, which the shell must not take: '\"" + vdlc::make_visible(text) + "\"'.";
  }
  return failure(of_type + words);
}

}  // namespace tool
