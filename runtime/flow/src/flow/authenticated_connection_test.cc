// Connections between honest ends that prove who they are.
#include <doctest/doctest.h>

#include "flow/authenticated_testing.h"

namespace nb::flow {
namespace {

using namespace testing;

std::string name(const ShownBlessings& shown) {
  if (shown.blessings.is_zero()) return "(zero)";
  return shown.blessings.is_nameless() ? "(nameless)" : shown.blessings.to_string();
}

FlowOptions showing(const Blessings& blessings) {
  FlowOptions options;
  options.shown = ShownBlessings(blessings);
  return options;
}

Blessings called(std::uint8_t seed, std::string_view name, std::vector<Caveat> caveats = {}) {
  return *principal(seed)->bless_self(name, std::move(caveats));
}

Caveat third_party() {
  return *third_party_caveat(principal(0x90)->public_key(), "/discharger", DischargeRequirements(),
                             {unconstrained_use()});
}

TEST_CASE("both ends learn who the other one is, and speak") {
  AuthenticatedPair pair;
  REQUIRE(pair.dialer.is_established());
  REQUIRE(pair.acceptor.is_established());
  CHECK(name(pair.dialer.remote_shown()) == "server");
  CHECK(name(pair.dialer.local_shown()) == "client");
  CHECK(name(pair.acceptor.remote_shown()) == "client");
  CHECK(name(pair.acceptor.local_shown()) == "server");
  CHECK(pair.acceptor.remote_shown().blessings.public_key() == principal(0x21)->public_key());

  const FlowId id = *pair.dialer.open_flow();
  pair.dialer.write(id, bytes("hello"), false);
  pair.pump();
  CHECK(received(pair.acceptor_events, id) == "hello");
  pair.acceptor.write(id, bytes("world"), true);
  pair.pump();
  CHECK(received(pair.dialer_events, id) == "world");
}

TEST_CASE("[F-12] the application is asked once, with both endpoints and what the acceptor shows") {
  Options acceptor = authenticated_options(Role::kAcceptor);
  acceptor.identity.shown = ShownBlessings(called(1, "server"), Discharges(1));
  AuthenticatedPair pair(authenticated_options(Role::kDialer), acceptor);
  const auto asked = only<AuthorizePeer>(pair.dialer_events);
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].local == pair.dialer.local_endpoint());
  CHECK(asked[0].remote == pair.dialer.remote_endpoint());
  CHECK(name(asked[0].shown) == "server");
  CHECK(asked[0].shown.discharges->size() == 1);
  CHECK(only<AuthorizePeer>(pair.acceptor_events).empty());
}

TEST_CASE("[F-12] [A-46] a dialer says nothing but its fresh key before the application trusts the peer") {
  Impostor server(Role::kAcceptor);
  server.say_setup();
  server.introduce();
  CHECK(only<AuthorizePeer>(server.events).size() == 1);
  CHECK(server.heard.empty());
  CHECK(server.early.empty());
  SUBCASE("and nothing but why when it does not") {
    server.end.refuse(verror::NotTrusted("not one of ours"));
    server.hear();
    CHECK(server.refused_with("not one of ours"));
    CHECK(server.heard.size() == 1);
    const auto closed = only<ConnectionClosed>(server.events);
    REQUIRE(closed.size() == 1);
    CHECK(verror::NotTrusted.matches(closed[0].why));
  }
  SUBCASE("then who it is") {
    server.end.authorize();
    server.hear();
    CHECK(server.heard_of<Auth>().size() == 1);
    CHECK(server.end.is_established());
  }
  SUBCASE("an answer that comes too late does nothing") {
    server.end.transport_closed(Error());
    server.end.authorize();
    server.end.refuse(verror::NotTrusted("no"));
    CHECK(server.end.is_closed());
    CHECK_FALSE(server.end.has_output());
  }
}

TEST_CASE("[F-14] a dialer that accepts no flows shows its key alone, and its name on the flows that it wants") {
  Options dialer = authenticated_options(Role::kDialer);
  dialer.accepts_flows = false;
  AuthenticatedPair pair(dialer);
  CHECK(name(pair.acceptor.remote_shown()) == "(nameless)");
  CHECK(pair.acceptor.remote_shown().blessings.public_key() == principal(0x21)->public_key());

  // Not even when it is told to.
  CHECK(pair.dialer.show(ShownBlessings(called(0x21, "other"))).ok());
  pair.pump();
  CHECK(name(pair.acceptor.remote_shown()) == "(nameless)");

  const FlowId named = *pair.dialer.open_flow(showing(called(0x21, "alice")));
  const FlowId nameless = *pair.dialer.open_flow();
  pair.dialer.write(named, {}, false);
  pair.dialer.write(nameless, {}, false);
  pair.pump();
  const auto opened = only<FlowOpened>(pair.acceptor_events);
  REQUIRE(opened.size() == 2);
  CHECK(name(opened[0].remote) == "alice");
  CHECK(name(opened[1].remote) == "(nameless)");
}

