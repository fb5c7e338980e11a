// A peer that has proved who it is and turns hostile: frames under seal after the handshake. The first byte of the
// input chooses role and suite; the rest is messages, each behind two bytes of length, of which the highest bit says
// that the message is not sealed.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <nb/base/check.h>

#include "flow/authenticated_testing.h"

namespace {

using namespace nb::flow;

// An application that uses what it is told.
void act(testing::Impostor& peer) {
  Connection& end = peer.end;
  for (Event& event : std::exchange(peer.events, {})) {
    if (const auto* const opened = std::get_if<FlowOpened>(&event)) {
      NB_CHECK(opened->remote.blessings.public_key() == peer.principal->public_key(), "a flow is the peer's own");
      end.write(opened->id, nb::Bytes(opened->id % 5000, 1), opened->id % 3 == 0);
    } else if (const auto* const payload = std::get_if<FlowPayload>(&event)) {
      end.consumed(payload->id, payload->payload.size() / 2);
    } else if (const auto* const shows = std::get_if<PeerShows>(&event)) {
      NB_CHECK(shows->shown.blessings.public_key() == peer.principal->public_key(), "what is shown is the peer's own");
      (void)end.open_flow();
    } else if (const auto* const closed = std::get_if<FlowClosed>(&event)) {
      if (closed->id % 4 == 1) end.close_flow(closed->id);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::uint8_t mode = data[0];
  nb::BytesView rest(data + 1, size - 1);
  const Role role = (mode & 1) != 0 ? Role::kDialer : Role::kAcceptor;
  static const Options kOptions[] = {testing::authenticated_options(Role::kDialer),
                                     testing::authenticated_options(Role::kAcceptor)};
  Options options = kOptions[role == Role::kDialer ? 1 : 0];
  options.mtu = 2048;
  options.window = 4096;
  options.limits.flows = 8;
  testing::Impostor peer(role, options);
  if ((mode & 2) != 0) peer.setup.suites = {kAes256GcmSuite};
  peer.shake_hands();
  NB_CHECK(peer.end.is_established(), "the fuzzer's own handshake is sound");
  if (const auto id = peer.end.open_flow()) peer.end.write(*id, nb::Bytes(9000, 2), (mode & 4) != 0);
  while (rest.size() >= 2 && !peer.end.is_closed()) {
    const std::size_t length = std::min<std::size_t>(rest.size() - 2, std::size_t{rest[0] & 0x7fu} << 8 | rest[1]);
    const bool clear = (rest[0] & 0x80) != 0;
    const nb::BytesView message = rest.subspan(2, length);
    rest = rest.subspan(2 + length);
    peer.now += std::chrono::seconds(length % 4);
    peer.end.advance(peer.now);
    if (clear) {
      peer.say_clear(message);
    } else {
      peer.say_sealed(nb::Bytes(message.begin(), message.end()));
    }
    act(peer);
    peer.hear();
    peer.heard.clear();
  }
  peer.end.transport_closed(nb::Error());
  NB_CHECK(peer.end.is_closed() && !peer.end.has_output(), "a connection without a transport is over");
  return 0;
}
