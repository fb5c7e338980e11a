// What a hostile peer may try, and how it ends (flow-protocol.md 15.2).
#include <doctest/doctest.h>

#include "flow/authenticated_testing.h"
#include "flow/connection.h"

namespace nb::flow {
namespace {

using namespace flow::testing;
using namespace std::chrono_literals;

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// The TearDown that a single message to an established acceptor earns.
std::string answer_to(const Message& message, Options options = authenticated_options(Role::kAcceptor)) {
  Scripted peer(std::move(options));
  peer.shake_hands();
  peer.say(message);
  const std::string text = peer.refusal();
  CHECK(peer.end.is_closed() == !text.empty());
  return text;
}

TEST_CASE("[15.2] refused: a first frame that is no Setup") {
  for (const Message& message : {Message(Data{10, 0, {}}), Message(OpenFlow{10, 1, 1, 0, 0, {}}),
                                 Message(HealthCheckRequest{}), Message(Auth{1, 0, {}, "", EcdsaSignature{}})}) {
    Scripted peer;
    peer.say(message);
    CHECK(has(peer.refusal(), "the first message is no Setup"));
  }
  Scripted peer;
  peer.say_bytes(with_header(bytes("GET / HTTP/1.1")));
  CHECK(has(peer.refusal(), "unknown type 0x47"));
}

TEST_CASE("[15.2] refused: a first frame above 64 KiB, at its header") {
  Scripted peer;
  const auto header = frame_header(65537);
  peer.say_bytes(Bytes(header.begin(), header.end()));
  CHECK(has(peer.refusal(), "a frame is longer than 65536 bytes"));
}

TEST_CASE("[15.2] refused: no first frame for ten seconds, not even when its header drips in") {
  Scripted silent;
  CHECK(silent.end.next_deadline() == silent.now + 10s);
  silent.now += 10s;
  silent.end.advance(silent.now);
  CHECK(has(silent.refusal(), "timeout"));
  CHECK(only<ConnectionClosed>(silent.events).at(0).why.is("v.io/v23/verror.Timeout"));

  Scripted dripping;
  dripping.say_bytes(Bytes{0xff});
  dripping.now += 10s;
  dripping.end.advance(dripping.now);
  CHECK(has(dripping.refusal(), "timeout"));
}

TEST_CASE("[15.2] refused: no handshake for sixty seconds") {
  Options options = authenticated_options(Role::kAcceptor);
  options.first_frame_timeout = 100s;
  Scripted peer(options);
  CHECK(peer.end.next_deadline() == peer.now + 60s);
  peer.now += 59s;
  peer.end.advance(peer.now);
  CHECK(peer.refusal() == "");
  peer.now += 1s;
  peer.end.advance(peer.now);
  CHECK(has(peer.refusal(), "timeout"));
}

TEST_CASE("[15.2] refused: a Setup with bad options, cut integers or lengths beyond its end") {
  for (const char* hex : {"7e", "7e0e", "7e0eff", "7e0e0e04", "7e0e0e0405fd010000", "7e0e0e0402fe10",
                          "7e0e0e0404fd01000005f8ffffffffffffffff", "7e0e0e040180",
                          "7e0e0e0401050401"
                          "05"}) {
    CAPTURE(hex);
    Scripted peer;
    peer.say_bytes(with_header(from_hex(hex)));
    CHECK(peer.refusal() != "");
  }
}

TEST_CASE("[15.2] refused: an MTU below one KiB") {
  Scripted peer;
  peer.say(Setup{14, 14, {{4, {9}}}});
  CHECK(has(peer.refusal(), "the MTU is 9"));
}

TEST_CASE("a clear TearDown instead of a Setup is reported with its text") {
  Scripted peer;
  peer.say(TearDown{"10 is not supported"});
  CHECK(peer.heard().empty());
  CHECK(has(only<ConnectionClosed>(peer.events).at(0).why.message(), "10 is not supported"));
}

TEST_CASE("refused: messages that have no place on an established connection") {
  CHECK(has(answer_to(Setup{14, 14, {}}), "Setup message on an established"));
  CHECK(has(answer_to(MultiProxyRequest{}), "MultiProxyRequest"));
  CHECK(has(answer_to(ProxyServerRequest{}), "ProxyServerRequest"));
  CHECK(has(answer_to(ProxyResponse{}), "ProxyResponse"));
  CHECK(has(answer_to(ProxyErrorResponse{}), "ProxyErrorResponse"));
  Scripted peer;
  peer.shake_hands();
  peer.say_encoded(from_hex("7f"));
  CHECK(has(peer.refusal(), "unknown type 0x7f"));
}

TEST_CASE("[15.2] refused: an empty frame, cut messages") {
  for (const char* hex :
       {"", "79", "790a", "790aff", "790a01", "790a010000", "77", "770a", "77ff", "780a", "7880", "7a01", "7001"}) {
    CAPTURE(hex);
    Scripted peer;
    peer.shake_hands();
    peer.say_encoded(from_hex(hex));
    CHECK(peer.refusal() != "");
  }
}

TEST_CASE("[15.2] refused: flow ids below ten, of this end's parity, or used before") {
  for (const FlowId id : {0, 1, 2, 8, 9}) CHECK(has(answer_to(OpenFlow{id, 1, 1, 0, 0, {}}), "below 10 are reserved"));
  CHECK(has(answer_to(OpenFlow{11, 1, 1, 0, 0, {}}), "one of this end's"));
  CHECK(has(answer_to(OpenFlow{~FlowId{1}, 1, 1, 0, 0, {}}), "used before"));
  Scripted peer;
  peer.shake_hands();
  peer.say(OpenFlow{12, 1, 1, 0, 0, {}});
  peer.say(OpenFlow{10, 1, 1, 0, kClose, {}});
  CHECK(peer.refusal() == "");
  SUBCASE("open") { peer.say(OpenFlow{12, 1, 1, 0, 0, {}}); }
  SUBCASE("closed") { peer.say(OpenFlow{10, 1, 1, 0, 0, {}}); }
  CHECK(has(peer.refusal(), "the id was used before"));
}

TEST_CASE("refused: a flow to an end that accepts none") {
  Options options = authenticated_options(Role::kAcceptor);
  options.accepts_flows = false;
  CHECK(has(answer_to(OpenFlow{10, 1, 1, 0, 0, {}}, options), "this end accepts no flows"));
}

TEST_CASE("[15.2] refused: DisableEncryption on a flow that carries no connection") {
  CHECK(has(answer_to(OpenFlow{10, 1, 1, 0, kDisableEncryption, {}}), "DisableEncryption"));
  CHECK(has(answer_to(Data{10, kDisableEncryption, {}}), "DisableEncryption"));
}

TEST_CASE("flags nobody knows are ignored") {
  CHECK(answer_to(OpenFlow{10, 1, 1, 0, 0xf8, {}}) == "");
  CHECK(answer_to(Data{10, 0xf8, {}}) == "");
}

TEST_CASE("[15.2] refused: a payload above the MTU") {
  CHECK(has(answer_to(OpenFlow{10, 1, 1, 0, 0, Bytes(65537, 1)}), "longer than the MTU"));
  CHECK(has(answer_to(Data{10, 0, Bytes(65537, 1)}), "longer than the MTU"));
  CHECK(answer_to(OpenFlow{10, 1, 1, 0, 0, Bytes(65536, 1)}) == "");
}

TEST_CASE("[15.2] refused: more bytes on a flow than its window") {
  Options options = authenticated_options(Role::kAcceptor);
  options.mtu = 1024;
  options.window = 2048;
  Scripted peer(options);
  peer.shake_hands();
  peer.say(OpenFlow{10, 1, 1, 0, 0, Bytes(1024, 1)});
  peer.say(Data{10, 0, Bytes(1024, 1)});
  CHECK(peer.refusal() == "");
  peer.say(Data{10, 0, Bytes(1, 1)});
  CHECK(has(peer.refusal(), "sent more data than allowed"));
}

TEST_CASE("[15.2] refused: more borrowed bytes than were advertised") {
  Options options = authenticated_options(Role::kAcceptor);
  options.mtu = 1024;
  options.window = 2048;
  Scripted peer(options);
  peer.shake_hands();
  peer.say(OpenFlow{10, 1, 1, 0, 0, Bytes(1024, 1)});
  peer.say(OpenFlow{12, 1, 1, 0, 0, Bytes(1024, 1)});
  peer.say(OpenFlow{14, 1, 1, 0, 0, Bytes(1, 1)});  // no Release has left that could allow it
  CHECK(has(peer.refusal(), "borrowed more tokens"));
}

TEST_CASE("refused: more unread bytes over all flows than the limit") {
  Options options = authenticated_options(Role::kAcceptor);
  options.limits.unread_bytes = 100000;
  Scripted peer(options);
  peer.shake_hands();
  peer.say(OpenFlow{10, 1, 1, 0, kClose, Bytes(50000, 1)});
  peer.say(OpenFlow{12, 1, 1, 0, 0, Bytes(50000, 1)});
  CHECK(peer.refusal() == "");
  SUBCASE("refused") {
    peer.say(OpenFlow{14, 1, 1, 0, 0, Bytes(1, 1)});
    CHECK(has(peer.refusal(), "more than 100000 bytes are unread"));
  }
  SUBCASE("consumed bytes and flows given up do not count") {
    peer.end.consumed(12, 1);
    peer.end.close_flow(10);
    peer.say(OpenFlow{14, 1, 1, 0, 0, Bytes(50001, 1)});
    CHECK(peer.refusal() == "");
  }
}

TEST_CASE("[15.2] one flow too many is closed at once, and the others go on") {
  Options options = authenticated_options(Role::kAcceptor);
  options.limits.flows = 2;
  Scripted peer(options);
  peer.shake_hands();
  peer.say(OpenFlow{10, 1, 1, 0, 0, bytes("a")});
  peer.say(OpenFlow{12, 1, 1, 0, 0, bytes("b")});
  peer.say(OpenFlow{14, 1, 1, 0, 0, bytes("c")});
  CHECK(peer.heard() == std::vector<Message>{Data{14, kClose, {}}});
  CHECK(only<FlowOpened>(peer.events).size() == 2);
  CHECK(peer.end.open_flow().error());
  peer.end.close_flow(10);
  peer.heard();
  peer.say(OpenFlow{16, 1, 1, 0, 0, bytes("d")});
  CHECK(peer.heard().empty());
  CHECK(only<FlowOpened>(peer.events).size() == 3);
}

TEST_CASE("[15.2] refused: flows opened faster than the limit") {
  Options options = authenticated_options(Role::kAcceptor);
  options.limits.open_flow_burst = 3;
  options.limits.open_flow_rate = 2;
  Scripted peer(options);
  peer.shake_hands();
  FlowId id = 10;
  for (; id < 16; id += 2) peer.say(OpenFlow{id, 1, 1, 0, kClose, {}});
  peer.now += 500ms;
  peer.say(OpenFlow{id, 1, 1, 0, kClose, {}});
  CHECK(peer.refusal() == "");
  peer.say(OpenFlow{id + 2, 1, 1, 0, kClose, {}});
  CHECK(has(peer.refusal(), "opens flows too fast"));
}

TEST_CASE("[15.2] refused: a Release for a flow that was never opened") {
  for (const FlowId id : {0, 1, 10, 11, 13}) {
    CAPTURE(id);
    CHECK(has(answer_to(Release{{{id, 5}}}), "which was never opened"));
  }
  Scripted peer;
  peer.shake_hands();
  const FlowId unopened = *peer.end.open_flow();
  peer.say(Release{{{unopened, 5}}});
  CHECK(has(peer.refusal(), "which was never opened"));
}

TEST_CASE("[15.2] refused: a Release that grants more than can be counted") {
  Scripted peer;
  peer.shake_hands();
  peer.say(OpenFlow{10, 1, 1, 0, 0, {}});
  peer.say(Release{{{10, ~std::uint64_t{0}}}});
  CHECK(has(peer.refusal(), "grants more than can be counted"));
  CHECK(has(answer_to(OpenFlow{10, ~std::uint64_t{0}, 1, 0, 0, {}}), "too many initial counters"));
}

TEST_CASE("a Release for flows closed long ago is fine, with thousands of counters") {
  Scripted peer;
  peer.shake_hands();
  Release release;
  for (FlowId id = 10; id < 10 + 2 * 6553; id += 2) {
    peer.say(OpenFlow{id, 1, 1, 0, kClose, {}});
    release.counters.push_back({id, 1 << 20});
  }
  peer.say(release);
  CHECK(peer.refusal() == "");
  CHECK(peer.end.open_flow_count() == 0);
}

TEST_CASE("ignored: a Release for a flow that the peer itself has closed, and Data for one that was not opened yet") {
  Scripted peer;
  peer.shake_hands();
  peer.say(OpenFlow{10, 1, 1, 0, kClose, bytes("unread")});
  peer.say(Release{{{10, ~std::uint64_t{0}}}});
  const FlowId unopened = *peer.end.open_flow();
  peer.say(Data{unopened, kClose, bytes("early")});
  CHECK(peer.refusal() == "");
  CHECK(received(peer.events, unopened) == "");
  CHECK(peer.end.is_open(unopened));
}

TEST_CASE("[15.2] ignored: acknowledgements and answers nobody asked for") {
  Scripted peer;
  peer.shake_hands();
  peer.say(AckLameDuck{});
  peer.say(HealthCheckResponse{});
  peer.say(OpenFlow{10, 1, 1, 0, 0, {}});
  CHECK(peer.refusal() == "");
  CHECK(peer.end.rtt(peer.now) == 0ms);
  CHECK(only<LameDuckDone>(peer.events).empty());
}

TEST_CASE("[15.2] refused: a flow after the peer has acknowledged the lame duck") {
  Scripted peer;
  peer.shake_hands();
  peer.end.enter_lame_duck();
  peer.say(OpenFlow{10, 1, 1, 0, 0, {}});
  peer.say(AckLameDuck{});
  CHECK(peer.refusal() == "");
  peer.say(OpenFlow{12, 1, 1, 0, 0, {}});
  CHECK(has(peer.refusal(), "acknowledged the lame duck"));
}

TEST_CASE("health checks faster than they are answered do not pile up answers") {
  Scripted peer;
  peer.shake_hands();
  for (int i = 0; i < 1000; ++i) peer.say(HealthCheckRequest{});
  CHECK(peer.heard() == std::vector<Message>{HealthCheckResponse{}});
  peer.say(HealthCheckRequest{});
  CHECK(peer.heard() == std::vector<Message>{HealthCheckResponse{}});
}

TEST_CASE("refused: a peer that makes this end say more than it reads") {
  Options options = authenticated_options(Role::kAcceptor);
  options.limits.express_bytes = 10000;
  Scripted peer(options);
  peer.shake_hands();
  for (FlowId id = 10; id < 1000 && !peer.end.is_closed(); id += 2) {
    peer.say(OpenFlow{id, 1, 1, 0, 0, {}});
    peer.end.close_flow(id);
  }
  CHECK(has(only<ConnectionClosed>(peer.end.take_events()).at(0).why.message(), "does not read"));
}

TEST_CASE("nothing is heard after the end") {
  Scripted peer;
  peer.shake_hands();
  peer.say(OpenFlow{9, 1, 1, 0, 0, {}});
  peer.refusal();
  const std::size_t events = peer.events.size();
  peer.say(OpenFlow{10, 1, 1, 0, 0, {}});
  peer.end.receive_frame(encode(HealthCheckRequest{}), peer.now);
  peer.end.advance(peer.now + 1h);
  CHECK(!peer.end.next_deadline());
  CHECK(peer.heard().empty());
  CHECK(peer.events.size() == events);
}

TEST_CASE("the text of a peer is cut and made safe to show") {
  Scripted peer;
  peer.shake_hands();
  peer.say(TearDown{std::string(60000, '\x1b')});
  peer.heard();
  const Error why = only<ConnectionClosed>(peer.events).at(0).why;
  CHECK(why.message().size() < 1200);
  CHECK(why.message().find('\x1b') == std::string_view::npos);
}

}  // namespace
}  // namespace nb::flow
