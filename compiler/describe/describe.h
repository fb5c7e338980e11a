// Describing: the model of one package becomes JSON, the contract between the compiler and everything that prints
// (docs/json.md says what stands in it).
//
// Before: a checked package; every package it imports is in `program`.
// After:  a document that needs nothing else to be rendered: what the package says, in words that belong to no target
//         language, and, if options.language is "cpp", a member "cpp" with everything C++ already spelled. It is
//         versioned ("format") and stable to the byte: the same package gives the same text. Names that C++ cannot have
//         beside each other, and native types that do not fit, have been reported (CG*).
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "codegen/options.h"
#include "diagnostics/diagnostics.h"
#include "model/model.h"

namespace vdlc {

nlohmann::json describe(const model::Package& package, const model::Program& program, const BackEndOptions& options,
                        Diagnostics& diagnostics);

}  // namespace vdlc
