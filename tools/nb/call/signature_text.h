// Signatures as VDL, and in JSON.
#pragma once

#include <span>
#include <string>

#include <nb/rpc/signature.h>

#include "cli/console.h"

namespace tool {

// "Add(a int32, b int32) (sum int32 | error)", without its comment.
std::string method_line(const nb::MethodSignature& method);

// With comments, and behind them the definitions of the named types that they mention.
std::string signature_text(std::span<const nb::InterfaceSignature> interfaces);
std::string signature_text(const nb::MethodSignature& method);
Json signature_json(std::span<const nb::InterfaceSignature> interfaces);
Json signature_json(const nb::MethodSignature& method);

}  // namespace tool
