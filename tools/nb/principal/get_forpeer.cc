// nb principal get forpeer [NAME…]
#include "principal/aspect.h"
#include "principal/verbs.h"
#include "words/lists.h"

namespace tool {
namespace {

struct GetForPeerOptions {
  std::vector<std::string> peers;
  Aspect aspect;
};

nb::Result<int> run_get_forpeer(Console& console, const GetForPeerOptions& options) {
  auto principal = console.open_to_read();
  if (!principal) return principal.error();
  return options.aspect.answer(console, (*principal)->store().for_peer(options.peers),
                               "there are no blessings for " + listed(options.peers, "and", "peers without a name") +
                                   "; `nb principal get peermap` prints which there are");
}

}  // namespace

void add_get_forpeer(Verbs& verbs) {
  auto options = std::make_shared<GetForPeerOptions>();
  CLI::App& verb = verbs.add("forpeer", "the blessings that the principal shows to a peer", options, run_get_forpeer);
  verb.add_option("peers", options->peers, "the names of the peer");
  options->aspect.add_to(verb);
}

}  // namespace tool
