// Peers that attack the handshake and what it protects: each attack of docs/spec/security.md 15 that is one on a
// connection.
#include <doctest/doctest.h>

#include "flow/authenticated_testing.h"
#include "v.io/x/ref/runtime/internal/flow/conn/conn.vdl.h"

namespace nb::flow {
namespace {

using namespace testing;
namespace wire = ::x::ref::runtime::internal::flow::conn;

constexpr Role kBothRoles[] = {Role::kDialer, Role::kAcceptor};

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string why_closed(const std::vector<Event>& events) {
  const auto closed = only<ConnectionClosed>(events);
  return closed.empty() ? "" : std::string(closed.front().why.message());
}

// What the peer says on flow 1 when it is no honest sender.
void tell(Impostor& peer, vom::Encoder& encoder, const wire::BlessingsFlowMessage& message) {
  REQUIRE(encoder.encode(message).ok());
  peer.say(Data{kBlessingsFlowId, 0, encoder.take()});
}
wire::BlessingsFlowMessage given(const Blessings& blessings, std::uint64_t key) {
  return wire::BlessingsFlowMessage::Blessings(wire::Blessings(blessings.wire(), key));
}

Auth signed_auth(const Impostor& peer, std::uint64_t key = 1) {
  Auth auth = *sign_auth(*peer.principal, peer.role, peer.binding);
  auth.blessings_key = key;
  return auth;
}
Auth unsigned_auth(std::uint64_t blessings, std::uint64_t discharges = 0) {
  Auth auth;
  auth.blessings_key = blessings;
  auth.discharges_key = discharges;
  return auth;
}

TEST_CASE("[A-37] an Auth that was recorded on another connection is refused") {
  for (const Role role : kBothRoles) {
    Impostor first(role);
    first.say_setup();
    Impostor second(role);
    second.say_setup();
    const auto keys = second.tell(ShownBlessings(*second.principal->bless_self("peer")));
    second.say(signed_auth(first, keys.blessings));
    CHECK(second.refused_with("the channel binding was invalid"));
    CHECK(only<AuthorizePeer>(second.events).empty());
  }
}

TEST_CASE("[A-38] an end's own Auth does not prove that the peer is that end") {
  Impostor client(Role::kDialer);
  client.say_setup();
  REQUIRE(client.heard.size() == 2);
  const std::vector<Message> heard = client.heard;
  for (const Message& message : heard) client.say(message);
  CHECK(client.refused_with("the channel binding was invalid"));
}

TEST_CASE("[A-39] who stands in the middle with keys of his own cannot pass on the proof of either end") {
  // A real client, a real server, and between them two impostors who know each other.
  Impostor to_client(Role::kAcceptor);
  Impostor to_server(Role::kDialer);
  to_client.setup.local = to_server.end.local_endpoint();
  to_server.say_setup();
  to_client.say_setup();
  for (const Message& message : std::vector<Message>(to_server.heard)) to_client.say(message);
  CHECK(to_client.refused_with("the channel binding was invalid"));
  CHECK(to_client.heard_of<Auth>().empty());
  CHECK(only<AuthorizePeer>(to_client.events).empty());
}

// Two honest ends, and somebody who changes what they say in the clear.
struct Tampered {
  Tampered(const std::function<void(Setup&)>& of_dialer, const std::function<void(Setup&)>& of_acceptor,
           VersionRange versions = {14, 14}, bool aes = true) {
    Options dialer_options = authenticated_options(Role::kDialer);
    Options acceptor_options = authenticated_options(Role::kAcceptor);
    dialer_options.identity.offers_aes_gcm = acceptor_options.identity.offers_aes_gcm = aes;
    dialer_options.versions = acceptor_options.versions = versions;
    TimePoint now{std::chrono::hours(1)};
    Connection dialer(dialer_options, now), acceptor(acceptor_options, now);
    const auto change = [](Connection& from, const std::function<void(Setup&)>& how) {
      Setup setup = std::get<Setup>(*decode(from.take_output().flat_frame(0)));
      how(setup);
      return with_header(encode(setup));
    };
    const Bytes to_acceptor = change(dialer, of_dialer), to_dialer = change(acceptor, of_acceptor);
    dialer.receive(to_dialer, now);
    acceptor.receive(to_acceptor, now);
    for (int round = 0; round < 4; ++round) {
      dialer.receive(acceptor.take_output().flat(), now);
      for (const Event& event : dialer.take_events()) {
        asked |= std::holds_alternative<AuthorizePeer>(event);
        if (asked) dialer.authorize();
      }
      acceptor.receive(dialer.take_output().flat(), now);
    }
    established = dialer.is_established() && acceptor.is_established();
  }
  bool asked = false;
  bool established = false;
};

TEST_CASE("[A-40] whatever is changed in a Setup, the handshake fails before the client trusts anybody") {
  const auto nothing = [](Setup&) {};
  const auto flip = [](std::uint64_t code, std::size_t from_end) {
    return [=](Setup& setup) {
      for (SetupOption& option : setup.options) {
        if (option.code == code) option.value.at(option.value.size() - from_end) ^= 1;
      }
    };
  };
  CHECK(Tampered(nothing, nothing).established);
  const std::function<void(Setup&)> changes[] = {
      [](Setup& setup) { setup.min_version = 13; },
      [](Setup& setup) { setup.max_version = 15; },
      [](Setup& setup) { setup.options.pop_back(); },  // our own suite
      [](Setup& setup) {
        setup.options.push_back({999, {1}});
      },
      flip(3, 4),                                               // the name of an endpoint
      [](Setup& setup) { setup.options.back().value[0] = 2; },  // another suite
      [](Setup& setup) {
        for (SetupOption& option : setup.options) {
          if (option.code == 4) option.value = from_hex("fe8000");
        }
      },
      flip(5, 1),
      flip(1, 3),  // the key: nothing opens
  };
  for (const auto& change : changes) {
    const Tampered first(change, nothing), second(nothing, change), both(change, change);
    CHECK_FALSE(first.established);
    CHECK_FALSE(second.established);
    CHECK_FALSE(both.established);
    CHECK_FALSE(first.asked);
    CHECK_FALSE(second.asked);
  }
}

TEST_CASE("[A-40] a downgrade of both ends to 13 is refused by default; where 13 is allowed our own suite notices it") {
  const auto lower = [](Setup& setup) { setup.min_version = setup.max_version = 13; };
  CHECK_FALSE(Tampered(lower, lower).established);
  CHECK_FALSE(Tampered(lower, lower, {13, 14}).established);
  // With the old suite nobody notices: that is why 13 takes an option.
  CHECK(Tampered(lower, lower, {13, 14}, false).established);
}

TEST_CASE(
    "[A-41] a Setup with a key that is zero, missing, of low order, of another size or the end's own is refused") {
  for (const Role role : kBothRoles) {
    const auto refused = [&](std::optional<Bytes> key) {
      Impostor peer(role);
      peer.setup.key.reset();
      Setup setup = make_setup(peer.setup);
      if (key) setup.options.insert(setup.options.begin(), SetupOption{1, *key});
      peer.say_clear(encode(setup));
      // In the clear: there are no keys yet.
      return peer.end.is_closed() && !peer.refusal().empty();
    };
    CHECK(refused(std::nullopt));
    CHECK(refused(Bytes(32, 0)));
    CHECK(refused(Bytes(31, 9)));
    CHECK(refused(Bytes(33, 9)));
    CHECK(refused(from_hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")));

    Impostor mirror(role);
    Setup theirs = std::get<Setup>(*decode(mirror.their_setup));
    mirror.say_clear(encode(theirs));
    CHECK(has(mirror.refusal(), "this end's own key"));
  }
}

TEST_CASE("[A-42] blessings of another key do not get in: by refresh, by flow, or by having come before the Auth") {
  const Blessings foreign = *principal(0x99)->bless_self("president");
  for (const Role role : kBothRoles) {
    CAPTURE(role == Role::kDialer);
    Impostor by_refresh(role);
    by_refresh.shake_hands();
    const auto keys = by_refresh.tell(ShownBlessings(foreign));
    CHECK_FALSE(by_refresh.end.is_closed());
    by_refresh.say(unsigned_auth(keys.blessings));
    CHECK(by_refresh.refused_with("blessings not bound to connection remote public key"));
    CHECK(only<PeerShows>(by_refresh.events).empty());

    Impostor by_flow(role);
    by_flow.shake_hands();
    by_flow.say(OpenFlow{
        role == Role::kDialer ? 10u : 11u, 1u << 20, by_flow.tell(ShownBlessings(foreign)).blessings, 0, 0, {}});
    CHECK(by_flow.refused_with("blessings not bound to connection remote public key"));
    CHECK(only<FlowOpened>(by_flow.events).empty());

    Impostor early(role);
    early.say_setup();
    const auto early_keys = early.tell(ShownBlessings(foreign));
    early.introduce();
    early.end.authorize();
    early.hear();
    CHECK(early.end.is_established());
    early.say(OpenFlow{role == Role::kDialer ? 10u : 11u, 1u << 20, early_keys.blessings, 0, 0, {}});
    CHECK(early.refused_with("blessings not bound to connection remote public key"));
    CHECK(only<FlowOpened>(early.events).empty());
  }
}

TEST_CASE("[A-42] an Auth that names somebody else's blessings is refused") {
  for (const Role role : kBothRoles) {
    Impostor peer(role);
    peer.say_setup();
    peer.introduce(ShownBlessings(*principal(0x99)->bless_self("president")));
    CHECK(peer.refused_with("the channel binding was invalid"));
  }
}

TEST_CASE("[A-43] numbers that were not given, given twice, or zero end the connection") {
  const auto open = [](std::uint64_t blessings, std::uint64_t discharges) {
    return OpenFlow{10, 1u << 20, blessings, discharges, 0, {}};
  };
  const auto refusal_of = [](const Message& message) {
    Impostor client(Role::kDialer);
    client.shake_hands();
    client.say(message);
    CHECK(only<FlowOpened>(client.events).empty());
    return client.refusal();
  };
  CHECK(has(refusal_of(open(7, 0)), "no blessings have the number 7"));
  CHECK(has(refusal_of(open(1, 7)), "no discharges have the number 7"));
  CHECK(has(refusal_of(open(0, 0)), "message received with no blessings"));
  CHECK(has(refusal_of(unsigned_auth(7)), "no blessings have the number 7"));
  CHECK(has(refusal_of(unsigned_auth(1, 7)), "no discharges have the number 7"));
  CHECK(has(refusal_of(unsigned_auth(0)), "message received with no blessings"));

  for (const Role role : kBothRoles) {
    Impostor zero(role);
    zero.say_setup();
    zero.say(signed_auth(zero, 0));
    CHECK(zero.refused_with("message received with no blessings"));
    Impostor unknown(role);
    unknown.say_setup();
    unknown.say(signed_auth(unknown, 3));
    CHECK(unknown.refused_with("no blessings have the number 3"));
  }

  Impostor twice(Role::kDialer);
  twice.say_setup();
  vom::Encoder encoder;
  tell(twice, encoder, given(*twice.principal->bless_self("one"), 5));
  tell(twice, encoder, given(*twice.principal->bless_self("two"), 5));
  CHECK(twice.refused_with("number 5 was given to blessings before"));

  Impostor twice_discharges(Role::kDialer);
  twice_discharges.shake_hands();
  vom::Encoder other;
  // A new stream in the place of the one that goes on: that is malformed too.
  tell(twice_discharges, other, wire::BlessingsFlowMessage::Discharges(wire::Discharges(Discharges(1), 9, 1)));
  CHECK(twice_discharges.end.is_closed());
}

TEST_CASE("[A-43] discharges with the same number twice are refused, zero numbers too") {
  const auto refusal_of = [](std::vector<wire::BlessingsFlowMessage> messages) {
    Impostor client(Role::kDialer);
    client.say_setup();
    vom::Encoder encoder;
    for (const auto& message : messages) tell(client, encoder, message);
    return client.refusal();
  };
  using Message = wire::BlessingsFlowMessage;
  const Message discharges = Message::Discharges(wire::Discharges(Discharges(1), 9, 1));
  CHECK(has(refusal_of({discharges, discharges}), "number 9 was given to discharges before"));
  CHECK(has(refusal_of({Message::Discharges(wire::Discharges({}, 0, 1))}), "discharges without a number"));
  CHECK(has(refusal_of({Message::Blessings(wire::Blessings({}, 0))}), "blessings without a number"));
}

TEST_CASE("[A-44] a peer that defines without end is refused, before and after it has proved who it is") {
  Impostor before(Role::kDialer);
  before.say_setup();
  vom::Encoder encoder;
  for (std::uint64_t key = 1; key <= 65; ++key) {
    tell(before, encoder, wire::BlessingsFlowMessage::Discharges(wire::Discharges({}, key, 1)));
  }
  CHECK(before.refused_with("more than 64 messages on the blessings flow"));

  Impostor after(Role::kDialer);
  after.shake_hands();
  for (int i = 0; i < 64 && !after.end.is_closed(); ++i) {
    after.tell(ShownBlessings(*after.principal->bless_self("name" + std::to_string(i))));
  }
  CHECK_FALSE(after.end.is_closed());
  after.tell(ShownBlessings(*after.principal->bless_self("one more")));
  CHECK(after.refused_with("too many blessings that nobody uses"));
}

TEST_CASE("[A-44] the keys that a check of blessings will make are weighed when the blessings come") {
  Impostor client(Role::kDialer);
  client.say_setup();
  v23::security::WireBlessings many;
  many.CertificateChains.resize(16);
  for (auto& chain : many.CertificateChains) chain.resize(1);
  vom::Encoder encoder;
  for (std::uint64_t key = 1; key <= 40 && !client.end.is_closed(); ++key) {
    tell(client, encoder, wire::BlessingsFlowMessage::Blessings(wire::Blessings(many, key)));
  }
  CHECK(client.refused_with("too many blessings that nobody uses"));
}

TEST_CASE("[A-44] blessings of too many chains, certificates, caveats or bytes are refused") {
  const auto refusal_of = [](v23::security::WireBlessings blessings) {
    Impostor client(Role::kDialer);
    client.say_setup();
    vom::Encoder encoder;
    REQUIRE(encoder
                .encode(wire::BlessingsFlowMessage(
                    wire::BlessingsFlowMessage::Blessings(wire::Blessings(std::move(blessings), 1))))
                .ok());
    const Bytes stream = encoder.take();
    for (std::size_t at = 0; at < stream.size() && !client.end.is_closed(); at += 60'000) {
      const BytesView part = BytesView(stream).subspan(at, std::min<std::size_t>(60'000, stream.size() - at));
      client.say(Data{kBlessingsFlowId, 0, Bytes(part.begin(), part.end())});
    }
    return client.refusal();
  };
  v23::security::WireBlessings chains, certificates, caveats, bytes;
  chains.CertificateChains.resize(17);
  CHECK(has(refusal_of(chains), "more than 16 chains"));
  certificates.CertificateChains.resize(16);
  for (auto& chain : certificates.CertificateChains) chain.resize(4);
  CHECK_FALSE(has(refusal_of(certificates), "certificates"));
  certificates.CertificateChains[7].resize(5);
  CHECK(has(refusal_of(certificates), "more than 64 certificates"));
  caveats.CertificateChains.resize(1);
  caveats.CertificateChains[0].resize(1);
  caveats.CertificateChains[0][0].Caveats.resize(1025);
  CHECK(has(refusal_of(caveats), "more than 1024 caveats"));
  bytes.CertificateChains.resize(1);
  bytes.CertificateChains[0].resize(1);
  bytes.CertificateChains[0][0].Extension.assign(1u << 20, 'x');
  CHECK_FALSE(refusal_of(bytes).empty());
}

TEST_CASE("[A-44] a handshake takes a megabyte and no more") {
  Impostor client(Role::kDialer);
  client.say_setup();
  // Data for flows that there are not is dropped, and counted.
  for (int i = 0; i < 17 && !client.end.is_closed(); ++i) client.say(Data{12, 0, Bytes(65'000)});
  CHECK(client.refused_with("the handshake takes more than 1048576 bytes"));
}

TEST_CASE("[A-44] discharges that are refreshed for ever neither end the connection nor fill the memory") {
  Impostor client(Role::kDialer);
  client.shake_hands();
  const Blessings blessings = *client.principal->bless_self("peer");
  for (std::uint64_t i = 0; i < 3000; ++i) {
    Discharges discharges(1 + i % 3);
    const auto keys = client.tell(ShownBlessings(blessings, std::move(discharges)));
    client.say(unsigned_auth(keys.blessings, keys.discharges));
  }
  // New ones each time, which the honest sender would not do.
  CHECK_FALSE(client.end.is_closed());
}

TEST_CASE("a table of numbers forgets what was used longest ago, and never what it was just told") {
  KeyTable<int> table(KeyTableLimits{8, 1000, 4}, 5);
  using Defined = KeyTable<int>::Defined;
  for (std::uint64_t key = 1; key <= 100; ++key) {
    REQUIRE(table.define(key, static_cast<int>(key), 10) == Defined::kYes);
    REQUIRE(table.use(key) != nullptr);
    REQUIRE(table.use(1) != nullptr);
    CHECK(table.size() <= 8);
  }
  CHECK(table.use(2) == nullptr);
  CHECK(*table.use(100) == 100);
  CHECK(table.define(100, 0, 10) == Defined::kTwice);
  CHECK(table.define(101, 0, 5000) == Defined::kTooMany);
}

TEST_CASE("blessings that are encrypted for some are refused with a word why") {
  using Message = wire::BlessingsFlowMessage;
  for (const Message& message : {Message(Message::EncryptedBlessings(wire::EncryptedBlessings({}, 1))),
                                 Message(Message::EncryptedDischarges(wire::EncryptedDischarges({}, 2, 1)))}) {
    Impostor server(Role::kAcceptor);
    server.say_setup();
    vom::Encoder encoder;
    tell(server, encoder, message);
    CHECK(server.refused_with("the peer encrypts its blessings"));
    CHECK(verror::NotTrusted.matches(only<ConnectionClosed>(server.events).at(0).why));
  }
}

TEST_CASE("a stream of blessings that is malformed, or blessings that are not valid, end the connection") {
  Impostor garbage(Role::kDialer);
  garbage.say_setup();
  garbage.say(Data{kBlessingsFlowId, 0, bytes("no VOM at all")});
  CHECK(garbage.refused_with("the blessings flow is malformed"));

  Impostor forged(Role::kDialer);
  forged.say_setup();
  v23::security::WireBlessings blessings = forged.principal->bless_self("peer")->wire();
  blessings.CertificateChains[0][0].Extension = "president";
  vom::Encoder encoder;
  tell(forged, encoder, wire::BlessingsFlowMessage::Blessings(wire::Blessings(blessings, 1)));
  forged.say(signed_auth(forged));
  CHECK(forged.refused_with("the peer's blessings are not valid"));

  Impostor empty(Role::kAcceptor);
  empty.say_setup();
  vom::Encoder other;
  tell(empty, other, wire::BlessingsFlowMessage::Blessings(wire::Blessings({}, 1)));
  empty.say(signed_auth(empty));
  CHECK(empty.refused_with("empty blessings"));
}

TEST_CASE(
    "[A-8] [A-10] [A-11] an Auth for another purpose, with another hash or with parts of another algorithm is "
    "refused") {
  const auto refusal_of = [](const std::function<void(Impostor&, Auth&)>& spoil) {
    Impostor client(Role::kDialer);
    client.say_setup();
    client.tell(ShownBlessings(*client.principal->bless_self("peer")));
    Auth auth = signed_auth(client);
    spoil(client, auth);
    client.say(auth);
    return client.refusal();
  };
  CHECK(refusal_of([](Impostor&, Auth&) {}).empty());
  const std::function<void(Impostor&, Auth&)> spoils[] = {
      [](Impostor&, Auth& auth) { auth.purpose = bytes("B1"); },
      [](Impostor&, Auth& auth) { auth.purpose.clear(); },
      [](Impostor&, Auth& auth) { auth.hash = "SHA256"; },
      [](Impostor&, Auth& auth) { auth.hash = "SHA1"; },
      [](Impostor&, Auth& auth) { auth.hash.clear(); },
      [](Impostor&, Auth& auth) { auth.signature = EcdsaSignature{}; },
      [](Impostor&, Auth& auth) { auth.signature = RsaSignature{std::get<Ed25519Signature>(auth.signature).bytes}; },
      [](Impostor&, Auth& auth) { std::get<Ed25519Signature>(auth.signature).bytes[5] ^= 1; },
      [](Impostor&, Auth& auth) { std::get<Ed25519Signature>(auth.signature).bytes.pop_back(); },
      // The right words, said for another purpose.
      [](Impostor& client, Auth& auth) {
        Bytes message = bytes(std::string_view("AuthDial\0", 9));
        message.insert(message.end(), client.binding.begin(), client.binding.end());
        const auto key = *PrivateKey::from_raw(KeyAlgorithm::kEd25519, counting_bytes(0x61));
        auth.signature = Ed25519Signature{key.sign("B1", message)->Ed25519};
      },
  };
  for (const auto& spoil : spoils) CHECK(has(refusal_of(spoil), "the channel binding was invalid"));
}

TEST_CASE("other messages than Data and Auth end the handshake") {
  for (const Message& message : {Message(HealthCheckRequest{}), Message(OpenFlow{10, 1, 1, 0, 0, {}}),
                                 Message(Release{}), Message(EnterLameDuck{}), Message(Setup{14, 14, {}})}) {
    for (const Role role : kBothRoles) {
      Impostor peer(role);
      peer.say_setup();
      peer.say(message);
      CHECK(peer.refused_with("no place in the handshake"));
    }
  }
  Impostor no_setup(Role::kDialer);
  no_setup.say_clear(encode(Data{1, 0, {}}));
  CHECK(has(no_setup.refusal(), "the first message is no Setup"));
}

TEST_CASE("what the peer says while the application decides ends the connection") {
  for (const Message& message : {Message(Data{1, 0, {}}), Message(OpenFlow{11, 1, 1, 0, 0, {}})}) {
    Impostor server(Role::kAcceptor);
    server.say_setup();
    server.introduce();
    server.say(message);
    CHECK(server.refused_with("no place in the handshake"));
    CHECK(server.heard_of<Auth>().empty());
  }
  Impostor twice(Role::kAcceptor);
  twice.say_setup();
  twice.introduce();
  twice.say(signed_auth(twice));
  CHECK(twice.refused_with("no place in the handshake"));
}

TEST_CASE("frames that the peer did not seal end the connection") {
  const auto refusal_of = [](const std::function<void(Impostor&)>& attack) {
    Impostor client(Role::kDialer);
    client.shake_hands();
    REQUIRE(client.end.is_established());
    attack(client);
    return client.refusal();
  };
  constexpr std::string_view kNotSealed = "a frame is not what the peer sealed";
  CHECK(has(refusal_of([](Impostor& client) {
              const Bytes frame = client.seal(encode(HealthCheckResponse{}));
              client.say_clear(frame);
              client.say_clear(frame);  // once more
            }),
            kNotSealed));
  CHECK(has(refusal_of([](Impostor& client) { client.say_clear({}); }), kNotSealed));
  CHECK(has(refusal_of([](Impostor& client) { client.say_clear(Bytes(15)); }), kNotSealed));
  CHECK(has(refusal_of([](Impostor& client) { client.say_clear(encode(HealthCheckRequest{})); }), kNotSealed));
  CHECK(has(refusal_of([](Impostor& client) { client.say_clear(encode(TearDown{"clear"})); }), kNotSealed));
  CHECK(has(refusal_of([](Impostor& client) {
              (void)client.seal(encode(HealthCheckResponse{}));  // one that is lost
              client.say(HealthCheckResponse{});
            }),
            kNotSealed));
  CHECK(has(refusal_of([](Impostor& client) { client.say_sealed({}); }), "empty message"));
}

TEST_CASE("a TearDown in the clear after the Setup is a hint, not a proof, and ends the handshake") {
  for (const bool aes : {false, true}) {
    Options options = authenticated_options(Role::kAcceptor);
    options.identity.offers_aes_gcm = aes;
    Impostor client(Role::kDialer, options);
    if (aes) client.setup.suites = {kAes256GcmSuite};
    client.say_setup();
    client.say_clear(encode(TearDown{"version 99 is what I want, and a long reason for it"}));
    CHECK(client.end.is_closed());
    CHECK(
        has(why_closed(client.events), "pretends to be it, says: version 99 is what I want, and a long reason for it"));
    CHECK(client.refusal().empty());
  }
}

TEST_CASE("messages are as long as the MTU allows, those of the blessings flow a megabyte") {
  Impostor client(Role::kDialer);
  client.shake_hands();
  client.say(Data{10, 0, Bytes(70'000)});
  CHECK(client.refused_with("a message is longer than"));

  Impostor large(Role::kDialer);
  large.shake_hands();
  Discharges discharges(1);
  v23::security::PublicKeyDischarge discharge;
  discharge.ThirdPartyCaveatId.assign(200'000, 'x');
  discharges[0] = Discharge::PublicKey(discharge);
  const auto keys = large.tell(ShownBlessings(*large.principal->bless_self("peer"), discharges));
  large.say(unsigned_auth(keys.blessings, keys.discharges));
  CHECK_FALSE(large.end.is_closed());
  CHECK(only<PeerShows>(large.events).at(0).shown.discharges->at(0) == discharges[0]);

  Impostor too_long(Role::kDialer);
  too_long.shake_hands();
  const auto header = frame_header((1u << 20) + 17);
  too_long.say_bytes(Bytes(header.begin(), header.end()));
  CHECK(too_long.refused_with("a frame is longer than"));
}

TEST_CASE("a handshake has ten seconds for the first frame and a minute in all, wherever it stands") {
  const auto late_after = [](Impostor& peer, Duration time) {
    peer.now += time;
    peer.end.advance(peer.now);
    peer.hear();
    return peer.end.is_closed() && has(peer.refusal(), "in time");
  };
  Impostor silent(Role::kDialer);
  CHECK(silent.end.next_deadline() == silent.now + std::chrono::seconds(10));
  CHECK(late_after(silent, std::chrono::seconds(10)));

  for (const Role role : kBothRoles) {
    Impostor only_setup(role);
    only_setup.say_setup();
    CHECK_FALSE(late_after(only_setup, std::chrono::seconds(59)));
    CHECK(late_after(only_setup, std::chrono::seconds(1)));
  }
  Impostor undecided(Role::kAcceptor);
  undecided.say_setup();
  undecided.introduce();
  CHECK_FALSE(late_after(undecided, std::chrono::seconds(59)));
  CHECK(late_after(undecided, std::chrono::seconds(1)));
  undecided.end.authorize();
  CHECK(undecided.heard_of<Auth>().empty());
}

TEST_CASE("[A-17] nobody is taken for more than its key when it shows no more") {
  Impostor client(Role::kDialer);
  client.say_setup();
  client.introduce(ShownBlessings(Blessings::nameless(client.principal->public_key())));
  CHECK(client.end.is_established());
  CHECK(client.end.remote_shown().blessings.is_nameless());
  CHECK(client.end.remote_shown().blessings.claimed_names().empty());
}

}  // namespace
}  // namespace nb::flow
