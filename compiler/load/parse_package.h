// All files of one package, parsed and put together.
//
// Before: a loaded package.
// After:  its tree; or mistakes in its files, files that disagree on the package's name (PK1), or nothing left (PK5)
// have
//         been reported.
#pragma once

#include <optional>

#include "diagnostics/diagnostics.h"
#include "load/load.h"
#include "source/source.h"
#include "syntax/ast.h"

namespace vdlc {

std::optional<ast::Package> parse_package(const LoadedPackage& package, const Sources& sources,
                                          Diagnostics& diagnostics);

}  // namespace vdlc
