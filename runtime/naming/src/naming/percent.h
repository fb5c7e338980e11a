// Percent escapes inside endpoints: "%40" for "@" (docs/spec/flow-protocol.md 1.2).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nb::naming {

// Each character of `special` becomes "%XX", upper case; everything else stays.
std::string percent_escape(std::string_view text, std::string_view special);

// Every "%XX", in either case, becomes its byte; a "%" that is followed by anything else gives nothing.
std::optional<std::string> percent_unescape(std::string_view text);

}  // namespace nb::naming
