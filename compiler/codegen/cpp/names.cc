#include "codegen/cpp/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "codegen/cpp/literals.h"
#include "codegen/cpp/messages.h"

namespace vdlc::cpp {
namespace {

// The standard packages, which live in a namespace of ours (docs/spec/cpp-mapping.md 3).
constexpr std::array<std::string_view, 4> kStandardPackages = {"math", "signature", "time", "vdltool"};

std::vector<std::string> split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  for (auto at = text.find(separator); at != text.npos; at = text.find(separator)) {
    parts.emplace_back(text.substr(0, at));
    text.remove_prefix(at + separator.size());
  }
  parts.emplace_back(text);
  return parts;
}

// A path element as an identifier: "a-b.c" is a_b_c, "2015" is n2015, "café" is caf_u00e9. Never two underscores on
// end, which C++ keeps for itself.
std::string identifier(std::string_view element) {
  std::string result;
  while (!element.empty()) {
    const CodePoint point = next_code_point(element);
    element.remove_prefix(point.bytes);
    const std::uint32_t c = point.value;
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    if (result.empty() && !letter && c < 0x80) result += 'n';
    if (letter || digit) {
      result += static_cast<char>(c);
      continue;
    }
    if (!result.empty() && result.back() != '_') result += '_';
    if (c >= 0x80) result += fmt::format("u{:04x}", c);
  }
  return result;
}

}  // namespace

std::string with_ending(std::string_view name) { return std::string(name) + (name.ends_with('_') ? '2' : '_'); }

std::string spell_name(std::string_view name, Place place) {
  return is_reserved(name, place) ? with_ending(name) : std::string(name);
}

std::string spell_member(std::string_view name, std::string_view type_name) {
  std::string spelled = spell_name(name, Place::kInside);
  return spelled == type_name ? with_ending(spelled) : spelled;
}

std::string unlike(std::string name, const std::set<std::string>& taken) {
  if (!taken.contains(name)) return name;
  std::string stem = name.ends_with('_') ? name : name + '_';
  if (stem != name && !taken.contains(stem)) return stem;
  for (std::size_t number = 2;; ++number) {
    if (const std::string next = stem + std::to_string(number); !taken.contains(next)) return next;
  }
}

std::vector<std::string> namespace_of(std::string_view package_path, const BackEndOptions& options) {
  const auto config = options.configs.find(std::string(package_path));
  if (config != options.configs.end() && !config->second.name_space.empty()) {
    return split(config->second.name_space, "::");
  }
  std::vector<std::string> parts = split(package_path, "/");
  if (parts.size() > 1 && parts.front().find('.') != std::string::npos) parts.erase(parts.begin());
  if (std::find(kStandardPackages.begin(), kStandardPackages.end(), package_path) != kStandardPackages.end()) {
    return {"vdl", parts.front()};
  }
  Place place = Place::kTopLevel;
  for (std::string& part : parts) {
    part = spell_name(identifier(part), place);
    place = Place::kPackage;
  }
  return parts;
}

std::string rooted(const std::vector<std::string>& name_space) {
  std::string result;
  for (const auto& part : name_space) result += "::" + part;
  return result;
}

FullName split_full_name(std::string_view full) {
  const auto dot = full.rfind('.');
  if (dot == full.npos) return {"", std::string(full)};
  return {std::string(full.substr(0, dot)), std::string(full.substr(dot + 1))};
}

void NameScope::add(const std::string& spelled, std::string what, Span at) {
  const auto [owner, added] = names_.emplace(spelled, Owner{what, at});
  if (added) return;
  diagnostics_.error(at, kNamesMeet, what, spelled, owner->second.what)
      .note(owner->second.at, owner->second.what + " is here");
}

}  // namespace vdlc::cpp
