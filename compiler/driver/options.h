// What the user asked for on the command line.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "load/load.h"

namespace vdlc {

enum class Verb { kCpp, kCheck, kJson, kRender, kExplain };

// The stages of compile(), in order.
enum class Stage { kFiles, kAst, kModel, kJson, kOutput };

struct Options {
  Verb verb = Verb::kCheck;
  LoadOptions load;           // roots, vdlroot and packages
  std::string templates;      // directory of the template set, "" for the one of C++
  bool fakes = false;         // cpp: the set beside it whose name ends in "_fakes"
  std::string out = ".";      // where output files go
  std::string depfile;        // "" for none
  bool list_outputs = false;  // --outputs
  bool print = false;         // --print: print `last_stage` in place of writing files
  Stage last_stage = Stage::kOutput;
  bool json_diagnostics = false;
  std::size_t max_errors = 0;          // 0: all
  std::vector<std::string> documents;  // render: JSON files, "-" is the standard input
  std::string topic;                   // explain
};

}  // namespace vdlc
