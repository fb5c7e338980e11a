// Config files: one constant as a program's configuration (docs/spec/vdl-language.md 3.13), and the `vdl.config` of a
// package (4.6).
#pragma once

#include <optional>
#include <string>

#include "diagnostics/diagnostics.h"
#include "model/model.h"
#include "syntax/ast.h"

namespace vdlc {

// The value of the config clause. With `implicit_type` the value must be of that type and may be written without it;
// `implicit_import` ("vdltool", or "") is a package the file may name although it does not import it.
// Nothing if something is wrong; it has been reported.
std::optional<nb::Value> check_config(const ast::File& file, const model::Program& compiled_so_far,
                                      const std::optional<nb::Type>& implicit_type, const std::string& implicit_import,
                                      Diagnostics& diagnostics);

// A package's `vdl.config`: a value of vdltool.Config, which needs the package "vdltool" in `compiled_so_far` and may
// import nothing else. What the back end reads from it: see cpp_config() in codegen/options.h.
std::optional<nb::Value> check_package_config(const ast::File& file, const model::Program& compiled_so_far,
                                              Diagnostics& diagnostics);

}  // namespace vdlc
