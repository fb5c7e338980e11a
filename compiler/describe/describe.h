// Describing: the model of one package becomes JSON, the contract between the compiler and everything that prints
// (docs/json.md says what stands in it).
//
// Before: a checked package; every package it imports is in `program`.
// After:  a document that needs nothing else to be rendered: what the package says, in words that belong to no target
//         language, and, if options.language is "cpp", a member "cpp" with everything C++ already spelled. It is
//         versioned ("format") and stable to the byte: the same package gives the same text. Names that C++ cannot have
//         beside each other, and native types that do not fit, have been reported (CG*).
#pragma once

#include <nb/vdl/value.h>

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "diagnostics/diagnostics.h"
#include "model/model.h"
#include "source/source.h"

namespace vdlc {

// A C++ type that users see instead of a wire type of the package (docs/spec/vdl-language.md 3.15).
struct CppNativeType {
  std::string type;    // fully rooted: "::shop::Money"
  std::string header;  // as in the include line: "<nb/vdl/time.h>", "\"shop/money.h\""
};

// What a package's vdl.config says about C++.
struct CppConfig {
  std::string name_space;                             // "shop::cart"; "" follows from the package path
  std::map<std::string, CppNativeType> native_types;  // by local type name
};

// Reads the `Cpp` field of a vdltool.Config value. A value without that field gives an empty CppConfig.
CppConfig cpp_config(const nb::Value& config);

struct BackEndOptions {
  std::string language = "cpp";              // "" describes the package only
  std::map<std::string, CppConfig> configs;  // by package path, of every package in the program that has one
  const Sources* sources = nullptr;          // for the lines of definitions; without it they are not told
};

nlohmann::json describe(const model::Package& package, const model::Program& program, const BackEndOptions& options,
                        Diagnostics& diagnostics);

}  // namespace vdlc
