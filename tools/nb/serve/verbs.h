// Verbs that serve until they are told to end.
#pragma once

#include "cli/verbs.h"

namespace tool {

void add_proxy(Verbs& verbs);

}  // namespace tool
