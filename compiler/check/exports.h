// Export rules over finished types (docs/spec/vdl-language.md 3.4, CO9).
#pragma once

#include <nb/vdl/type.h>

#include <string>
#include <string_view>

namespace vdlc::passes {

// The name of the first unexported type of this package in `type`, or "". Named types are not looked into: an exported
// one is made of exported ones only (TY7).
std::string unexported_name(const nb::Type& type, std::string_view package);

}  // namespace vdlc::passes
