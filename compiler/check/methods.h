// The methods of one interface: names, arguments, streams, tags (IF1 to IF5, TY8, NM*).
#pragma once

#include <vector>

#include "check/evaluate.h"

namespace vdlc::passes {

std::vector<model::Method> check_methods(const ast::Interface& interface, std::uint32_t file, Scope& scope,
                                         const TypeTable& types, Evaluator& evaluator, Diagnostics& diagnostics);

}  // namespace vdlc::passes
