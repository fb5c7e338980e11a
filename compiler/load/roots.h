// Where packages lie: source directories, the module lines in them, and the standard packages
// (docs/spec/vdl-language.md 4.2).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "diagnostics/diagnostics.h"
#include "load/file_system.h"
#include "load/load.h"

namespace vdlc {

// A directory that holds a package, with the package's paths.
struct PackagePlace {
  std::string path;
  std::string gen_path;
  std::string directory;  // absolute
  bool standard = false;  // found below vdlroot
};

class Roots {
 public:
  // Reports BD2, BD3 and BD12.
  Roots(const LoadOptions& options, const FileSystem& files, Diagnostics& diagnostics);

  bool usable() const { return usable_; }
  bool has_source_directory() const { return source_directories_ > 0; }

  // The package that an import path names. `tried` gets the directories that were looked into.
  std::optional<PackagePlace> find(const std::string& import_path, std::vector<std::string>* tried) const;
  // What package a directory (absolute, clean) is. Nothing: it lies below no root.
  std::optional<PackagePlace> place_of(const std::string& directory) const;
  // Is it one of the roots themselves? Without a module line that is no package.
  bool is_source_directory(const std::string& directory) const;
  // Every package whose path matches, in source directories.
  std::vector<PackagePlace> matching(const std::string& pattern) const;
  // Every package in or below `directory` whose directory matches.
  std::vector<PackagePlace> matching_below(const std::string& directory, const std::string& pattern) const;

  // Does it hold a .vdl file? Hidden ones (base name starting with `.` or `_`) do not count.
  bool is_package(const std::string& directory) const;

 private:
  struct Root {
    std::string directory;
    std::string module;  // from go.mod, "" without
    bool standard = false;
  };

  PackagePlace make_place(const Root& root, const std::string& rest) const;
  template <class Visit>
  void walk(const std::string& top, Visit visit) const;

  const FileSystem& files_;
  std::vector<Root> roots_;  // in search order, standard packages first
  std::size_t source_directories_ = 0;
  bool usable_ = true;
};

// "foo.vdl", but not ".foo.vdl" and "_foo.vdl".
bool is_vdl_file_name(std::string_view name);
// Has the path an element that starts with `.` or `_`?
bool has_hidden_element(std::string_view path);

}  // namespace vdlc
