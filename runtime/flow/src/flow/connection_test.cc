// The life of a connection and of its flows, between two cores.
#include "flow/connection.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "flow/authenticated_testing.h"

namespace nb::flow {
namespace {

using namespace flow::testing;
using namespace std::chrono_literals;

const Error kBye("test.Bye", NoRetry, "bye");

TEST_CASE("two ends are established") {
  AuthenticatedPair pair;
  CHECK(pair.dialer.is_established());
  CHECK(pair.acceptor.is_established());
  CHECK(pair.dialer.version() == 14);
  CHECK(pair.dialer.mtu() == 65536);
  CHECK(only<Established>(pair.dialer_events).size() == 1);
  CHECK(only<Established>(pair.acceptor_events).size() == 1);
}

TEST_CASE("[F-13] each end knows both endpoints, the dialer with the routing id it found") {
  Options dialer = authenticated_options(Role::kDialer);
  dialer.remote.routing_id = {};
  dialer.remote.blessing_names = {"acme"};
  AuthenticatedPair pair(dialer, authenticated_options(Role::kAcceptor));
  CHECK(pair.dialer.remote_endpoint().routing_id == endpoint_with_id(2).routing_id);
  CHECK(pair.dialer.remote_endpoint().blessing_names == std::vector<std::string>{"acme"});
  CHECK(pair.acceptor.remote_endpoint() == endpoint_with_id(1));
  CHECK(pair.acceptor.local_endpoint() == endpoint_with_id(2));
}

TEST_CASE("[F-9] the routing id of an end stands in option 3 of its Setup") {
  Connection end(authenticated_options(Role::kDialer), TimePoint{});
  const Setup setup = std::get<Setup>(*decode(end.take_output().flat_frame(0)));
  const auto option = std::find_if(setup.options.begin(), setup.options.end(), [](auto& o) { return o.code == 3; });
  REQUIRE(option != setup.options.end());
  CHECK(naming::parse_endpoint(as_text(option->value))->routing_id == endpoint_with_id(1).routing_id);
}

TEST_CASE("an end without an endpoint takes the one the peer calls it by") {
  Options acceptor = authenticated_options(Role::kAcceptor);
  acceptor.local = {};
  AuthenticatedPair pair(authenticated_options(Role::kDialer), acceptor);
  CHECK(pair.acceptor.local_endpoint() == endpoint_with_id(2));
}

TEST_CASE("[F-15] 13 and 14 are spoken, and ends without a common version part with the reason") {
  Options dialer = authenticated_options(Role::kDialer);
  dialer.versions = {13, 13};
  Options acceptor = authenticated_options(Role::kAcceptor);
  acceptor.versions = {13, 14};
  CHECK(AuthenticatedPair(dialer, acceptor).dialer.version() == 13);

  AuthenticatedPair apart(dialer, authenticated_options(Role::kAcceptor));
  CHECK(apart.dialer.is_closed());
  CHECK(apart.acceptor.is_closed());
  const Error why = only<ConnectionClosed>(apart.acceptor_events).at(0).why;
  CHECK(why.message().find("no common protocol version") != std::string_view::npos);
}

TEST_CASE("the ids of flows are even for the dialer from 10 on and odd for the acceptor from 11 on") {
  AuthenticatedPair pair;
  CHECK(*pair.dialer.open_flow() == 10);
  CHECK(*pair.dialer.open_flow() == 12);
  CHECK(*pair.acceptor.open_flow() == 11);
  CHECK(*pair.acceptor.open_flow() == 13);
}

TEST_CASE("a unary call costs two frames") {
  AuthenticatedPair pair;
  // The first flow is preceded by what it shows.
  const FlowId first = *pair.dialer.open_flow();
  pair.dialer.write(first, {}, true);
  CHECK(pair.pump() == 2);
  const FlowId id = *pair.dialer.open_flow();
  pair.dialer.write(id, bytes("d"), false);
  pair.dialer.write(id, bytes("request"), false);
  pair.dialer.write(id, bytes(", arguments, end"), false);
  CHECK(pair.pump() == 1);
  CHECK(received(pair.acceptor_events, id) == "drequest, arguments, end");
  pair.acceptor.write(id, bytes("response"), false);
  pair.acceptor.write(id, {}, true);
  CHECK(pair.pump() == 1);
  CHECK(received(pair.dialer_events, id) == "response");
  CHECK(only<FlowClosed>(pair.dialer_events).at(1).by == ClosedBy::kPeer);
  CHECK(only<FlowClosed>(pair.acceptor_events).at(1).by == ClosedBy::kLocal);
  pair.dialer.consumed(id, 8);
  CHECK(pair.dialer.open_flow_count() == 0);
  CHECK(pair.acceptor.open_flow_count() == 0);
}

TEST_CASE("a flow that was never written to leaves no trace on the wire") {
  AuthenticatedPair pair;
  pair.dialer.close_flow(*pair.dialer.open_flow());
  CHECK(!pair.dialer.has_output());
  CHECK(pair.dialer.open_flow_count() == 0);
}

TEST_CASE("flows may be opened in another order than their ids") {
  AuthenticatedPair pair;
  const FlowId first = *pair.dialer.open_flow();
  const FlowId second = *pair.dialer.open_flow();
  pair.dialer.write(second, bytes("b"), false);
  pair.pump();
  pair.dialer.write(first, bytes("a"), false);
  pair.pump();
  const auto opened = only<FlowOpened>(pair.acceptor_events);
  REQUIRE(opened.size() == 2);
  CHECK(opened[0].id == second);
  CHECK(opened[1].id == first);
}

TEST_CASE("an empty write opens a flow, another one sends nothing") {
  AuthenticatedPair pair;
  const FlowId id = *pair.dialer.open_flow();
  pair.dialer.write(id, {}, false);
  CHECK(pair.pump() == 2);  // what the flow shows goes before it
  CHECK(only<FlowDrained>(pair.dialer_events).size() == 1);
  pair.dialer.write(id, {}, false);
  CHECK(pair.pump() == 0);
}

TEST_CASE("[F-20] what is larger than the MTU is cut, and arrives whole") {
  AuthenticatedPair pair;
  const FlowId id = *pair.dialer.open_flow();
  Bytes large(200001);
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<std::uint8_t>(i * 31 >> 3);
  pair.dialer.write(id, large, false);
  CHECK(pair.dialer.pending(id) == 200001);
  pair.pump();
  CHECK(pair.dialer.pending(id) == 0);
  CHECK(received(pair.acceptor_events, id) == as_text(large));
  for (const FlowPayload& payload : only<FlowPayload>(pair.acceptor_events)) CHECK(payload.payload.size() <= 65536);
}

TEST_CASE("[F-24] the last payload carries Close, in one frame, also when it opens the flow") {
  Scripted peer(authenticated_options(Role::kDialer));
  peer.shake_hands();
  const FlowId id = *peer.end.open_flow();
  peer.end.write(id, bytes("all"), true);
  const auto messages = peer.heard();
  REQUIRE(messages.size() == 1);
  CHECK(messages[0] == Message(OpenFlow{10, 1 << 20, 2, 0, kClose, bytes("all")}));
  CHECK(!peer.end.is_open(id));
}

TEST_CASE("a second Close of the peer is nothing") {
  Scripted peer;
  peer.shake_hands();
  peer.say(OpenFlow{10, 1000, 1, 0, 0, bytes("hello")});
  peer.say(Data{10, kClose, bytes("!")});
  peer.say(Data{10, kClose, {}});
  peer.say(Data{10, 0, bytes("late")});
  CHECK(peer.heard().empty());
  CHECK(received(peer.events, 10) == "hello!");
  CHECK(only<FlowClosed>(peer.events).size() == 1);
  peer.end.consumed(10, 6);
  peer.say(Data{10, kClose, {}});
  CHECK(peer.heard().empty());
  CHECK(peer.end.is_established());
}

TEST_CASE("[F-22] after a local close queued bytes are dropped, Close is sent once, and writes do nothing") {
  Scripted peer;
  peer.shake_hands();
  peer.say(OpenFlow{10, 3, 1, 0, 0, bytes("hello")});
  peer.end.write(10, bytes("abcdef"), false);
  CHECK(peer.heard() == std::vector<Message>{Data{10, 0, bytes("abc")}});
  peer.end.close_flow(10);
  peer.end.write(10, bytes("x"), false);
  peer.end.close_flow(10);
  CHECK(peer.heard() == std::vector<Message>{Data{10, kClose, {}}});
  CHECK(only<FlowClosed>(peer.events).empty());
  CHECK(!peer.end.is_open(10));
}

TEST_CASE("[F-22] after a close of the peer nothing is sent, and what had arrived stays readable") {
  Scripted peer;
  peer.shake_hands();
  peer.say(OpenFlow{10, 0, 1, 0, 0, bytes("hello")});
  peer.end.write(10, bytes("waits for tokens"), true);
  peer.say(Data{10, kClose, {}});
  CHECK(peer.heard().empty());
  CHECK(only<FlowClosed>(peer.events).at(0).by == ClosedBy::kPeer);
  CHECK(!only<FlowClosed>(peer.events).at(0).why);
  CHECK(peer.end.pending(10) == 0);
  peer.end.consumed(10, 3);
  peer.end.consumed(10, 2);
  peer.end.consumed(10, 7);  // the flow is gone
  peer.say(Data{10, 0, bytes("late")});
  CHECK(peer.heard().empty());
}

TEST_CASE("[F-22] when the connection ends every flow hears why, once, and writes do nothing") {
  AuthenticatedPair pair;
  const FlowId a = *pair.dialer.open_flow();
  const FlowId b = *pair.dialer.open_flow();
  pair.dialer.write(a, bytes("a"), false);
  pair.dialer.write(b, bytes("b"), true);
  pair.pump();
  pair.acceptor.close(kBye);
  pair.pump();
  const auto closed = only<FlowClosed>(pair.dialer_events);
  REQUIRE(closed.size() == 2);  // b by its own end before
  CHECK(closed[1].id == a);
  CHECK(closed[1].by == ClosedBy::kConnection);
  CHECK(closed[1].why.message() == "network error: remote end received err: bye");
  CHECK(only<FlowClosed>(pair.acceptor_events).size() == 2);
  pair.dialer.write(a, bytes("x"), true);
  CHECK(!pair.dialer.has_output());
  CHECK(pair.dialer.open_flow().error().is("v.io/v23/flow.BadState"));
  CHECK(only<ConnectionClosed>(pair.dialer_events).size() == 1);
}

TEST_CASE("[F-18] a connection ends by TearDown, by its own close and by a cut cable, and only once") {
  SUBCASE("TearDown") {
    Scripted peer;
    peer.shake_hands();
    peer.say(TearDown{"because\n\x01"});
    CHECK(peer.end.is_closed());
    CHECK(peer.heard().empty());
    CHECK(only<ConnectionClosed>(peer.events).at(0).why.message() ==
          "network error: remote end received err: because??");
  }
  SUBCASE("an empty TearDown") {
    Scripted peer;
    peer.shake_hands();
    peer.say(TearDown{});
    peer.heard();
    CHECK(only<ConnectionClosed>(peer.events).at(0).why);
  }
  SUBCASE("own close") {
    Scripted peer;
    peer.shake_hands();
    peer.end.close(kBye);
    peer.end.close(kBye);
    CHECK(peer.heard() == std::vector<Message>{TearDown{"bye"}});
    CHECK(only<ConnectionClosed>(peer.events).size() == 1);
  }
  SUBCASE("cut cable") {
    Scripted peer;
    peer.shake_hands();
    peer.end.transport_closed(Error());
    peer.end.transport_closed(kBye);
    CHECK(peer.heard().empty());
    REQUIRE(only<ConnectionClosed>(peer.events).size() == 1);
    CHECK(only<ConnectionClosed>(peer.events)[0].why.is("v.io/v23/flow.Network"));
  }
}

TEST_CASE("a close lets go what flow control lets go, then tears down") {
  Scripted peer;
  peer.shake_hands();
  peer.say(OpenFlow{10, 3, 1, 0, 0, {}});
  peer.end.write(10, bytes("answer"), true);
  peer.end.close(kBye);
  CHECK(peer.heard() == std::vector<Message>{Data{10, 0, bytes("ans")}, TearDown{"bye"}});
  CHECK(!peer.end.has_output());
}

TEST_CASE("a transport that ends while a close is on its way takes the rest with it") {
  Scripted peer;
  peer.shake_hands();
  peer.end.close(kBye);
  peer.end.transport_closed(Error());
  CHECK(!peer.end.has_output());
  CHECK(peer.heard().empty());
  CHECK(only<ConnectionClosed>(peer.events).size() == 1);
}

TEST_CASE("[F-21] each message of the peer is one payload, as it was sent") {
  AuthenticatedPair pair;
  const FlowId id = *pair.dialer.open_flow();
  for (const char* text : {"a", "bc", "def"}) {
    pair.dialer.write(id, bytes(text), false);
    pair.pump();
  }
  const auto payloads = only<FlowPayload>(pair.acceptor_events);
  REQUIRE(payloads.size() == 3);
  CHECK(as_text(payloads[1].payload) == "bc");
}

TEST_CASE("control messages overtake flows") {
  Scripted peer;
  peer.shake_hands();
  const FlowId id = *peer.end.open_flow();
  peer.end.write(id, Bytes(300000, 1), false);
  CHECK(peer.heard_of(peer.end.take_output(10000)).size() == 1);
  peer.say(HealthCheckRequest{});
  CHECK(peer.heard_of(peer.end.take_output(1)) == std::vector<Message>{HealthCheckResponse{}});
}

TEST_CASE("take_output stops after the frame that reaches the budget") {
  Options dialer = authenticated_options(Role::kDialer);
  dialer.identity.offers_aes_gcm = false;  // so that tags lead
  AuthenticatedPair pair(dialer);
  const FlowId id = *pair.dialer.open_flow();
  pair.dialer.write(id, {}, false);
  pair.pump();
  pair.dialer.write(id, Bytes(1 << 20, 1), false);
  const Output first = pair.dialer.take_output(100000);
  CHECK(first.frame_count() == 2);
  CHECK(first.buffers().size() == 4);
  CHECK(pair.dialer.has_output());
}

TEST_CASE("only an end with a routing id is opened flows to") {
  Options dialer = authenticated_options(Role::kDialer);
  dialer.local.routing_id = {};
  AuthenticatedPair pair(dialer, authenticated_options(Role::kAcceptor));
  CHECK(!pair.acceptor.can_open_flows());
  CHECK(pair.acceptor.open_flow().error().message().find("no routing id") != std::string_view::npos);
  CHECK(pair.dialer.can_open_flows());
  CHECK(pair.dialer.open_flow().ok());
}

TEST_CASE("[F-5] the end that was dialed opens flows back on the same connection") {
  AuthenticatedPair pair;
  const FlowId id = *pair.acceptor.open_flow();
  pair.acceptor.write(id, bytes("hello"), false);
  pair.pump();
  CHECK(received(pair.dialer_events, id) == "hello");
  pair.dialer.write(id, bytes("yes"), true);
  pair.pump();
  CHECK(received(pair.acceptor_events, id) == "yes");
}

TEST_CASE("[F-7] a side channel says so on the wire and leaves the connection idle") {
  AuthenticatedPair pair;
  const FlowId side = *pair.dialer.open_flow({.side_channel = true});
  pair.dialer.write(side, bytes("t"), false);
  pair.pump();
  CHECK(only<FlowOpened>(pair.acceptor_events).at(0).side_channel);
  CHECK(pair.dialer.has_idle_flows_only());
  CHECK(pair.acceptor.has_idle_flows_only());
  const FlowId normal = *pair.dialer.open_flow();
  pair.dialer.write(normal, bytes("d"), false);
  pair.pump();
  CHECK(!pair.dialer.has_idle_flows_only());
  CHECK(!pair.acceptor.has_idle_flows_only());
  pair.dialer.close_flow(normal);
  pair.pump();
  CHECK(pair.dialer.has_idle_flows_only());
  CHECK(pair.acceptor.has_idle_flows_only());
}

TEST_CASE("[F-17] last use follows writes and reads, not health checks nor side channels") {
  AuthenticatedPair pair;
  const FlowId side = *pair.dialer.open_flow({.side_channel = true});
  const FlowId id = *pair.dialer.open_flow();
  const TimePoint start = pair.dialer.last_used();
  pair.pass(16min);
  pair.dialer.write(side, bytes("t"), false);
  pair.pump();
  CHECK(pair.dialer.last_used() == start);
  pair.dialer.write(id, bytes("d"), false);
  CHECK(pair.dialer.last_used() == pair.now);
}

TEST_CASE("health checks go on in their rhythm, and silence ends the connection") {
  Options acceptor = authenticated_options(Role::kAcceptor);
  acceptor.channel_timeout = 2s;
  Scripted peer(acceptor);
  peer.shake_hands();
  for (int i = 0; i < 3; ++i) {
    CHECK(peer.end.next_deadline() == peer.now + 1s);
    peer.now += 1s;
    peer.end.advance(peer.now);
    CHECK(peer.heard() == std::vector<Message>{HealthCheckRequest{}});
    peer.say(HealthCheckResponse{});
  }
  peer.now += 1s;
  peer.end.advance(peer.now);
  peer.now += 1s;
  peer.end.advance(peer.now);
  CHECK(peer.refusal() == "network error: the channel has become unresponsive");
}

TEST_CASE("a flow's channel timeout counts while the flow is open") {
  Scripted peer(authenticated_options(Role::kDialer));
  peer.shake_hands();
  const FlowId id = *peer.end.open_flow({.channel_timeout = 4s});
  CHECK(peer.end.next_deadline() == peer.now + 2s);
  peer.end.close_flow(id);
  peer.now += 2s;
  peer.end.advance(peer.now);
  CHECK(peer.heard() == std::vector<Message>{HealthCheckRequest{}});
  peer.say(HealthCheckResponse{});
  CHECK(peer.end.next_deadline() == peer.now + 15min);
}

TEST_CASE("[F-4] lame duck: the peer opens no new flow, and acknowledges when its unopened ones are opened or closed") {
  AuthenticatedPair pair;
  const FlowId early = *pair.dialer.open_flow();
  const FlowId never = *pair.dialer.open_flow();
  pair.acceptor.enter_lame_duck();
  pair.acceptor.enter_lame_duck();
  CHECK(pair.pump() == 1);
  CHECK(only<PeerInLameDuck>(pair.dialer_events).size() == 1);
  CHECK(!pair.dialer.can_open_flows());
  CHECK(pair.dialer.open_flow().error().is("v.io/v23/flow.BadState"));
  CHECK(only<LameDuckDone>(pair.acceptor_events).empty());

  pair.dialer.write(early, bytes("in time"), false);
  pair.pump();
  CHECK(received(pair.acceptor_events, early) == "in time");
  CHECK(only<LameDuckDone>(pair.acceptor_events).empty());
  pair.dialer.close_flow(never);
  pair.pump();
  REQUIRE(only<LameDuckDone>(pair.acceptor_events).size() == 1);
  CHECK(only<LameDuckDone>(pair.acceptor_events)[0].acknowledged);
  CHECK(pair.acceptor.open_flow().ok());  // the lame duck itself still may
}

TEST_CASE("an acknowledgement that does not come is waited for only so long") {
  Scripted peer;
  peer.shake_hands();
  peer.end.enter_lame_duck();
  CHECK(peer.heard() == std::vector<Message>{EnterLameDuck{}});
  CHECK(peer.end.next_deadline() == peer.now + 30s);
  peer.now += 30s;
  peer.end.advance(peer.now);
  peer.say(AckLameDuck{});
  peer.heard();
  REQUIRE(only<LameDuckDone>(peer.events).size() == 1);
  CHECK(!only<LameDuckDone>(peer.events)[0].acknowledged);
}

TEST_CASE("[F-25] a flow ends at its deadline, which can be replaced") {
  AuthenticatedPair pair;
  const FlowId id = *pair.dialer.open_flow();
  pair.dialer.write(id, bytes("x"), false);
  pair.pump();
  pair.dialer.set_deadline(id, pair.now + 1s);
  CHECK(pair.dialer.next_deadline() == pair.now + 1s);
  pair.dialer.set_deadline(id, pair.now + 5s);
  pair.pass(2s);
  CHECK(pair.dialer.is_open(id));
  pair.pass(3s);
  CHECK(!pair.dialer.is_open(id));
  const auto closed = only<FlowClosed>(pair.dialer_events);
  REQUIRE(closed.size() == 1);
  CHECK(closed[0].by == ClosedBy::kDeadline);
  CHECK(closed[0].why.is("v.io/v23/verror.Timeout"));
  CHECK(only<FlowClosed>(pair.acceptor_events).at(0).by == ClosedBy::kPeer);
  pair.dialer.set_deadline(id, pair.now + 1s);  // over: does nothing
}

TEST_CASE("[F-25] a deadline passes while a writer waits for tokens") {
  Scripted peer;
  peer.shake_hands();
  peer.say(OpenFlow{10, 0, 1, 0, 0, {}});
  peer.end.write(10, bytes("blocked"), false);
  peer.end.set_deadline(10, peer.now + 1s);
  peer.now += 1s;
  peer.end.advance(peer.now);
  CHECK(peer.heard() == std::vector<Message>{Data{10, kClose, {}}});
}

TEST_CASE("a flow that is over leaves no deadline behind") {
  Scripted peer;
  peer.shake_hands();
  peer.say(OpenFlow{10, 0, 1, 0, 0, {}});
  peer.end.set_deadline(10, peer.now + 1s);
  peer.say(Data{10, kClose, {}});
  CHECK(peer.end.next_deadline() == peer.now + 15min);
}

TEST_CASE("[F-28] a flow is closed by the peer, here, at its deadline or with its connection") {
  AuthenticatedPair pair;
  FlowId ids[4];
  for (FlowId& id : ids) {
    id = *pair.dialer.open_flow();
    pair.dialer.write(id, bytes("x"), false);
  }
  pair.pump();
  pair.acceptor.close_flow(ids[0]);
  pair.pump();
  pair.dialer.write(ids[1], {}, true);
  pair.pump();
  pair.dialer.set_deadline(ids[2], pair.now + 1s);
  pair.pass(1s);
  pair.dialer.close(kBye);
  pair.pump();
  const auto closed = only<FlowClosed>(pair.dialer_events);
  REQUIRE(closed.size() == 4);
  CHECK(closed[0].by == ClosedBy::kPeer);
  CHECK(closed[1].by == ClosedBy::kLocal);
  CHECK(closed[2].by == ClosedBy::kDeadline);
  CHECK(closed[3].by == ClosedBy::kConnection);
}

TEST_CASE("a transport that keeps messages apart carries the same conversation") {
  const TimePoint now{};
  Connection dialer(authenticated_options(Role::kDialer), now);
  Connection acceptor(authenticated_options(Role::kAcceptor), now);
  const auto move = [&](Connection& from, Connection& to) {
    const Output output = from.take_output();
    for (std::size_t i = 0; i < output.frame_count(); ++i) to.receive_frame(output.flat_frame(i), now);
  };
  for (int round = 0; round < 3; ++round) {
    move(dialer, acceptor);
    move(acceptor, dialer);
    dialer.authorize();
  }
  const FlowId id = *dialer.open_flow();
  dialer.write(id, bytes("hello"), false);
  move(dialer, acceptor);
  CHECK(received(acceptor.take_events(), id) == "hello");
}

}  // namespace
}  // namespace nb::flow