TEST_CASE("an acceptor without blessings shows its key") {
  Options acceptor = authenticated_options(Role::kAcceptor);
  acceptor.identity.shown = {};
  AuthenticatedPair pair(authenticated_options(Role::kDialer), acceptor);
  CHECK(pair.dialer.is_established());
  CHECK(name(pair.dialer.remote_shown()) == "(nameless)");
  CHECK(name(pair.acceptor.local_shown()) == "(nameless)");
}

TEST_CASE("[F-26] each flow has its own blessings and discharges, from either end") {
  AuthenticatedPair pair;
  FlowOptions alice = showing(called(0x21, "alice"));
  alice.shown.discharges = std::make_shared<const Discharges>(2);
  const FlowId ids[] = {*pair.dialer.open_flow(alice), *pair.dialer.open_flow(showing(called(0x21, "bob"))),
                        *pair.dialer.open_flow(alice), *pair.acceptor.open_flow(showing(called(1, "carol")))};
  for (const FlowId id : ids) (id % 2 == 0 ? pair.dialer : pair.acceptor).write(id, bytes("x"), false);
  pair.pump();
  const auto at_acceptor = only<FlowOpened>(pair.acceptor_events);
  REQUIRE(at_acceptor.size() == 3);
  CHECK(name(at_acceptor[0].remote) == "alice");
  CHECK(at_acceptor[0].remote.discharges->size() == 2);
  CHECK(name(at_acceptor[0].local) == "server");
  CHECK(name(at_acceptor[1].remote) == "bob");
  CHECK_FALSE(at_acceptor[1].remote.has_discharges());
  CHECK(name(at_acceptor[2].remote) == "alice");
  // Shown once, named twice.
  CHECK(at_acceptor[2].remote.discharges == at_acceptor[0].remote.discharges);
  const auto at_dialer = only<FlowOpened>(pair.dialer_events);
  REQUIRE(at_dialer.size() == 1);
  CHECK(name(at_dialer[0].remote) == "carol");
  CHECK(name(at_dialer[0].local) == "client");
}

TEST_CASE("somebody else's blessings cannot be shown") {
  AuthenticatedPair pair;
  CHECK(verror::BadArg.matches(pair.dialer.open_flow(showing(called(0x55, "alice"))).error()));
  CHECK(verror::BadArg.matches(pair.dialer.show(ShownBlessings(called(0x55, "alice"))).error()));
  CHECK(pair.dialer.is_established());
}

TEST_CASE("[F-14] an end can show something else later: flows that are open keep what they had") {
  AuthenticatedPair pair;
  const FlowId before = *pair.dialer.open_flow();
  pair.dialer.write(before, {}, false);
  pair.pump();
  CHECK(pair.acceptor.show(ShownBlessings(called(1, "server2"), Discharges(1))).ok());
  pair.pump();
  const auto shows = only<PeerShows>(pair.dialer_events);
  REQUIRE(shows.size() == 1);
  CHECK(name(shows[0].shown) == "server2");
  CHECK(name(pair.dialer.remote_shown()) == "server2");
  CHECK(pair.dialer.remote_shown().discharges->size() == 1);

  const FlowId after = *pair.dialer.open_flow();
  pair.dialer.write(after, {}, false);
  pair.pump();
  const auto opened = only<FlowOpened>(pair.acceptor_events);
  REQUIRE(opened.size() == 2);
  CHECK(name(opened[0].local) == "server");
  CHECK(name(opened[1].local) == "server2");

  // The same blessings with other discharges, and back to none at all.
  CHECK(pair.acceptor.show(ShownBlessings(called(1, "server2"), Discharges(3))).ok());
  pair.pump();
  CHECK(pair.dialer.remote_shown().discharges->size() == 3);
  CHECK(pair.acceptor.show({}).ok());
  pair.pump();
  CHECK(name(pair.dialer.remote_shown()) == "(nameless)");
}

