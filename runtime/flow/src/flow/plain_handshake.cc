#include "flow/plain_handshake.h"

#include <nb/base/check.h>

#include "flow/codec.h"
#include "flow/errors.h"

namespace nb::flow {

PlainHandshake::PlainHandshake(const Options& options) : options_(options), own_(own_setup(options)) {}

Bytes PlainHandshake::first_message() { return encode(make_setup(own_)); }

Result<HandshakeStep> PlainHandshake::receive(const Message& message, BytesView) {
  const auto* const setup = std::get_if<Setup>(&message);
  if (setup == nullptr) return kAborted("the first message is no Setup");
  const Result<SetupInfo> peer = read_setup(*setup);
  if (!peer) return peer.error();
  const Result<Agreement> agreement = agree(own_, *peer, options_.role);
  if (!agreement) return agreement.error();
  HandshakeStep step;
  step.done.emplace();
  step.done->agreement = *agreement;
  step.done->local = settle_local(options_, *peer);
  step.done->remote = settle_remote(options_, *peer);
  return step;
}

Result<HandshakeStep> PlainHandshake::authorized() {
  NB_CHECK(false, "nobody is asked about a peer without authentication");
}

}  // namespace nb::flow
