// One constant expression as a value of a type that is known already: what tools read from command lines.
#pragma once

#include <optional>

#include "diagnostics/diagnostics.h"
#include "model/model.h"
#include "syntax/ast.h"

namespace vdlc {

// The value of the config clause of `file` (as parse_config() makes it), which must be of `type` and may be written
// without it. Imports may stay unused; they name packages of `known`. Nothing if something is wrong; it has been
// reported.
std::optional<nb::Value> check_literal(const ast::File& file, const model::Program& known, const nb::Type& type,
                                       Diagnostics& diagnostics);

}  // namespace vdlc
