// How verbs answer with blessings.
#pragma once

#include <nb/security/blessings.h>

#include "cli/console.h"

namespace tool {

// The text form on a line of its own, for pipes; with --json all that is known about them.
void answer_with(const Console& console, const nb::Blessings& blessings);

}  // namespace tool
