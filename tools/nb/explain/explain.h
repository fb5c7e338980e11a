// nb explain BLESSINGS: which chain is accepted in a call, or refused by which caveat or root, and why.
#pragma once

#include "cli/verbs.h"

namespace tool {

// Exit status of `nb explain` when the answer is no.
inline constexpr int kRefused = 3;

void add_explain(Verbs& verbs);

}  // namespace tool
