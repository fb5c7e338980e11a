#include "load/load.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "load/messages.h"
#include "load/paths.h"
#include "load/roots.h"
#include "syntax/parse.h"

namespace vdlc {
namespace {

constexpr std::size_t kMaxFileBytes = 8 << 20;
constexpr std::string_view kConfigName = "vdl.config";
constexpr std::string_view kConfigPackage = "vdltool";

// One import declaration, and the package it stands for.
struct Edge {
  std::size_t target;
  Span span;
  bool by_config = false;  // not an import: the package has a vdl.config
};

class Loader {
 public:
  Loader(const LoadOptions& options, FileSystem& files, Sources& sources, Diagnostics& diagnostics)
      : options_(options),
        files_(files),
        sources_(sources),
        diagnostics_(diagnostics),
        here_(files.current_directory()),
        roots_(options, files, diagnostics) {}

  std::vector<LoadedPackage> run() {
    if (!roots_.usable()) return {};
    if (options_.packages.empty()) request(".");
    for (const std::string& argument : options_.packages) request(argument);
    // The list grows while it is walked: what a package imports comes behind it.
    for (std::size_t i = 0; i < packages_.size(); ++i) {
      read_files(i);
      resolve_imports(i);
    }
    order_packages();
    spread_failure();
    std::vector<LoadedPackage> result;
    for (const std::size_t i : order_) result.push_back(std::move(packages_[i]));
    return result;
  }

 private:
  // ---- arguments
  void request(const std::string& argument) {
    const bool is_directory = argument == "." || argument == ".." || argument.starts_with("./") ||
                              argument.starts_with("../") || argument.starts_with('/');
    if (argument.find("...") != std::string::npos || argument == "all") {
      request_pattern(argument == "all" ? "..." : argument, is_directory);
    } else if (argument.ends_with(".vdl")) {
      request_file(argument);
    } else if (is_directory) {
      request_directory(argument);
    } else {
      request_import_path(argument);
    }
  }

  void request_pattern(const std::string& pattern, bool is_directory) {
    std::vector<PackagePlace> places;
    if (is_directory) {
      const std::string full = absolute_path(here_, pattern);
      places = roots_.matching_below(std::string(parent_path(full.substr(0, full.find("...") + 1))), full);
    } else {
      places = roots_.matching(pattern);
    }
    for (const PackagePlace& place : places) packages_[add(place)].requested = true;
    if (places.empty() && !missing_root()) diagnostics_.error(kNothingFound, std::string("pattern"), pattern);
  }

  void request_file(const std::string& file) {
    if (files_.kind(file) == FileSystem::Kind::kFile) {
      request_directory(std::string(parent_path(clean_path(file))));
    } else {
      diagnostics_.error(kUnreadable, file, std::string("there is no such file"));
    }
  }

  void request_directory(const std::string& directory) {
    const std::string full = absolute_path(here_, directory);
    const FileSystem::Kind kind = files_.kind(full);
    if (kind != FileSystem::Kind::kDirectory) {
      const bool missing = kind == FileSystem::Kind::kMissing;
      diagnostics_.error(kNotADirectory, directory, std::string(missing ? "does not exist" : "is not a directory"));
      return;
    }
    const std::optional<PackagePlace> place = roots_.place_of(full);
    if (!place) {
      if (missing_root()) return;
      if (roots_.is_source_directory(full)) {
        diagnostics_.error(kRootIsNoPackage, directory)
            .note("put its .vdl files into a folder below it, which gives their package its path");
      } else {
        Diagnostic& report = diagnostics_.error(kOutsideRoots, directory);
        for (const std::string& root : options_.roots) report.note(fmt::format("source directory: {}", root));
      }
    } else if (has_hidden_element(place->path)) {
      diagnostics_.error(kHiddenElement, place->path);
    } else {
      packages_[add(*place)].requested = true;
    }
  }

  void request_import_path(const std::string& path) {
    if (has_hidden_element(clean_path(path))) {
      diagnostics_.error(kHiddenElement, path);
      return;
    }
    std::vector<std::string> tried;
    if (const std::optional<PackagePlace> place = roots_.find(path, &tried)) {
      packages_[add(*place)].requested = true;
      return;
    }
    if (missing_root()) return;
    Diagnostic& report = diagnostics_.error(kNothingFound, std::string("package path"), path);
    list_tried(report, tried);
    if (files_.kind(path) == FileSystem::Kind::kDirectory)
      report.note(fmt::format("a directory is given as `./{}`", path));
  }

  // BD1, once, when something was not found and there is no place where a user's package could be.
  bool missing_root() {
    if (roots_.has_source_directory()) return false;
    if (!std::exchange(reported_no_root_, true)) diagnostics_.error(kNoRoot);
    return true;
  }

