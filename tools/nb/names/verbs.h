// Where the verbs that deal with names put themselves into the command line.
#pragma once

#include "cli/verbs.h"

namespace tool {

void add_mounttable(Verbs& verbs);
void add_namespace(Verbs& verbs);

void add_glob(Verbs& verbs);
void add_mount(Verbs& verbs);
void add_unmount(Verbs& verbs);
void add_delete(Verbs& verbs);
void add_resolve(Verbs& verbs);
void add_resolve_to_mount_table(Verbs& verbs);
void add_permissions(Verbs& verbs);

}  // namespace tool
