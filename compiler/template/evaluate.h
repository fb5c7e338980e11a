// Evaluating one frame against a document. Used by render() alone.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "diagnostics/diagnostics.h"
#include "template/ast.h"
#include "template/render.h"
#include "template/template_set.h"

namespace vdlc::tmpl {

struct Evaluated {
  std::string text;
  std::optional<std::string> file;  // the output's name, if the frame gave one
  std::optional<Span> file_span;
};

// Nothing after the first mistake, which has been reported: what follows it would be knock-on errors.
std::optional<Evaluated> evaluate(const Template& frame, const TemplateSet& templates, const nlohmann::json& document,
                                  const RenderLimits& limits, Diagnostics& diagnostics);

}  // namespace vdlc::tmpl