TEST_CASE("what an end is told to show during the handshake follows right after it") {
  Impostor client(Role::kDialer);
  client.say_setup();
  CHECK(client.end.show(ShownBlessings(called(1, "server2"))).ok());
  client.introduce();
  const auto auths = client.heard_of<Auth>();
  REQUIRE(auths.size() == 2);
  CHECK(auths[0].purpose == bytes("S1"));
  CHECK(to_hex(encode(auths[1])) == "7a020000000000");
}

TEST_CASE("[15.2] a refresh names blessings and discharges and is not signed") {
  Impostor client(Role::kDialer);
  client.shake_hands();
  client.heard.clear();
  CHECK(client.end.show(ShownBlessings(called(1, "server"), Discharges(1))).ok());
  client.hear();
  const auto auths = client.heard_of<Auth>();
  REQUIRE(auths.size() == 1);
  CHECK(to_hex(encode(auths[0])) == "7a010200000000");
}

TEST_CASE("the discharges of a dialer that serves follow its handshake") {
  Options dialer = authenticated_options(Role::kDialer);
  dialer.identity.shown = ShownBlessings(called(0x21, "client", {third_party()}), Discharges(1));
  AuthenticatedPair pair(dialer);
  CHECK(pair.acceptor.remote_shown().discharges->size() == 1);
  CHECK_FALSE(pair.acceptor.awaits_discharges());
  CHECK(pair.acceptor.can_open_flows());
}

TEST_CASE("no flow is opened to a peer whose blessings need discharges, before it has said which it has") {
  Options dialer = authenticated_options(Role::kDialer);
  dialer.identity.shown = ShownBlessings(called(0x21, "client", {third_party()}));
  AuthenticatedPair pair(dialer);
  CHECK(pair.acceptor.awaits_discharges());
  CHECK_FALSE(pair.acceptor.can_open_flows());
  CHECK_FALSE(pair.acceptor.open_flow().ok());
  CHECK_FALSE(pair.dialer.awaits_discharges());
  CHECK(pair.dialer.open_flow().ok());
  // None, and that is all it has.
  CHECK(pair.dialer.show(dialer.identity.shown).ok());
  pair.pump();
  CHECK(only<PeerShows>(pair.acceptor_events).size() == 1);
  CHECK(pair.acceptor.open_flow().ok());
}

TEST_CASE("keys of every kind authenticate both ends") {
  for (const KeyType type :
       {KeyType::kEcdsa256, KeyType::kEcdsa384, KeyType::kEcdsa521, KeyType::kEd25519, KeyType::kRsa2048}) {
    CAPTURE(std::string(to_string(type)));
    Options dialer = authenticated_options(Role::kDialer);
    dialer.identity = identity_of(principal_with(*PrivateKey::make(type)), "client");
    Options acceptor = authenticated_options(Role::kAcceptor);
    acceptor.identity = identity_of(principal_with(*PrivateKey::make(type)), "server");
    AuthenticatedPair pair(dialer, acceptor);
    CHECK(pair.dialer.is_established());
    CHECK(name(pair.dialer.remote_shown()) == "server");
    CHECK(name(pair.acceptor.remote_shown()) == "client");
  }
}

