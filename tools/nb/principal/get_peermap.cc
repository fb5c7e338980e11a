// nb principal get peermap
#include "principal/tables.h"
#include "principal/verbs.h"

namespace tool {
namespace {

struct GetPeerMapOptions {};

nb::Result<int> run_get_peermap(Console& console, const GetPeerMapOptions&) {
  auto principal = console.open_to_read();
  if (!principal) return principal.error();
  const nb::Time now = nb::Time::now();
  console.answer(peers_table(**principal, now), peers_json(**principal, now));
  return 0;
}

}  // namespace

void add_get_peermap(Verbs& verbs) {
  verbs.add("peermap", "which blessings the principal shows to which peers", std::make_shared<GetPeerMapOptions>(),
            run_get_peermap);
}

}  // namespace tool
