// A peer that has proved who it is and turns hostile, against an end whose application does what the input says. The
// first byte of the input chooses role, suite and version; the rest is steps, each of which begins with two bytes:
//
//   00llllll llllllll   the peer says a message of that length, which follows, under seal
//   10llllll llllllll   the same in the clear
//   01oooooo aaaaaaaa   something happens at one of the ends: operation o with argument a, see below
//   11......            the same
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <nb/base/check.h>

#include "flow/authenticated_testing.h"

namespace {

using namespace nb::flow;

std::array<ShownBlessings, 3> faces(std::uint8_t seed) {
  const auto who = testing::principal(seed);
  return {ShownBlessings(*who->bless_self("one")), ShownBlessings(*who->bless_self("two"), nb::Discharges(2)),
          ShownBlessings(nb::Blessings::nameless(who->public_key()))};
}

// An application that uses what it is told.
void act(testing::Impostor& peer, bool accepts_clear) {
  Connection& end = peer.end;
  for (Event& event : std::exchange(peer.events, {})) {
    if (const auto* const opened = std::get_if<FlowOpened>(&event)) {
      NB_CHECK(opened->remote.blessings.public_key() == peer.principal->public_key(), "a flow is the peer's own");
      if (accepts_clear) end.accept_clear(opened->id);
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

// Flows are named by small numbers: those of the end, then those of the peer.
FlowId flow(const testing::Impostor& peer, std::uint8_t argument) {
  const bool of_peer = (argument & 4) != 0;
  const bool even = (peer.role == Role::kDialer) == of_peer;
  return (even ? 10 : 11) + FlowId{2} * (argument & 3);
}

void operate(testing::Impostor& peer, std::uint8_t operation, std::uint8_t argument) {
  static const auto kOfEnds = std::array{faces(0x21), faces(1)};
  static const auto kOfPeer = faces(0x61);
  const auto& own = kOfEnds[peer.role == Role::kDialer ? 1 : 0];
  Connection& end = peer.end;
  const FlowId id = flow(peer, argument);
  switch (operation % 20) {
    case 0: {
      FlowOptions options;
      options.side_channel = (argument & 1) != 0;
      options.channel_timeout = std::chrono::seconds(argument >> 4);
      options.shown = own[argument % own.size()];
      const bool can = end.can_open_flows();
      NB_CHECK(end.open_flow(options).ok() <= can, "no flow is opened when none can be");
      return;
    }
    case 1:
      return end.write(id, nb::Bytes(std::size_t{argument} * 40, 3), argument >= 128);
    case 2:
      return end.close_flow(id);
    case 3:
      return end.set_deadline(id, peer.now + std::chrono::seconds(argument >> 3));
    case 4:
      return end.set_deadline(id, std::nullopt);
    case 5:
      return end.keep_messages(id);
    case 6:
      return end.send_clear(id);
    case 7:
      return end.accept_clear(id);
    case 8:
      return (void)end.show(own[argument % own.size()]);
    case 9:
      return (void)end.show({});
    case 10:
      return end.enter_lame_duck();
    case 11:
      peer.now += std::chrono::milliseconds(std::uint64_t{argument} * argument * 50);
      return end.advance(peer.now);
    case 12:
      if (argument < 8) end.close(nb::Error("test.Bye", nb::NoRetry, "bye"));
      return;
    case 13:
      peer.hears_at_once = (argument & 1) != 0;
      return;
    case 14: {  // the peer shows something else, as it should
      const auto keys = peer.tell(kOfPeer[argument % kOfPeer.size()]);
      Auth auth;
      auth.blessings_key = keys.blessings;
      auth.discharges_key = keys.discharges;
      return peer.say(auth);
    }
    case 15: {  // and opens a flow with it
      const auto keys = peer.tell(kOfPeer[argument % kOfPeer.size()]);
      return peer.say(OpenFlow{id, 4096, keys.blessings, keys.discharges, (argument & 8) != 0 ? kSideChannel : 0,
                               nb::Bytes(argument, 4)});
    }
    case 16:
      return peer.say(Data{id, argument >> 3 & 3u, nb::Bytes(argument & 16 ? 2000 : 0, 5)});
    case 17:
      return peer.say(Release{{{id, std::uint64_t{argument} << (argument & 31)}}});
    case 18: {
      nb::Bytes frame = peer.seal(encode(HealthCheckResponse{}));
      return end.receive_frame_in_place(frame, peer.now);
    }
    case 19:
      return end.consumed(id, 0);
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
  static const auto kCache = std::make_shared<nb::ChainCache>();
  Options options = kOptions[role == Role::kDialer ? 1 : 0];
  options.identity.chain_cache = kCache;
  options.mtu = 2048;
  options.window = 4096;
  options.limits.flows = 8;
  options.limits.open_flow_burst = 40;
  options.limits.open_flow_rate = 1;
  options.limits.express_bytes = 50'000;
  options.limits.unread_bytes = 20'000;
  options.versions = {13, 14};
  options.accepts_flows = (mode & 8) == 0;
  testing::Impostor peer(role, options);
  if ((mode & 2) != 0) peer.setup.suites = {kAes256GcmSuite};
  if ((mode & 16) != 0) peer.setup.versions = {13, 13};
  if ((mode & 32) != 0) peer.setup.shared_tokens = 1500;
  peer.shake_hands();
  NB_CHECK(peer.end.is_established(), "the fuzzer's own handshake is sound");
  if (const auto id = peer.end.open_flow()) peer.end.write(*id, nb::Bytes(9000, 2), (mode & 4) != 0);
  while (rest.size() >= 2 && !peer.end.is_closed()) {
    const std::uint8_t kind = rest[0], argument = rest[1];
    const std::size_t length = std::min<std::size_t>(rest.size() - 2, std::size_t{kind & 0x3fu} << 8 | argument);
    rest = rest.subspan(2);
    if ((kind & 0x40) != 0) {
      operate(peer, kind & 0x3f, argument);
    } else {
      const nb::BytesView message = rest.first(length);
      rest = rest.subspan(length);
      peer.now += std::chrono::seconds(length % 4);
      peer.end.advance(peer.now);
      if ((kind & 0x80) != 0) {
        peer.say_clear(message);
      } else {
        peer.say_sealed(nb::Bytes(message.begin(), message.end()));
      }
    }
    if (peer.hears_at_once) peer.hear();
    act(peer, (mode & 64) != 0);
    peer.heard.clear();
  }
  peer.hear();
  peer.end.transport_closed(nb::Error());
  NB_CHECK(peer.end.is_closed() && !peer.end.has_output(), "a connection without a transport is over");
  NB_CHECK(peer.end.flow_tables().flows == 0, "and remembers no flow");
  return 0;
}
