// Believing the roots of blessings: what `recognize` and `addtoroots` have in common.
#pragma once

#include <string>

#include <nb/base/result.h>

#include "cli/console.h"

namespace tool {

nb::Result<int> recognize_roots(Console& console, const std::string& blessings);

}  // namespace tool
