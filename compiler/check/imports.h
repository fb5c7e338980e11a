// Passes over imports: the first gives every file its local names (IM4, IM5), the last finds imports that no lookup
// went through (IM6). The packages themselves were found by load.
#pragma once

#include "check/scope.h"
#include "diagnostics/diagnostics.h"

namespace vdlc::passes {

// After: each FileScope lists its imports. One whose package is not among the compiled ones is reported and poison.
void collect_imports(Scope& scope, const model::Program& compiled_so_far, Diagnostics& diagnostics);

// Needs every other pass behind it; where one of them failed, an import may merely look unused, so check() leaves this
// out then.
void find_unused_imports(const Scope& scope, Diagnostics& diagnostics);

}  // namespace vdlc::passes
