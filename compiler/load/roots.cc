#include "load/roots.h"

#include <algorithm>

#include "load/messages.h"
#include "load/paths.h"

namespace vdlc {
namespace {

constexpr std::string_view kVdlrootPath = "v.io/v23/vdlroot";
constexpr std::size_t kMaxDirectoryDepth = 64;  // of a search with a pattern

// The path behind `module` in a go.mod file.
std::string module_path(std::string_view text) {
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line = line.substr(0, line.find("//"));
    const std::size_t begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos || !line.substr(begin).starts_with("module")) continue;
    line.remove_prefix(begin + 6);
    if (line.empty() || (line[0] != ' ' && line[0] != '\t')) continue;
    const std::size_t first = line.find_first_not_of(" \t\"");
    if (first == std::string_view::npos) return "";
    return std::string(line.substr(first, line.find_first_of(" \t\"\r", first) - first));
  }
  return "";
}

// Standard packages have no host in their path; the others below vdlroot are ordinary packages that come with us.
bool is_standard_path(std::string_view path) {
  return path.substr(0, path.find('/')).find('.') == std::string_view::npos;
}

}  // namespace

bool is_vdl_file_name(std::string_view name) {
  return name.size() > 4 && name.ends_with(".vdl") && name[0] != '.' && name[0] != '_';
}

bool has_hidden_element(std::string_view path) {
  if (path.starts_with('.') || path.starts_with('_')) return true;
  return path.find("/.") != std::string_view::npos || path.find("/_") != std::string_view::npos;
}

Roots::Roots(const LoadOptions& options, const FileSystem& files, Diagnostics& diagnostics) : files_(files) {
  const std::string here = files.current_directory();
  if (!options.vdlroot.empty()) {
    const std::string directory = absolute_path(here, options.vdlroot);
    if (files.kind(directory) == FileSystem::Kind::kDirectory) {
      roots_.push_back({directory, "", true});
    } else {
      const bool missing = files.kind(directory) == FileSystem::Kind::kMissing;
      diagnostics.error(kBadVdlroot, options.vdlroot,
                        std::string(missing ? "it does not exist" : "it is not a directory"));
      usable_ = false;
    }
  }
  for (const std::string& root : options.roots) {
    if (root.empty()) continue;
    const std::string directory = absolute_path(here, root);
    if (std::any_of(roots_.begin(), roots_.end(),
                    [&](const Root& r) { return !r.standard && r.directory == directory; }))
      continue;
    ++source_directories_;
    if (const FileSystem::Kind kind = files.kind(directory); kind != FileSystem::Kind::kDirectory) {
      if (kind == FileSystem::Kind::kMissing && options.roots_may_be_missing) continue;
      const bool missing = kind == FileSystem::Kind::kMissing;
      diagnostics.error(kBadRoot, root, std::string(missing ? "does not exist" : "is not a directory"));
      usable_ = false;
      continue;
    }
    Root added{directory, "", false};
    const std::string module_file = join_path(directory, "go.mod");
    if (files.kind(module_file) == FileSystem::Kind::kFile) {
      const auto text = files.read(module_file);
      if (text) added.module = module_path(*text);
      if (added.module.empty()) {
        diagnostics.error(kNoModuleLine, join_path(root, "go.mod"));
        usable_ = false;
      }
    }
    roots_.push_back(std::move(added));
  }
}

bool Roots::is_package(const std::string& directory) const {
  if (files_.kind(directory) != FileSystem::Kind::kDirectory) return false;
  const auto entries = files_.list(directory);
  if (!entries) return true;  // cannot be known; reading it will say why
  return std::any_of(entries->begin(), entries->end(), [](const FileSystem::Entry& entry) {
    // A link that leads nowhere counts: reading it will say so.
    return entry.kind != FileSystem::Kind::kDirectory && is_vdl_file_name(entry.name);
  });
}

