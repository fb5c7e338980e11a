// Parsing: one source file becomes one ast::File, or diagnostics.
//
// Happens here: lexing (LX*), automatic semicolons, the limits on nesting (LM*), the grammar (SY*, in words), doc
// comments attached to what they describe. Does not happen here: anything that needs a second file or a meaning. Who
// uses it: the driver, and tools that want to read VDL. ANTLR is an implementation detail of parse.cc. Two threads may
// parse at once.
#pragma once

#include <optional>
#include <vector>

#include "diagnostics/diagnostics.h"
#include "source/source.h"
#include "syntax/ast.h"

namespace vdlc {

// A `.vdl` file. Nothing if anything in it is wrong; every independent mistake has been reported then.
std::optional<ast::File> parse(const SourceFile& source, Diagnostics& diagnostics);

// A config file: `config = …`, imports, constants. The package name of the result is "config".
std::optional<ast::File> parse_config(const SourceFile& source, Diagnostics& diagnostics);

// What a file imports, found without parsing it: reading stops at the first definition. Mistakes end the list silently,
// because parse() reports them.
std::vector<ast::Import> scan_imports(const SourceFile& source);

}  // namespace vdlc
