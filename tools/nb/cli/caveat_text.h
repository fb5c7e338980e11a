// Caveats as they are given on the command line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nb/base/result.h>
#include <nb/security/caveat.h>

#include "cli/console.h"

namespace tool {

// What --help says about it.
extern const char* const kCaveatHelp;

// KIND=PARAMETER, see kCaveatHelp; also Go's form for lists and booleans, "v.io/v23/security".MethodCaveat={"Get"}.
nb::Result<nb::Caveat> parse_caveat(const Console& console, std::string_view text, nb::Time now);

}  // namespace tool
