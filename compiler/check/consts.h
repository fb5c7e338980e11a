// Pass: every constant of a package gets its value, in dependency order across its files
// (docs/spec/vdl-language.md 3.9).
//
// Before: types are resolved.
// After:  the evaluator knows every constant's value or that it is poison; cycles (CO8) and exported constants of
//         unexported types (CO9) have been reported.
#pragma once

#include <vector>

#include "check/evaluate.h"

namespace vdlc::passes {

// Constant definitions, dependencies first.
std::vector<DefId> evaluate_constants(Scope& scope, Evaluator& evaluator, Diagnostics& diagnostics);

// Only if nothing failed.
std::vector<model::ConstDef> model_consts(const Scope& scope, const Evaluator& evaluator,
                                          const std::vector<DefId>& order);

}  // namespace vdlc::passes
