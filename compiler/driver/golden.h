// Golden files: an input in testdata/, and beside it what a stage makes of it.
//
// A missing expectation means "nothing". With NIOBIUM_REFRESH=1 in the environment the expectations are written anew
// in place of compared; read the diff then. NIOBIUM_SOURCE says where the project lies (Meson sets
// it; else it is the working directory).
#pragma once

#include <string>
#include <vector>

#include "load/file_system.h"

namespace vdlc::golden {

// testdata/NAME as an absolute path.
std::string directory(const std::string& name);
// Files and folders in it whose names end so, sorted; whole names.
std::vector<std::string> entries(const std::string& directory, const std::string& ending);
std::string read(const std::string& path);

// "" if `actual` is what the file says, else both texts for a failing test to show. Or writes it, and gives "".
std::string difference(const std::string& expectation_path, const std::string& actual);

// A copy of the files below `directory`, mounted at `at`, with nothing else.
void copy_tree(const std::string& directory, const std::string& at, MemoryFileSystem& into);

}  // namespace vdlc::golden
