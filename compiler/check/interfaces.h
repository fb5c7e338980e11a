// Pass: interfaces (docs/spec/vdl-language.md 3.12, classes IF1 to IF10, TY8).
//
// Before: types are resolved and constants evaluated, because tags are constant expressions.
// After:  methods and embeds of every interface are known; the list has embedded interfaces of this package before
// those
//         that embed them.
#pragma once

#include <vector>

#include "check/evaluate.h"

namespace vdlc::passes {

// Complete only if nothing was reported.
std::vector<model::Interface> check_interfaces(Scope& scope, const TypeTable& types, Evaluator& evaluator,
                                               const model::Program& compiled_so_far, Diagnostics& diagnostics);

}  // namespace vdlc::passes
