// Diagnostics for people and for programs.
//
//   calc/calc.vdl:9:3: error[TY11]: field `A` appears twice in struct `S`
//      |
//    9 |   A int32
//      |   ^
//   calc/calc.vdl:7:3: note: first one is here
//      |
//    7 |   A bool
//      |   ^
//
// Pure functions: what is printed where is the driver's business.
#pragma once

#include <cstddef>
#include <string>

#include "diagnostics/diagnostics.h"
#include "source/source.h"

namespace vdlc {

struct RenderOptions {
  bool colour = false;         // text only: ANSI colours
  std::size_t max_errors = 0;  // further errors are only counted; 0 is no limit
  std::size_t width = 100;     // text only: longer source lines are cut around the span
};

// "" when there is nothing to say; otherwise ends with a newline.
std::string render_text(const Diagnostics& diagnostics, const Sources& sources, const RenderOptions& options = {});

// One JSON document, described in compiler/diagnostics/render_json.cc; ends with a newline.
std::string render_json(const Diagnostics& diagnostics, const Sources& sources, const RenderOptions& options = {});

}  // namespace vdlc