  void list_tried(Diagnostic& report, const std::vector<std::string>& tried) const {
    for (const std::string& directory : tried) report.note(fmt::format("looked in {}", shown(directory)));
  }

  // ---- packages
  std::string shown(const std::string& path) const {
    std::string rest;
    if (!is_below(path, here_, &rest)) return path;
    return rest.empty() ? "." : rest;
  }

  std::size_t add(const PackagePlace& place) {
    const auto [known, is_new] = by_path_.emplace(place.path, packages_.size());
    if (!is_new) {
      const std::string& first = directories_[known->second];
      if (first != place.directory)
        diagnostics_.error(kPackageElsewhere, place.path, shown(place.directory), shown(first));
      return known->second;
    }
    LoadedPackage package;
    package.path = place.path;
    package.gen_path = place.gen_path;
    package.directory = shown(place.directory);
    packages_.push_back(std::move(package));
    directories_.push_back(place.directory);
    standard_.push_back(place.standard);
    edges_.emplace_back();
    return known->second;
  }

  void read_files(std::size_t i) {
    const std::string directory = directories_[i];
    const auto entries = files_.list(directory);
    if (!entries) {
      diagnostics_.error(kNotADirectory, shown(directory),
                         fmt::format("cannot be read: {}", entries.error().message()));
      packages_[i].broken = true;
      return;
    }
    bool any = false;
    for (const FileSystem::Entry& entry : *entries) {
      if (entry.name == kConfigName) packages_[i].config = read_file(i, entry.name);
      if (!is_vdl_file_name(entry.name)) continue;
      any = true;
      if (const auto file = read_file(i, entry.name)) packages_[i].files.push_back(*file);
    }
    if (!any) {
      diagnostics_.error(kNoVdlFiles, shown(directory));
      packages_[i].broken = true;
    }
    warn_about_standard_path(i);
  }

  std::optional<FileId> read_file(std::size_t i, const std::string& name) {
    const std::string path = join_path(directories_[i], name);
    const auto text = files_.read(path);
    if (!text) {
      const std::string reason(text.error().message());
      if (name == kConfigName) {
        diagnostics_.error(kConfigUnreadable, shown(path), reason);
      } else {
        diagnostics_.error(kUnreadable, shown(path), reason);
      }
      packages_[i].broken = true;
      return std::nullopt;
    }
    const bool too_large = text->size() > kMaxFileBytes;
    const FileId file = sources_.add(shown(path), packages_[i].path, too_large ? "" : *text);
    if (!too_large) return file;
    diagnostics_.error(Span{file, 0, 0}, kFileTooLarge, kMaxFileBytes);
    packages_[i].broken = true;
    return std::nullopt;
  }

  // A directory argument may have the path of a standard package; nobody can import it then (Q16).
  void warn_about_standard_path(std::size_t i) {
    if (standard_[i] || packages_[i].files.empty()) return;
    const auto found = roots_.find(packages_[i].path, nullptr);
    if (!found || !found->standard || found->directory == directories_[i]) return;
    diagnostics_.warning(Span{packages_[i].files[0], 0, 0}, kShadowsStandard, packages_[i].path)
        .note(fmt::format("imports of `{}` find the one in {}", packages_[i].path, shown(found->directory)));
  }

  // ---- imports
  void resolve_imports(std::size_t i) {
    std::set<std::string> paths;
    for (const FileId file : packages_[i].files) {
      for (const ast::Import& import : scan_imports(sources_.file(file))) {
        if (const auto target = resolve(import.path, i)) {
          edges_[i].push_back({*target, import.path.span});
          paths.insert(packages_[*target].path);
        } else {
          packages_[i].broken = true;
        }
      }
    }
    packages_[i].imports.assign(paths.begin(), paths.end());
    if (packages_[i].config) add_config_dependency(i);
  }

  // A config file is a value of a type in package vdltool, which must be compiled before.
  void add_config_dependency(std::size_t i) {
    const auto place = roots_.find(std::string(kConfigPackage), nullptr);
    const Span start{*packages_[i].config, 0, 0};
    if (!place) {
      diagnostics_.error(start, kImportNotFound, std::string(kConfigPackage)).note("a vdl.config needs it");
      packages_[i].broken = true;
    } else if (place->path != packages_[i].path) {
      const std::size_t target = add(*place);  // grows edges_
      edges_[i].push_back({target, start, true});
    }
  }

