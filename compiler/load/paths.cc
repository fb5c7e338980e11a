#include "load/paths.h"

#include <vector>

namespace vdlc {

std::string clean_path(std::string_view path) {
  const bool absolute = path.starts_with('/');
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(part.size() + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part == ".." && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else if (part != ".." || !absolute) {
      parts.push_back(part);
    }
  }
  std::string result = absolute ? "/" : "";
  for (const std::string_view part : parts) {
    if (!result.empty() && result != "/") result += '/';
    result += part;
  }
  return result.empty() ? "." : result;
}

std::string absolute_path(std::string_view directory, std::string_view path) {
  return path.starts_with('/') ? clean_path(path) : clean_path(std::string(directory) + "/" + std::string(path));
}

std::string join_path(std::string_view directory, std::string_view name) {
  if (directory.empty() || directory == ".") return std::string(name);
  std::string result(directory);
  if (!result.ends_with('/')) result += '/';
  return result += name;
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string_view parent_path(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool is_below(std::string_view path, std::string_view directory, std::string* rest) {
  if (path == directory) {
    rest->clear();
    return true;
  }
  if (!path.starts_with(directory)) return false;
  path.remove_prefix(directory.size());
  if (!directory.ends_with('/')) {
    if (!path.starts_with('/')) return false;
    path.remove_prefix(1);
  }
  *rest = path;
  return true;
}

bool matches_pattern(std::string_view pattern, std::string_view text) {
  constexpr std::string_view kAny = "...";
  if (pattern.ends_with("/...") && matches_pattern(pattern.substr(0, pattern.size() - 4), text)) return true;
  // The pieces between the wildcards: the first and last are bound to the ends, the others are found left to right.
  std::size_t next = pattern.find(kAny);
  if (next == std::string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, next))) return false;
  text.remove_prefix(next);
  pattern.remove_prefix(next + kAny.size());
  for (next = pattern.find(kAny); next != std::string_view::npos; next = pattern.find(kAny)) {
    const std::size_t found = text.find(pattern.substr(0, next));
    if (found == std::string_view::npos) return false;
    text.remove_prefix(found + next);
    pattern.remove_prefix(next + kAny.size());
  }
  return text.ends_with(pattern);
}

}  // namespace vdlc
