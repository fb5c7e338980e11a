// Peers that attack the handshake, and frames that they did not seal (docs/spec/security.md 15).
#include <doctest/doctest.h>

#include "flow/hostile_testing.h"

namespace nb::flow {
namespace {

using namespace testing;

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

TEST_CASE("[15.2] [A-44] a handshake takes a megabyte and no more") {
  Impostor client(Role::kDialer);
  client.say_setup();
  // Data for flows that there are not is dropped, and counted.
  for (int i = 0; i < 17 && !client.end.is_closed(); ++i) client.say(Data{12, 0, Bytes(65'000)});
  CHECK(client.refused_with("the handshake takes more than 1048576 bytes"));
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

TEST_CASE("[15.2] messages are as long as the MTU allows, those of the blessings flow a megabyte") {
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

TEST_CASE("[15.2] a handshake has ten seconds for the first frame and a minute in all, wherever it stands") {
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

}  // namespace
}  // namespace nb::flow
