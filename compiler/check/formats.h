// The formats of an error: their braces against its parameters (docs/spec/vdl-language.md 3.11.3, rpc.md 9.3).
//
//   error NotFound(suffix string) {"en": "{1:}{2:} no {suffix} here{:_}"}
//
// `{name}`, `{:name}` and `{name:}` stand for a parameter, `{_}` for all that are not mentioned, `{3}` for a position;
// braces around anything else are text.
#pragma once

#include "diagnostics/diagnostics.h"
#include "syntax/ast.h"

namespace vdlc::passes {

// ER6 (error): a placeholder looks like a parameter and is none. ER7, ER8, ER9 (warnings): a brace without its partner,
// a language twice, no language.
void check_formats(const ast::ErrorDef& error, Diagnostics& diagnostics);

}  // namespace vdlc::passes