PackagePlace Roots::make_place(const Root& root, const std::string& rest) const {
  PackagePlace place;
  place.directory = rest.empty() ? root.directory : join_path(root.directory, rest);
  place.standard = root.standard;
  place.path = rest;
  if (!root.module.empty()) {
    // DIR/M/rel is package M/rel as well as DIR/rel is.
    std::string below;
    if (!is_below(rest, root.module, &below)) place.path = rest.empty() ? root.module : root.module + "/" + rest;
  }
  place.gen_path = place.path;
  if (std::string below; is_below(place.path, kVdlrootPath, &below) && !below.empty()) {
    place.path = below;
  } else if (root.standard && is_standard_path(place.path)) {
    place.gen_path = join_path(kVdlrootPath, place.path);
  }
  return place;
}

std::optional<PackagePlace> Roots::find(const std::string& import_path, std::vector<std::string>* tried) const {
  const std::string path = clean_path(import_path);
  if (path.starts_with("/") || path == "." || path.starts_with("..")) return std::nullopt;
  for (const Root& root : roots_) {
    std::vector<std::string> rests;
    if (std::string rest; !root.module.empty() && is_below(path, root.module, &rest)) rests.push_back(rest);
    rests.push_back(path);
    if (!root.standard) rests.push_back(join_path(kVdlrootPath, path));
    for (const std::string& rest : rests) {
      const std::string directory = rest.empty() ? root.directory : join_path(root.directory, rest);
      if (is_package(directory)) return make_place(root, rest);
      if (tried && rest != join_path(kVdlrootPath, path)) tried->push_back(directory);
    }
  }
  return std::nullopt;
}

bool Roots::is_source_directory(const std::string& directory) const {
  return std::any_of(roots_.begin(), roots_.end(), [&](const Root& root) { return root.directory == directory; });
}

std::optional<PackagePlace> Roots::place_of(const std::string& directory) const {
  for (const Root& root : roots_) {
    std::string rest;
    if (!is_below(directory, root.directory, &rest)) continue;
    PackagePlace place = make_place(root, rest);
    if (!place.path.empty()) return place;
  }
  return std::nullopt;
}

// Visits `top` and every directory below it that is not hidden, in order of name. Links are not followed: they may make
// circles, and what they lead to has a path of its own.
template <class Visit>
void Roots::walk(const std::string& top, Visit visit) const {
  std::vector<std::pair<std::string, std::size_t>> open{{top, 0}};
  while (!open.empty()) {
    const auto [directory, depth] = open.back();
    open.pop_back();
    visit(directory);
    if (depth == kMaxDirectoryDepth) continue;
    const auto entries = files_.list(directory);
    if (!entries) continue;
    for (auto entry = entries->rbegin(); entry != entries->rend(); ++entry) {
      const bool hidden = entry->name.starts_with('.') || entry->name.starts_with('_');
      if (entry->kind == FileSystem::Kind::kDirectory && !entry->is_link && !hidden)
        open.emplace_back(join_path(directory, entry->name), depth + 1);
    }
  }
}

std::vector<PackagePlace> Roots::matching(const std::string& pattern) const {
  std::vector<PackagePlace> result;
  for (const Root& root : roots_) {
    if (root.standard) continue;
    walk(root.directory, [&](const std::string& directory) {
      std::string rest;
      if (!is_below(directory, root.directory, &rest)) return;
      const PackagePlace place = make_place(root, rest);
      const bool known =
          std::any_of(result.begin(), result.end(), [&](const PackagePlace& p) { return p.path == place.path; });
      if (place.path.empty() || known || place.path != place.gen_path) return;
      if (matches_pattern(pattern, place.path) && is_package(directory)) result.push_back(place);
    });
  }
  return result;
}

std::vector<PackagePlace> Roots::matching_below(const std::string& directory, const std::string& pattern) const {
  std::vector<PackagePlace> result;
  walk(directory, [&](const std::string& found) {
    if (!matches_pattern(pattern, found) || !is_package(found)) return;
    if (const auto place = place_of(found)) result.push_back(*place);
  });
  return result;
}

}  // namespace vdlc
