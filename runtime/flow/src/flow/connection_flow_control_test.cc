// Flow control between two cores: who waits for whom, and who never does.
#include <doctest/doctest.h>

#include <map>

#include "flow/authenticated_testing.h"
#include "flow/connection.h"

namespace nb::flow {
namespace {

using namespace flow::testing;

constexpr std::size_t kWindow = 1 << 20;

Options small_window(Role role, std::uint64_t window = 8192) {
  Options options = authenticated_options(role);
  options.mtu = 1024;
  options.window = window;
  return options;
}

TEST_CASE("a reader that stops holds the sender at its window") {
  AuthenticatedPair pair;
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
  AuthenticatedPair pair;
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
  AuthenticatedPair pair(small_window(Role::kDialer), small_window(Role::kAcceptor));
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
  Scripted peer(authenticated_options(Role::kDialer));
  peer.shake_hands();
  const auto next = [&peer] {
    std::vector<Message> messages;
    while (messages.empty()) messages = peer.heard_of(peer.end.take_output(1));
    return messages.at(0);
  };
  const FlowId bulk = *peer.end.open_flow();
  peer.end.write(bulk, Bytes(kWindow / 2, 1), false);
  CHECK(std::get<OpenFlow>(next()).id == bulk);
  const FlowId quick = *peer.end.open_flow();
  peer.end.write(quick, bytes("now"), false);
  CHECK(std::get<Data>(next()).id == bulk);
  CHECK(std::get<OpenFlow>(next()).id == quick);
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
  CHECK(peer.heard() == std::vector<Message>{OpenFlow{second, 8192, 2, 0, 0, {}}});
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
  peer.say(OpenFlow{10, 1 << 20, 1, 0, 0, Bytes(65536, 1)});
  peer.end.consumed(10, 65536);
  peer.say(Data{10, 0, Bytes(65536, 1)});
  CHECK(peer.heard().empty());
  peer.say(Data{10, 0, Bytes(1, 1)});
  CHECK(peer.heard() == std::vector<Message>{Release{{{10, (1 << 20) + 65536}}}});
  peer.end.consumed(10, 65537);
  CHECK(peer.heard().empty());
}

TEST_CASE("a flow closed by the peer has its borrowed bytes handed back with the next Release, but not at once") {
  Scripted peer(small_window(Role::kAcceptor));
  peer.shake_hands();
  peer.say(OpenFlow{10, 8192, 1, 0, kClose, Bytes(1000, 1)});
  CHECK(peer.heard().empty());
  peer.say(OpenFlow{12, 8192, 1, 0, 0, Bytes(25, 1)});
  CHECK(peer.heard().empty());
  CHECK(peer.end.next_deadline() == peer.now + std::chrono::milliseconds(5));
  peer.now += std::chrono::milliseconds(5);
  peer.end.advance(peer.now);
  CHECK(peer.heard() == std::vector<Message>{Release{{{10, 8192}, {12, 8192}}}});
}

TEST_CASE(
    "a peer that opens, fills and closes one flow after the other never loses its pool, and hears of no flow early") {
  Scripted peer(small_window(Role::kAcceptor));
  peer.shake_hands();
  std::uint64_t missing = 0;
  for (FlowId id = 10; id < 400; id += 2) {
    // What a stock peer does: Close leaves, and only then is it noted what the flow owes.
    peer.say(OpenFlow{id, 8192, 1, 0, 0, Bytes(1000, 1)});
    peer.say(Data{id, kClose, Bytes(1000, 1)});
    missing += 2000;
    for (const Message& message : peer.heard()) {
      for (const Counter& counter : std::get<Release>(message).counters) {
        CHECK(counter.id != id);
        missing -= 2000;
      }
    }
    REQUIRE(missing <= 8192 - 2000);
    peer.now += std::chrono::milliseconds(5);
    peer.end.advance(peer.now);
  }
}

TEST_CASE("a flow that borrowed much is granted before it is closed here") {
  Scripted peer(small_window(Role::kAcceptor));
  peer.shake_hands();
  peer.say(OpenFlow{10, 8192, 1, 0, 0, Bytes(1024, 1)});
  peer.say(Data{10, 0, Bytes(1024, 1)});
  peer.end.close_flow(10);
  CHECK(peer.heard() == std::vector<Message>{Release{{{10, 8192}}}, Data{10, kClose, {}}});
}

TEST_CASE("a peer whose own window is small is granted in time for its small pool") {
  AuthenticatedPair pair(small_window(Role::kDialer, 1024), authenticated_options(Role::kAcceptor));
  const FlowId id = *pair.dialer.open_flow();
  pair.dialer.write(id, Bytes(500000, 1), true);
  pair.pump();
  CHECK(received(pair.acceptor_events, id).size() == 500000);
}

TEST_CASE(
    "[F-23] a flow is a stream of bytes to whoever reads in parts, and of messages to whoever reads those, mixed") {
  AuthenticatedPair pair(small_window(Role::kDialer), small_window(Role::kAcceptor));
  const FlowId id = *pair.dialer.open_flow();
  std::string sent, read;
  for (int i = 0; i < 300; ++i) sent += std::to_string(i * 7919) + std::string(static_cast<std::size_t>(i), '.');
  pair.dialer.write(id, bytes(sent), false);
  // Turns of one byte, of a part that ends within a message, of a message, and of all that is there.
  std::string arrived;
  for (std::size_t turn = 0; read.size() < sent.size(); ++turn) {
    pair.pump();
    std::size_t message = 0;
    for (const FlowPayload& payload : only<FlowPayload>(std::exchange(pair.acceptor_events, {}))) {
      arrived += as_text(payload.payload);
      message = payload.payload.size();
    }
    const std::size_t there = arrived.size() - read.size();
    REQUIRE(there > 0);
    REQUIRE(there <= 8192);
    const std::size_t parts[] = {1, 700, message, there};
    const std::size_t n = std::min(there, parts[turn % 4]);
    read += arrived.substr(read.size(), n);
    pair.acceptor.consumed(id, n);
  }
  CHECK(read == sent);
  CHECK(pair.dialer.pending(id) == 0);
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