  std::optional<std::size_t> resolve(const ast::StringLit& import, std::size_t importer) {
    const std::string& path = import.value;
    if (path.empty()) {
      diagnostics_.error(import.span, kImportEmpty).note("it is the path of a package: `import \"path/of/package\"`");
      return std::nullopt;
    }
    if (path == "v.io/v23/vdlroot" || path.starts_with("v.io/v23/vdlroot/")) {
      Diagnostic& report = diagnostics_.error(import.span, kImportLongForm, path);
      if (path.size() > 17) {
        const std::string short_form = "\"" + path.substr(17) + "\"";
        report.suggest(import.span, short_form, fmt::format("write {}", short_form));
      }
      return std::nullopt;
    }
    const std::string clean = clean_path(path);
    if (has_hidden_element(clean)) {
      diagnostics_.error(import.span, kImportHidden, path);
      return std::nullopt;
    }
    std::vector<std::string> tried;
    const std::optional<PackagePlace> place = roots_.find(path, &tried);
    if (!place) {
      Diagnostic& report = diagnostics_.error(import.span, kImportNotFound, path);
      list_tried(report, tried);
      return std::nullopt;
    }
    if (place->path != path) {
      const std::string right = "\"" + place->path + "\"";
      diagnostics_.error(import.span, kImportNotThePath, path, place->path)
          .suggest(import.span, right, fmt::format("write {}", right));
      return std::nullopt;
    }
    // A package given as a directory may share its path with the one its import finds; then that is the standard one.
    if (const auto known = by_path_.find(place->path);
        known != by_path_.end() && directories_[known->second] != place->directory) {
      diagnostics_.error(import.span, kPackageElsewhere, place->path, shown(place->directory),
                         shown(directories_[known->second]));
      return std::nullopt;
    }
    const std::size_t target = add(*place);
    if (target == importer) {
      report_cycle({{target, import.span}});
      packages_[importer].broken = true;
      return std::nullopt;
    }
    return target;
  }

  // ---- order
  // Depth first from each package in the order of requests, dependencies first. Without recursion: chains of imports
  // are as long as their author likes.
  void order_packages() {
    enum class State { kNew, kOpen, kDone };
    struct Visit {
      std::size_t package;
      std::size_t next_edge = 0;
    };
    std::vector<State> states(packages_.size(), State::kNew);
    std::vector<Visit> path;
    for (std::size_t start = 0; start < packages_.size(); ++start) {
      if (states[start] == State::kNew) {
        path.push_back({start});
        states[start] = State::kOpen;
      }
      while (!path.empty()) {
        Visit& visit = path.back();
        if (visit.next_edge == edges_[visit.package].size()) {
          states[visit.package] = State::kDone;
          order_.push_back(visit.package);
          path.pop_back();
          continue;
        }
        const Edge edge = edges_[visit.package][visit.next_edge++];
        if (states[edge.target] == State::kNew) {
          states[edge.target] = State::kOpen;
          path.push_back({edge.target});
        } else if (states[edge.target] == State::kOpen) {
          std::vector<Edge> cycle;
          auto member =
              std::find_if(path.begin(), path.end(), [&](const Visit& v) { return v.package == edge.target; });
          for (; member != path.end(); ++member) {
            const Edge& step = edges_[member->package][member->next_edge - 1];
            packages_[member->package].broken = true;
            cycle.push_back(step);
          }
          report_cycle(cycle);
        }
      }
    }
  }

  // The steps of a cycle: each leads to its target, the last one back to the start.
  void report_cycle(const std::vector<Edge>& cycle) {
    const auto config = std::find_if(cycle.begin(), cycle.end(), [](const Edge& step) { return step.by_config; });
    if (config != cycle.end()) {
      diagnostics_.error(config->span, kConfigNeeded);
      return;
    }
    std::string text = packages_[cycle.back().target].path;
    for (const Edge& step : cycle) text += " -> " + packages_[step.target].path;
    Diagnostic& report = diagnostics_.error(cycle.front().span, kImportCycle, text);
    for (std::size_t i = 1; i < cycle.size(); ++i) {
      report.note(cycle[i].span, fmt::format("`{}` is imported here", packages_[cycle[i].target].path));
    }
  }

  // Who imports a broken package cannot be checked either; order_ has dependencies first.
  void spread_failure() {
    for (const std::size_t i : order_) {
      for (const Edge& edge : edges_[i]) {
        if (packages_[edge.target].broken) packages_[i].broken = true;
      }
    }
  }

  const LoadOptions& options_;
  FileSystem& files_;
  Sources& sources_;
  Diagnostics& diagnostics_;
  std::string here_;
  Roots roots_;
  bool reported_no_root_ = false;

  // One entry a package in each, in order of discovery.
  std::vector<LoadedPackage> packages_;
  std::vector<std::string> directories_;  // absolute
  std::vector<bool> standard_;
  std::vector<std::vector<Edge>> edges_;

  std::map<std::string, std::size_t> by_path_;
  std::vector<std::size_t> order_;
};

}  // namespace

std::vector<LoadedPackage> load(const LoadOptions& options, FileSystem& files, Sources& sources,
                                Diagnostics& diagnostics) {
  return Loader(options, files, sources, diagnostics).run();
}

}  // namespace vdlc
