// Operators on constants (docs/spec/vdl-language.md 3.9.4, classes CO33 to CO42, LM10).
#pragma once

#include <optional>

#include "check/constant.h"
#include "diagnostics/diagnostics.h"
#include "syntax/ast.h"

namespace vdlc::passes {

// Nothing: reported at the operator.
std::optional<Constant> apply(ast::UnaryOp op, const Constant& operand, Span at, Diagnostics& diagnostics);
std::optional<Constant> apply(ast::BinaryOp op, Constant left, Constant right, Span at, Diagnostics& diagnostics);

std::string_view to_string(ast::UnaryOp op);
std::string_view to_string(ast::BinaryOp op);

}  // namespace vdlc::passes
