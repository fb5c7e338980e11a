#include "names/verbs.h"

namespace tool {

void add_namespace(Verbs& verbs) {
  Verbs names = verbs.group("namespace", "look up and change names in mount tables");
  add_glob(names);
  add_mount(names);
  add_unmount(names);
  add_resolve(names);
  add_resolve_to_mount_table(names);
  add_delete(names);
  add_permissions(names);
}

}  // namespace tool