TEST_CASE("[F-15] the suite of AES is used when both ends offer it, else secretbox") {
  for (const bool dialer_offers : {false, true}) {
    for (const bool acceptor_offers : {false, true}) {
      Options dialer = authenticated_options(Role::kDialer);
      Options acceptor = authenticated_options(Role::kAcceptor);
      dialer.identity.offers_aes_gcm = dialer_offers;
      acceptor.identity.offers_aes_gcm = acceptor_offers;
      AuthenticatedPair pair(dialer, acceptor);
      REQUIRE(pair.dialer.is_established());
      const Suite expected = dialer_offers && acceptor_offers ? Suite::kAes256Gcm1 : Suite::kSecretbox;
      CHECK(pair.dialer.suite() == expected);
      CHECK(pair.acceptor.suite() == expected);

      // Large payloads, sealed where they lie, and many small ones.
      const FlowId id = *pair.dialer.open_flow();
      std::string sent;
      for (int i = 0; i < 40; ++i) {
        const std::string part(i % 2 == 0 ? 50'000 : 70, static_cast<char>('a' + i % 26));
        sent += part;
        pair.dialer.write(id, bytes(part), false);
        pair.pump();
        pair.acceptor.consumed(id, part.size());
      }
      pair.pump();
      CHECK(received(pair.acceptor_events, id) == sent);
    }
  }
}

TEST_CASE("[F-15] version 13 by option, 14 otherwise; lower and disjoint ones are refused") {
  const auto both = [](VersionRange dialer, VersionRange acceptor) {
    Options dialer_options = authenticated_options(Role::kDialer);
    Options acceptor_options = authenticated_options(Role::kAcceptor);
    dialer_options.versions = dialer;
    acceptor_options.versions = acceptor;
    AuthenticatedPair pair(dialer_options, acceptor_options);
    return pair.dialer.is_established() && pair.acceptor.is_established() ? pair.acceptor.version() : 0;
  };
  CHECK(both({14, 14}, {14, 14}) == 14);
  CHECK(both({13, 14}, {13, 14}) == 14);
  CHECK(both({13, 13}, {13, 14}) == 13);
  CHECK(both({13, 14}, {13, 13}) == 13);
  CHECK(both({13, 13}, {14, 14}) == 0);
  CHECK(both({14, 14}, {13, 13}) == 0);

  Impostor old(Role::kDialer);
  old.setup.versions = {10, 12};
  old.say_clear(encode(make_setup(old.setup)));
  CHECK(old.end.is_closed());
  CHECK(old.refusal().find("no common protocol version") != std::string::npos);
}

TEST_CASE("[F-13] the dialer adopts the acceptor's routing id, the acceptor the dialer's endpoint") {
  Options dialer = authenticated_options(Role::kDialer);
  dialer.remote.routing_id = {};
  AuthenticatedPair pair(dialer);
  CHECK(pair.dialer.remote_endpoint() == endpoint_with_id(2));
  CHECK(pair.acceptor.remote_endpoint() == endpoint_with_id(1));
  CHECK(only<AuthorizePeer>(pair.dialer_events).size() == 1);
}

TEST_CASE("a peer with another routing id than was dialed is taken for a proxy, and nobody is asked about it") {
  Options dialer = authenticated_options(Role::kDialer);
  dialer.remote = endpoint_with_id(77);
  AuthenticatedPair pair(dialer);
  CHECK(pair.dialer.is_established());
  CHECK(pair.acceptor.is_established());
  CHECK(only<AuthorizePeer>(pair.dialer_events).empty());
  const auto established = only<Established>(pair.dialer_events);
  REQUIRE(established.size() == 1);
  CHECK(established[0].peer_is_proxy);
  CHECK(pair.dialer.remote_endpoint().routing_id == endpoint_with_id(2).routing_id);
}

TEST_CASE("[F-16] the handshake measures the round trip: from an end's last word to the peer's proof") {
  Impostor server(Role::kAcceptor);
  server.now += std::chrono::milliseconds(30);
  server.say_setup();
  server.now += std::chrono::milliseconds(20);
  server.introduce();
  // The application takes its time.
  server.now += std::chrono::seconds(5);
  server.end.advance(server.now);
  server.end.authorize();
  CHECK(server.end.rtt(server.now) == std::chrono::milliseconds(50));

  Impostor client(Role::kDialer);
  client.now += std::chrono::milliseconds(30);
  client.say_setup();
  client.now += std::chrono::milliseconds(20);
  client.introduce();
  CHECK(client.end.rtt(client.now) == std::chrono::milliseconds(20));
}

TEST_CASE("the handshake survives every cut of its frames, and a stream of single bytes") {
  // One end's stream, recorded; the other end is fed with it in two pieces, or in many.
  for (const Role role : {Role::kDialer, Role::kAcceptor}) {
    Impostor peer(role);
    Bytes stream;
    const auto record = [&](Bytes content) {
      const Bytes frame = with_header(content);
      stream.insert(stream.end(), frame.begin(), frame.end());
    };
    record(encode(make_setup(peer.setup)));
    // The keys are only known when both Setups are: so the rest is made for one real end, which takes it cut.
    const std::size_t setup_size = stream.size();
    peer.say_setup();
    const ShownBlessings shown(*peer.principal->bless_self("peer"));
    const BlessingsSender::Keys keys = peer.sender.keys_for(shown);
    for (Bytes& message : take_messages(peer.sender)) record(peer.seal(std::move(message)));
    Auth auth = *sign_auth(*peer.principal, role, peer.binding);
    auth.blessings_key = keys.blessings;
    record(peer.seal(encode(auth)));
    for (std::size_t at = setup_size; at < stream.size(); ++at) {
      REQUIRE_FALSE(peer.end.is_established());
      peer.say_bytes(BytesView(stream).subspan(at, 1));
    }
    peer.end.authorize();
    CHECK(peer.end.is_established());
  }
}

TEST_CASE("frames between authenticated ends may be cut anywhere") {
  for (const bool aes : {false, true}) {
    Options dialer = authenticated_options(Role::kDialer);
    Options acceptor = authenticated_options(Role::kAcceptor);
    dialer.identity.offers_aes_gcm = acceptor.identity.offers_aes_gcm = aes;
    AuthenticatedPair pair(dialer, acceptor);
    std::string sent;
    const FlowId id = *pair.dialer.open_flow(showing(called(0x21, "alice")));
    for (std::size_t step = 1; step < 60; ++step) {
      const std::string part(step, static_cast<char>('a' + step % 26));
      sent += part;
      pair.dialer.write(id, bytes(part), false);
      const Bytes stream = pair.dialer.take_output().flat();
      for (std::size_t at = 0; at < stream.size(); at += step) {
        pair.acceptor.receive(BytesView(stream).subspan(at, std::min(step, stream.size() - at)), pair.now);
      }
      pair.gather();
    }
    CHECK(received(pair.acceptor_events, id) == sent);
  }
}

TEST_CASE("on a transport that keeps messages apart frames are sealed and opened without their lengths") {
  TimePoint now{std::chrono::hours(1)};
  Connection dialer(authenticated_options(Role::kDialer), now);
  Connection acceptor(authenticated_options(Role::kAcceptor), now);
  for (int round = 0; round < 4; ++round) {
    for (const auto& [from, to] : {std::pair(&dialer, &acceptor), std::pair(&acceptor, &dialer)}) {
      if (!from->has_output()) continue;
      const Output output = from->take_output();
      for (std::size_t i = 0; i < output.frame_count(); ++i) to->receive_frame(output.flat_frame(i), now);
    }
    dialer.authorize();
  }
  CHECK(dialer.is_established());
  CHECK(acceptor.is_established());
}

TEST_CASE("a connection that ends tells the peer under seal") {
  AuthenticatedPair pair;
  pair.dialer.close(verror::Canceled("had enough"));
  pair.pump();
  const auto closed = only<ConnectionClosed>(pair.acceptor_events);
  REQUIRE(closed.size() == 1);
  CHECK(closed[0].why.message().find("had enough") != std::string_view::npos);
}

TEST_CASE("chains that were checked on one connection are remembered for the next") {
  const auto cache = std::make_shared<ChainCache>();
  Options acceptor = authenticated_options(Role::kAcceptor);
  acceptor.identity.chain_cache = cache;
  AuthenticatedPair first(authenticated_options(Role::kDialer), acceptor);
  CHECK(cache->size() == 1);
  AuthenticatedPair second(authenticated_options(Role::kDialer), acceptor);
  CHECK(cache->size() == 1);
  CHECK(second.acceptor.is_established());
}

// A flow that carries a connection of its own, as through a proxy.
TEST_CASE("payloads that are sealed already leave and arrive in the clear, each write as one message") {
  AuthenticatedPair pair;
  const FlowId id = *pair.dialer.open_flow();
  pair.dialer.keep_messages(id);
  pair.dialer.write(id, bytes("Setup"), false);
  pair.pump();
  pair.acceptor.accept_clear(id);
  pair.dialer.send_clear(id);
  for (const std::string_view message : {"one", "two two", "three"}) pair.dialer.write(id, bytes(message), false);
  const Output output = pair.dialer.take_output();
  REQUIRE(output.frame_count() == 6);
  CHECK(output.flat_frame(0).size() == 3 + kTagSize);
  CHECK(as_text(output.flat_frame(1)) == "one");
  CHECK(as_text(output.flat_frame(5)) == "three");
  const Bytes stream = output.flat();
  for (const std::uint8_t byte : stream) pair.acceptor.receive(BytesView(&byte, 1), pair.now);
  pair.pump();
  std::vector<std::string> payloads;
  for (const FlowPayload& event : only<FlowPayload>(pair.acceptor_events))
    payloads.emplace_back(as_text(event.payload));
  CHECK(payloads == std::vector<std::string>{"Setup", "one", "two two", "three"});
  pair.dialer.write(id, bytes("last"), true);
  pair.pump();
  CHECK(received(pair.acceptor_events, id).ends_with("last"));
  CHECK(only<FlowClosed>(pair.acceptor_events).size() == 1);
  CHECK(pair.acceptor.is_established());
}

TEST_CASE("payloads in the clear end the connection on every other flow, but not on one that was just closed") {
  const auto refusal_of = [](const std::function<void(Impostor&)>& attack) {
    Impostor client(Role::kDialer);
    client.shake_hands();
    client.say(OpenFlow{10, 1u << 20, 1, 0, 0, {}});
    attack(client);
    return client.refusal();
  };
  CHECK(refusal_of([](Impostor& client) {
          client.say(Data{10, kDisableEncryption, {}});
        }).find("DisableEncryption") != std::string::npos);
  CHECK(refusal_of([](Impostor& client) {
          client.say(OpenFlow{12, 1u << 20, 1, 0, kDisableEncryption, {}});
        }).find("DisableEncryption") != std::string::npos);
  CHECK(refusal_of([](Impostor& client) {
          client.end.accept_clear(10);
          client.say(Data{10, kDisableEncryption, bytes("x")});
        }).find("both under seal and in the clear") != std::string::npos);
  CHECK(refusal_of([](Impostor& client) {
          client.end.accept_clear(10);
          client.say(Data{10, kDisableEncryption, {}});
          client.say_clear(Bytes(65'537));
        }).find("longer than the MTU") != std::string::npos);
  CHECK(refusal_of([](Impostor& client) {
          client.end.accept_clear(10);
          client.end.close_flow(10);
          client.say(Data{10, kDisableEncryption, {}});
          client.say_clear(bytes("too late"));
          client.say(HealthCheckRequest{});
          CHECK(client.heard_of<HealthCheckResponse>().size() == 1);
        }).empty());
}

TEST_CASE("[F-29] messages that must stay whole wait for all their tokens and arrive as they were written") {
  Options dialer = authenticated_options(Role::kDialer), acceptor = authenticated_options(Role::kAcceptor);
  dialer.mtu = acceptor.mtu = 2048;
  dialer.window = acceptor.window = 4096;
  AuthenticatedPair pair(dialer, acceptor);
  const FlowId id = *pair.dialer.open_flow();
  pair.dialer.keep_messages(id);
  for (int i = 0; i < 3; ++i) pair.dialer.write(id, Bytes(1500, 'x'), false);
  pair.pump();
  CHECK(pair.dialer.pending(id) == 1500);
  CHECK_FALSE(pair.dialer.has_output());
  pair.acceptor.consumed(id, 3000);
  pair.pump();
  CHECK(pair.dialer.pending(id) == 0);
  for (const FlowPayload& event : only<FlowPayload>(pair.acceptor_events)) CHECK(event.payload.size() == 1500);
  CHECK(only<FlowPayload>(pair.acceptor_events).size() == 3);
}

TEST_CASE("[F-29] whole messages nearly as long as the pool and the window do not wait for what short ones hold") {
  Options dialer = authenticated_options(Role::kDialer), acceptor = authenticated_options(Role::kAcceptor);
  for (Options* const end : {&dialer, &acceptor}) end->mtu = end->window = 4096;
  AuthenticatedPair pair(dialer, acceptor);
  const FlowId id = *pair.dialer.open_flow();
  pair.dialer.keep_messages(id);
  pair.dialer.write(id, Bytes(1, 'x'), false);
  pair.pump();
  pair.acceptor.consumed(id, 1);
  pair.acceptor.keep_messages(id);
  pair.pump();
  // Some of these lengths are below an eighth of the pool, and some below a quarter of the window.
  for (const std::size_t size : {400, 4060, 400, 600, 4060, 1000, 4060, 4060, 1, 4060}) {
    pair.dialer_events.clear();
    pair.acceptor_events.clear();
    pair.dialer.write(id, Bytes(size, 'y'), false);
    pair.acceptor.write(id, Bytes(size, 'z'), false);
    pair.pump();
    CHECK(received(pair.acceptor_events, id).size() == size);
    CHECK(received(pair.dialer_events, id).size() == size);
    pair.acceptor.consumed(id, received(pair.acceptor_events, id).size());
    pair.dialer.consumed(id, received(pair.dialer_events, id).size());
    pair.pump();
  }
  // Another flow's bytes, which nobody reads, hold a pool up no longer than a flow of its own.
  const FlowId unread = *pair.dialer.open_flow();
  pair.dialer.write(unread, Bytes(500, 'u'), false);
  pair.pump();
  const FlowId whole = *pair.dialer.open_flow();
  pair.dialer.keep_messages(whole);
  pair.dialer.write(whole, Bytes(4060, 'w'), false);
  pair.pump();
  CHECK(received(pair.acceptor_events, whole).size() == 4060);
}

}  // namespace
}  // namespace nb::flow
