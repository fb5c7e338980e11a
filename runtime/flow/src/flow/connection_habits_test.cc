// Peers that hold the keys and say what they like: messages once more or in another order, and habits that wear out an
// end that is not careful.
#include <doctest/doctest.h>

#include <algorithm>

#include "flow/authenticated_testing.h"

namespace nb::flow {
namespace {

using namespace flow::testing;
using namespace std::chrono_literals;

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

TEST_CASE(
    "the messages of a flow in every order: what comes before its opening is dropped, a Release then is refused") {
  enum Kind { kOpen, kData, kLast, kGrant };
  const Message said[] = {OpenFlow{10, 100, 1, 0, 0, bytes("a")}, Data{10, 0, bytes("b")}, Data{10, kClose, bytes("c")},
                          Release{{{10, 5}}}};
  std::vector<Kind> order = {kOpen, kData, kLast, kGrant};
  do {
    Scripted peer;
    peer.shake_hands();
    std::string expected, said_so_far;
    bool open = false, closed = false, refused = false;
    for (const Kind kind : order) {
      peer.say(said[kind]);
      said_so_far += "OdLG"[kind];
      if (refused || closed) continue;
      if (kind == kOpen) open = true;
      if (kind == kGrant && !open) refused = true;
      if (!open || refused || kind == kGrant) continue;
      expected += "abc"[kind];
      closed = kind == kLast;
    }
    CAPTURE(said_so_far);
    CHECK(has(peer.refusal(), "never opened") == refused);
    CHECK(peer.end.is_established() == !refused);
    CHECK(received(peer.events, 10) == expected);
    CHECK(only<FlowClosed>(peer.events).size() == (closed ? 1 : 0));
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("flows of the peer may be opened in every order, each once") {
  std::vector<FlowId> ids = {10, 12, 14, 16};
  do {
    Scripted peer;
    peer.shake_hands();
    for (const FlowId id : ids) peer.say(OpenFlow{id, 1, 1, 0, 0, {}});
    CHECK(peer.refusal().empty());
    CHECK(only<FlowOpened>(peer.events).size() == ids.size());
    peer.say(OpenFlow{ids[1], 1, 1, 0, 0, {}});
    CHECK(has(peer.refusal(), "the id was used before"));
  } while (std::next_permutation(ids.begin(), ids.end()));
}

TEST_CASE("each message said twice: flows open once, ends count once, data is data") {
  const auto twice = [](Scripted& peer, const Message& message) {
    peer.say(message);
    peer.say(message);
  };
  Scripted peer;
  peer.shake_hands();
  peer.say(OpenFlow{10, 4, 1, 0, 0, {}});
  peer.end.write(10, bytes("0123456789abcdef"), false);
  CHECK(peer.heard() == std::vector<Message>{Data{10, 0, bytes("0123")}});
  twice(peer, Data{10, 0, bytes("ab")});
  twice(peer, Release{{{10, 2}}});
  twice(peer, HealthCheckResponse{});
  CHECK(peer.heard() == std::vector<Message>{Data{10, 0, bytes("4567")}});
  twice(peer, EnterLameDuck{});
  CHECK(peer.heard() == std::vector<Message>{AckLameDuck{}});
  twice(peer, Data{10, kClose, bytes("c")});
  CHECK(peer.heard().empty());
  CHECK(received(peer.events, 10) == "ababc");
  CHECK(only<FlowClosed>(peer.events).size() == 1);
  CHECK(only<PeerInLameDuck>(peer.events).size() == 1);
  peer.end.enter_lame_duck();
  twice(peer, AckLameDuck{});
  CHECK(only<LameDuckDone>(peer.events).empty());
  CHECK(peer.heard() == std::vector<Message>{EnterLameDuck{}});
  CHECK(only<LameDuckDone>(peer.events).size() == 1);
  Auth refresh;
  refresh.blessings_key = 1;
  twice(peer, refresh);
  CHECK(peer.heard().empty());
  CHECK(only<PeerShows>(peer.events).size() == 2);
  twice(peer, TearDown{"enough"});
  CHECK(peer.heard().empty());
  CHECK(only<ConnectionClosed>(peer.events).size() == 1);
}

TEST_CASE("a peer that never grants is sent its pool and not a byte more; everything else goes on") {
  Options options = authenticated_options(Role::kDialer);
  options.mtu = 1024;
  options.window = 8192;
  Scripted peer(options);
  peer.shake_hands();
  std::size_t sent = 0, opened = 0;
  const auto count = [&] {
    for (const Message& message : peer.heard()) {
      if (const auto* const open = std::get_if<OpenFlow>(&message)) {
        ++opened;
        sent += open->payload.size();
      } else if (const auto* const data = std::get_if<Data>(&message)) {
        sent += data->payload.size();
      }
    }
  };
  std::vector<FlowId> ids;
  for (int i = 0; i < 50; ++i) {
    ids.push_back(*peer.end.open_flow());
    peer.end.write(ids.back(), Bytes(1000, 1), false);
    count();
  }
  CHECK(sent == 8192);
  CHECK(opened == 50);
  CHECK_FALSE(peer.end.has_output());
  peer.say(HealthCheckRequest{});
  CHECK(peer.heard() == std::vector<Message>{HealthCheckResponse{}});
  // Whoever gives up its flows does not get the tokens back: the peer has them.
  for (const FlowId id : ids) peer.end.close_flow(id);
  count();
  CHECK(peer.end.open_flow_count() == 0);
  CHECK(peer.end.flow_tables().shared == 0);
  CHECK(peer.end.flow_tables().outstanding == 8192);
  peer.end.close(Error("test.Bye", NoRetry, "bye"));
  CHECK(peer.heard() == std::vector<Message>{TearDown{"bye"}});
}

TEST_CASE("a peer that grants more than anybody could use is sent what there is, in messages of the MTU") {
  Options options = authenticated_options(Role::kDialer);
  options.mtu = 1024;
  options.window = 8192;
  Scripted peer(options);
  peer.shake_hands();
  const FlowId id = *peer.end.open_flow();
  peer.end.write(id, Bytes(100'000, 1), false);
  (void)peer.heard();
  peer.say(Release{{{id, (std::uint64_t{1} << 63) + 8192}}});
  std::size_t sent = 0;
  for (const Message& message : peer.heard()) {
    CHECK(std::get<Data>(message).payload.size() <= 1024);
    sent += std::get<Data>(message).payload.size();
  }
  CHECK(sent == 100'000 - 8192);
  CHECK(peer.end.flow_tables().shared == 8192);
  peer.say(Release{{{id, std::uint64_t{1} << 63}}});
  CHECK(has(peer.refusal(), "grants more than can be counted"));
}

TEST_CASE("a Release repays what was borrowed first, and tokens for flows that are over go to the pool no further") {
  Options options = authenticated_options(Role::kDialer);
  options.mtu = 1024;
  options.window = 8192;
  Scripted peer(options);
  peer.shake_hands();
  const FlowId id = *peer.end.open_flow();
  peer.end.write(id, Bytes(1000, 1), true);
  (void)peer.heard();
  CHECK(peer.end.flow_tables().outstanding == 1000);
  for (int i = 0; i < 3; ++i) peer.say(Release{{{id, ~std::uint64_t{0}}, {id, 1}, {id, 0}}});
  CHECK(peer.refusal().empty());
  CHECK(peer.end.flow_tables().outstanding == 0);
  CHECK(peer.end.flow_tables().shared == 8192);
}

TEST_CASE("a peer that opens flows without end gets as many as there may be, and costs no more than these") {
  Options options = authenticated_options(Role::kAcceptor);
  options.limits.flows = 50;
  options.limits.open_flow_burst = 3000;
  options.limits.open_flow_rate = 1;
  Scripted peer(options);
  peer.shake_hands();
  FlowId id = 10;
  for (int i = 0; i < 3000; ++i, id += 2) {
    peer.say(OpenFlow{id, 1, 1, 0, 0, bytes("x")});
    REQUIRE(peer.end.flow_tables().flows <= 50);
    if (i % 100 == 0) (void)peer.heard();
  }
  CHECK(peer.refusal().empty());
  CHECK(only<FlowOpened>(peer.events).size() == 50);
  CHECK(peer.end.flow_tables().closed_to_release == 0);
  peer.say(OpenFlow{id, 1, 1, 0, 0, {}});
  CHECK(has(peer.refusal(), "opens flows too fast"));
}

TEST_CASE("a peer that opens every flow but the first leaves gaps of which only so many are remembered") {
  Scripted peer;
  peer.shake_hands();
  // Each with a gap before it.
  for (FlowId id = 12; id < 12 + 4 * 5000; id += 4) peer.say(OpenFlow{id, 1, 1, 0, kClose, {}});
  CHECK(peer.refusal().empty());
  CHECK(peer.end.flow_tables().flows == 0);
  peer.say(OpenFlow{10 + 4 * 4999, 1, 1, 0, kClose, {}});
  CHECK(peer.refusal().empty());
  peer.say(OpenFlow{10, 1, 1, 0, kClose, {}});
  CHECK(has(peer.refusal(), "the id was used before"));
}

TEST_CASE("a peer that stops in the middle of a frame is given up after the channel timeout, not before") {
  Options options = authenticated_options(Role::kAcceptor);
  options.channel_timeout = 10s;
  Scripted peer(options);
  peer.shake_hands();
  const Bytes frame = peer.sealed(HealthCheckResponse{});
  peer.say_bytes(BytesView(frame).first(frame.size() - 1));
  peer.now += 5s;
  peer.end.advance(peer.now);
  CHECK(peer.heard() == std::vector<Message>{HealthCheckRequest{}});
  peer.now += 5s;
  peer.end.advance(peer.now);
  CHECK(has(peer.refusal(), "unresponsive"));
}

}  // namespace
}  // namespace nb::flow
