#include "flow/plain_handshake.h"

#include "flow/errors.h"

namespace nb::flow {

PlainHandshake::PlainHandshake(const Options& options) : options_(options) {
  own_.versions = options.versions;
  if (options.role == Role::kDialer) own_.remote = options.remote;
  own_.local = options.local;
  own_.mtu = options.mtu;
  own_.shared_tokens = options.window;
}

Message PlainHandshake::first_message() { return make_setup(own_); }

Result<std::optional<Handshaken>> PlainHandshake::receive(const Message& message) {
  const auto* const setup = std::get_if<Setup>(&message);
  if (setup == nullptr) return kAborted("the first message is no Setup");
  const Result<SetupInfo> peer = read_setup(*setup);
  if (!peer) return peer.error();
  const Result<Agreement> agreement = agree(own_, *peer);
  if (!agreement) return agreement.error();
  return std::optional(Handshaken{*agreement, settle_local(options_, *peer), settle_remote(options_, *peer)});
}

}  // namespace nb::flow
