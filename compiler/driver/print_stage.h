// The stages of a compilation as stable text, for --print.
#pragma once

#include <string>

#include "driver/compile.h"

namespace vdlc {

// What `stage` has left in `result`:
//   files   a line a package and an indented one a file, dependencies first
//   ast     the syntax trees of the requested packages
//   model   the models of the requested packages
//   json    the descriptions of the requested packages, one JSON array
//   output  the output files, each behind a line with its name
std::string print_stage(Stage stage, const Compilation& result, const Sources& sources);

}  // namespace vdlc
