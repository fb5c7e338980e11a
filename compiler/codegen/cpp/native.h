// Native types: C++ types that users see instead of a wire type (docs/spec/vdl-language.md 3.15).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "codegen/options.h"

namespace vdlc::cpp {

// The native type of a named VDL type, if it has one: those of the package `time`, and what the configs say.
std::optional<CppNativeType> native_type(std::string_view full_name, const BackEndOptions& options);

}  // namespace vdlc::cpp
