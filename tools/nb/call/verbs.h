// Where the verbs that call servers put themselves into the command line.
#pragma once

#include "cli/verbs.h"

namespace tool {

void add_call(Verbs& verbs);
void add_signature(Verbs& verbs);
void add_identify(Verbs& verbs);
void add_ping(Verbs& verbs);
// `app` is the whole command line, which the verb looks at when it runs.
void add_completion(Verbs& verbs, const CLI::App& app);

}  // namespace tool
