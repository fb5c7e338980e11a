// What the back end is told besides the model: the target language, and what packages say about it in their vdl.config.
#pragma once

#include <nb/vdl/value.h>

#include <map>
#include <string>

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

}  // namespace vdlc
