// Rendering: a JSON document and a set of templates become output files.
//
// Every frame is evaluated against the document. A name that is not there, a condition that is not a boolean, a loop
// over something that is no list are errors (TP*) at their place in the template; nothing is ever printed as a blank.
// The templates may come from anywhere: nesting, size of the output and number of steps are limited.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "diagnostics/diagnostics.h"
#include "template/template_set.h"

namespace vdlc {

struct OutputFile {
  std::string path;  // relative, with "/": "calc/calc.vdl.h"
  std::string text;
  friend bool operator==(const OutputFile&, const OutputFile&) = default;
};

struct RenderLimits {
  int partial_depth = 32;
  std::size_t output_bytes = std::size_t{1} << 28;
  std::uint64_t steps = 200'000'000;
};

// Files in the order of the frames. Empty if anything went wrong.
std::vector<OutputFile> render(const nlohmann::json& document, const TemplateSet& templates, Diagnostics& diagnostics,
                               const RenderLimits& limits = {});

}  // namespace vdlc
