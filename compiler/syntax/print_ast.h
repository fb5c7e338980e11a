// A syntax tree as stable text: --print=ast, and the expectations in testdata/parse.
#pragma once

#include <string>
#include <string_view>

#include "source/source.h"
#include "syntax/ast.h"

namespace vdlc {

// One item a line, positions as line:column of the name; types as they are written, expressions as (operator operands).
std::string print_ast(const ast::File& file, const Sources& sources);

// A type as VDL source, on one line.
std::string spell(const ast::File& file, ast::TypeId type);
// In double quotes, with escapes for what cannot be printed.
std::string quote_string(std::string_view bytes);

}  // namespace vdlc
