// Checking: the syntax trees of one package and the models of what it imports become a model::Package
// (docs/spec/vdl-language.md section 3).
//
// Before: every file of the package is parsed; every package it imports is in `compiled_so_far`.
// After:  every name is resolved, every constant has its value, definitions stand in dependency order; or at least one
//         error has been reported (PK*, NM*, IM*, TY*, ER*, CO*, IF*, LM*) and there is no model. Warnings alone leave
//         a model.
// The passes and their order are the body of check() in check.cc; each has its own file. What failed is poison to the
// later passes: they use it without complaining again.
#pragma once

#include <memory>

#include "diagnostics/diagnostics.h"
#include "model/model.h"
#include "syntax/ast.h"

namespace vdlc {

// The result keeps nothing of `package`. Two threads may check different packages at once.
std::unique_ptr<const model::Package> check(const ast::Package& package, const model::Program& compiled_so_far,
                                            Diagnostics& diagnostics);

}  // namespace vdlc
