// Pass: error definitions (docs/spec/vdl-language.md 3.11, classes ER1 to ER10, TY8).
#pragma once

#include <vector>

#include "check/scope.h"
#include "check/types.h"
#include "diagnostics/diagnostics.h"
#include "model/model.h"

namespace vdlc::passes {

// In (file, source) order; complete only if nothing was reported.
std::vector<model::ErrorDef> check_errors(Scope& scope, const TypeTable& types, Diagnostics& diagnostics);

}  // namespace vdlc::passes
