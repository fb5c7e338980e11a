// Limits that keep every recursive walk of the compiler short, whatever the input.
#pragma once

#include <cstddef>

#include "diagnostics/diagnostics.h"
#include "syntax/token_stream.h"

namespace vdlc {

// Brackets, type constructors and unary operators within each other, counted together.
inline constexpr std::size_t kMaxNesting = 256;
// Depth of an expression tree: a chain of binary operators without brackets is as deep as it is long.
inline constexpr std::size_t kMaxExpressionDepth = 1000;
// Syntax errors reported in one file.
inline constexpr std::size_t kMaxSyntaxErrors = 100;

// LM1 at the first token that is nested too deep; false then, and the file must not be parsed.
bool check_nesting(const SourceFile& source, const std::vector<Token>& tokens, Diagnostics& diagnostics);

}  // namespace vdlc
