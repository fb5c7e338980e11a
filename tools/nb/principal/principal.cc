#include "principal/verbs.h"

namespace tool {

void add_principal(Verbs& verbs) {
  Verbs principal = verbs.group("principal", "make and look after principals: keys, names, and whom they believe");
  add_create(principal);
  add_fork(principal);
  add_bless(principal);
  add_blessself(principal);
  add_dump(principal);
  add_dumpblessings(principal);
  add_dumproots(principal);
  Verbs get = principal.group("get", "print what a principal has");
  add_get_default(get);
  add_get_forpeer(get);
  add_get_publickey(get);
  add_get_recognizedroots(get);
  add_get_peermap(get);
  Verbs set = principal.group("set", "change which blessings a principal shows");
  add_set_default(set);
  add_set_forpeer(set);
  add_union(principal);
  add_addtoroots(principal);
  add_recognize(principal);
}

}  // namespace tool
