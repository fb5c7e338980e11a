// The verbs of `nb principal`, one a file; they are those of Go's `principal`, with its arguments and flags.
#pragma once

#include "cli/verbs.h"

namespace tool {

void add_create(Verbs& verbs);
void add_fork(Verbs& verbs);
void add_bless(Verbs& verbs);
void add_blessself(Verbs& verbs);
void add_dump(Verbs& verbs);
void add_dumpblessings(Verbs& verbs);
void add_dumproots(Verbs& verbs);
void add_get_default(Verbs& verbs);
void add_get_forpeer(Verbs& verbs);
void add_get_publickey(Verbs& verbs);
void add_get_recognizedroots(Verbs& verbs);
void add_get_peermap(Verbs& verbs);
void add_set_default(Verbs& verbs);
void add_set_forpeer(Verbs& verbs);
void add_union(Verbs& verbs);
void add_addtoroots(Verbs& verbs);
void add_recognize(Verbs& verbs);

// `nb principal` with all of them.
void add_principal(Verbs& verbs);

}  // namespace tool
