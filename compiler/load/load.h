// Loading: from command-line arguments to the source files of every package needed, dependencies first
// (docs/spec/vdl-language.md section 4).
//
// Before: options, a file system.
// After:  every file of every requested package and of what they import is in Sources; what could not be found or read,
//         import paths that are not a package's path, and import cycles have been reported (BD*, IM1 to IM4, PK6, CF4).
// Only the import declarations of the files are looked at here; parse_package() reads the rest. A package with a
// vdl.config depends on package vdltool as well.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "diagnostics/diagnostics.h"
#include "load/file_system.h"
#include "source/source.h"

namespace vdlc {

struct LoadOptions {
  std::vector<std::string> roots;     // source directories in search order; a package's path is its path below one
  bool roots_may_be_missing = false;  // they come from VDLPATH, which may name directories that are not there
  std::string vdlroot;                // the directory of the standard packages, "" for none
  // What to compile: an import path, a directory (".", "./a", "/a"), a .vdl file (stands for its directory), a pattern
  // with "...", "all"; nothing means ".".
  std::vector<std::string> packages;
};

struct LoadedPackage {
  std::string path;                  // import path: "v.io/v23/naming", "time"
  std::string gen_path;              // "v.io/v23/vdlroot/time" for a standard package, else path
  std::string directory;             // as shown to people
  std::vector<FileId> files;         // sorted by base name
  std::optional<FileId> config;      // vdl.config, if there is one
  std::vector<std::string> imports;  // package paths in its .vdl files, sorted, each once
  bool requested = false;            // named by an argument, not only imported
  bool broken = false;               // it, or something it imports, is incomplete: parse it, do not check it
};

std::vector<LoadedPackage> load(const LoadOptions& options, FileSystem& files, Sources& sources,
                                Diagnostics& diagnostics);

}  // namespace vdlc
