// Flow control between two cores: who waits for whom, and who never does.
#include <doctest/doctest.h>

#include <map>

#include "flow/connection.h"
#include "flow/connection_testing.h"

namespace nb::flow {
namespace {

using namespace flow::testing;

constexpr std::size_t kWindow = 1 << 20;

Options small_window(Role role, std::uint64_t window = 8192) {
  Options options = plain_options(role);
  options.mtu = 1024;
  options.window = window;
  return options;
}

TEST_CASE("a reader that stops holds the sender at its window") {
  Pair pair;
  const FlowId id = *pair.dialer.open_flow();
  for (int i = 0; i < 100; ++i) {
    if (pair.dialer.pending(id) == 0) pair.dialer.write(id, Bytes(kWindow, 7), false);
    pair.pump();
  }
  CHECK(received(pair.acceptor_events, id).size() == kWindow);
  CHECK(pair.dialer.pending(id) <= kWindow);
  CHECK(!pair.dialer.has_output());

  pair.acceptor.consumed(id, kWindow);
  pair.pump();
  CHECK(received(pair.acceptor_events, id).size() == 2 * kWindow);
}

TEST_CASE("a reader that stops does not hold up the flows beside it") {
  Pair pair;
  const FlowId stuck = *pair.dialer.open_flow();
  pair.dialer.write(stuck, Bytes(3 * kWindow, 1), false);
  pair.pump();
  for (int i = 0; i < 20; ++i) {
    const FlowId id = *pair.dialer.open_flow();
    pair.dialer.write(id, Bytes(kWindow / 2, 2), false);
    pair.pump();
    CHECK(received(pair.acceptor_events, id).size() == kWindow / 2);
    pair.acceptor.consumed(id, kWindow / 2);
    pair.acceptor.close_flow(id);
    pair.acceptor_events.clear();
  }
}

TEST_CASE("64 flows share one pool, and each moves all its bytes at the same pace") {
  Pair pair(small_window(Role::kDialer), small_window(Role::kAcceptor));
  constexpr std::size_t kEach = 40000;
  std::map<FlowId, std::size_t> arrived;
  for (int i = 0; i < 64; ++i) {
    const FlowId id = *pair.dialer.open_flow();
    pair.dialer.write(id, Bytes(kEach, 1), false);
    arrived[id] = 0;
  }
  std::size_t most_apart = 0;
  for (int turn = 0; turn < 100000; ++turn) {
    const Output output = pair.dialer.take_output(1);
    if (!output.empty()) pair.acceptor.receive(output.flat(), pair.now);
    for (const FlowPayload& payload : only<FlowPayload>(pair.acceptor.take_events())) {
      arrived[payload.id] += payload.payload.size();
      pair.acceptor.consumed(payload.id, payload.payload.size());
    }
    if (pair.acceptor.has_output()) pair.dialer.receive(pair.acceptor.take_output().flat(), pair.now);
    std::size_t least = kEach, most = 0;
    for (const auto& [id, n] : arrived) {
      least = std::min(least, n);
      most = std::max(most, n);
    }
    most_apart = std::max(most_apart, most - least);
    if (least == kEach) break;
  }
  for (const auto& flow : arrived) CHECK_MESSAGE(flow.second == kEach, "flow " << flow.first);
  // A flow gets its own window with its first grant; beyond that nobody runs ahead.
  CHECK(most_apart <= 2 * 8192);
}

TEST_CASE("a bulk flow delays a short one by at most one message") {
  Pair pair;
  const FlowId bulk = *pair.dialer.open_flow();
  pair.dialer.write(bulk, Bytes(kWindow / 2, 1), false);
  CHECK(pair.dialer.take_output(1).frame_count() == 1);
  const FlowId quick = *pair.dialer.open_flow();
  pair.dialer.write(quick, bytes("now"), false);
  CHECK(std::get<Data>(*decode(pair.dialer.take_output(1).flat_frame(0))).id == bulk);
  CHECK(std::get<OpenFlow>(*decode(pair.dialer.take_output(1).flat_frame(0))).id == quick);
}

TEST_CASE("OpenFlow never waits for tokens") {
  Scripted peer(small_window(Role::kDialer));
  peer.shake_hands();
  const FlowId first = *peer.end.open_flow();
  peer.end.write(first, Bytes(10000, 1), false);
  peer.heard();
  CHECK(peer.end.pending(first) == 10000 - 8192);
  const FlowId second = *peer.end.open_flow();
  peer.end.write(second, bytes("waits"), false);
  CHECK(peer.heard() == std::vector<Message>{OpenFlow{second, 8192, 0, 0, 0, {}}});
  CHECK(peer.end.pending(second) == 5);
}

TEST_CASE("every way in which the pool grows wakes those who wait for it") {
  Scripted peer(small_window(Role::kDialer));
  peer.shake_hands();
  const FlowId first = *peer.end.open_flow();
  peer.end.write(first, Bytes(8192, 1), false);
  peer.heard();
  const FlowId second = *peer.end.open_flow();
  peer.end.write(second, bytes("waits"), true);
  peer.heard();
  const std::vector<Message> woken{Data{second, kClose, bytes("waits")}};
  SUBCASE("a Release") {
    peer.say(Release{{{first, 5}}});
    CHECK(peer.heard() == woken);
  }
  SUBCASE("a Close of the peer") {
    peer.say(Data{first, kClose, {}});
    CHECK(peer.heard() == woken);
  }
  SUBCASE("a Release for a flow closed here") {
    peer.end.close_flow(first);
    CHECK(peer.heard() == std::vector<Message>{Data{first, kClose, {}}});
    peer.say(Release{{{first, 5}}});
    CHECK(peer.heard() == woken);
  }
  SUBCASE("Data for a flow closed here") {
    peer.end.close_flow(first);
    peer.heard();
    peer.say(Data{first, 0, bytes("x")});
    CHECK(peer.heard() == woken);
  }
  SUBCASE("nothing") { CHECK(peer.heard().empty()); }
}

TEST_CASE("tokens of a flow that closed with its last write are owed as well") {
  Scripted peer(small_window(Role::kDialer));
  peer.shake_hands();
  const FlowId first = *peer.end.open_flow();
  peer.end.write(first, Bytes(8192, 1), true);
  peer.heard();
  const FlowId second = *peer.end.open_flow();
  peer.end.write(second, bytes("waits"), false);
  peer.heard();
  peer.say(Release{{{first, 100000}}});
  CHECK(peer.heard() == std::vector<Message>{Data{second, 0, bytes("waits")}});
}

TEST_CASE("the first grant on a flow of the peer is its window and what was consumed") {
  Scripted peer;
  peer.shake_hands();
  peer.say(OpenFlow{10, 1 << 20, 0, 0, 0, Bytes(65536, 1)});
  peer.end.consumed(10, 65536);
  peer.say(Data{10, 0, Bytes(65536, 1)});
  CHECK(peer.heard().empty());
  peer.say(Data{10, 0, Bytes(1, 1)});
  CHECK(peer.heard() == std::vector<Message>{Release{{{10, (1 << 20) + 65536}}}});
  peer.end.consumed(10, 65537);
  CHECK(peer.heard().empty());
}

TEST_CASE("a flow closed by the peer has its borrowed bytes handed back with the next Release") {
  Scripted peer(small_window(Role::kAcceptor));
  peer.shake_hands();
  peer.say(OpenFlow{10, 8192, 0, 0, kClose, Bytes(1000, 1)});
  CHECK(peer.heard().empty());
  peer.say(OpenFlow{12, 8192, 0, 0, 0, Bytes(25, 1)});
  CHECK(peer.heard() == std::vector<Message>{Release{{{10, 8192}, {12, 8192}}}});
}

TEST_CASE("a flow that borrowed much is granted before it is closed here") {
  Scripted peer(small_window(Role::kAcceptor));
  peer.shake_hands();
  peer.say(OpenFlow{10, 8192, 0, 0, 0, Bytes(1024, 1)});
  peer.say(Data{10, 0, Bytes(1024, 1)});
  peer.end.close_flow(10);
  CHECK(peer.heard() == std::vector<Message>{Release{{{10, 8192}}}, Data{10, kClose, {}}});
}

TEST_CASE("a peer whose own window is small is granted in time for its small pool") {
  Pair pair(small_window(Role::kDialer, 1024), plain_options(Role::kAcceptor));
  const FlowId id = *pair.dialer.open_flow();
  pair.dialer.write(id, Bytes(500000, 1), true);
  pair.pump();
  CHECK(received(pair.acceptor_events, id).size() == 500000);
}

TEST_CASE("Data for a flow nobody knows is dropped") {
  Scripted peer;
  peer.shake_hands();
  peer.say(Data{10, 0, bytes("x")});
  peer.say(Data{11, kClose, bytes("x")});
  peer.say(Data{4, 0, bytes("x")});
  CHECK(peer.heard().empty());
  CHECK(peer.end.is_established());
}

}  // namespace
}  // namespace nb::flow
