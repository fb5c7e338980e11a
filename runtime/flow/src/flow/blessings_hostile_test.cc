// Peers that show what is not theirs, name what there is not, or tell more than anybody needs (docs/spec/security.md
// 15).
#include <doctest/doctest.h>

#include <nb/vdl/type_store.h>
#include <nb/vdl/value.h>

#include "flow/hostile_testing.h"
#include "v.io/x/ref/runtime/internal/flow/conn/conn.vdl.h"

namespace nb::flow {
namespace {

using namespace testing;
namespace wire = ::x::ref::runtime::internal::flow::conn;

// What the peer says on flow 1 when it is no honest sender.
void tell(Impostor& peer, vom::Encoder& encoder, const wire::BlessingsFlowMessage& message) {
  REQUIRE(encoder.encode(message).ok());
  peer.say(Data{kBlessingsFlowId, 0, encoder.take()});
}
wire::BlessingsFlowMessage given(const Blessings& blessings, std::uint64_t key) {
  return wire::BlessingsFlowMessage::Blessings(wire::Blessings(blessings.wire(), key));
}

TEST_CASE(
    "[15.2] [A-42] blessings of another key do not get in: by refresh, by flow, or by having come before the Auth") {
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

TEST_CASE("[15.2] [A-42] an Auth that names somebody else's blessings is refused") {
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

TEST_CASE("[15.2] [A-44] a peer that defines without end is refused, before and after it has proved who it is") {
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

TEST_CASE("[15.2] [A-44] blessings of too many chains, certificates, caveats or bytes are refused") {
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

TEST_CASE("[15.2] [A-44] discharges that are refreshed for ever neither end the connection nor fill the memory") {
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

TEST_CASE("[15.2] what a peer says on the blessings flow has types that are few, short and not deep") {
  TypeLimits generous;
  generous.max_name_bytes = 1 << 16;
  TypeStore foreign(generous);  // these are not the program's types, which need no bounds
  const auto refusal_of = [](const Type& type) {
    Impostor client(Role::kDialer);
    client.say_setup();
    vom::Encoder encoder;
    REQUIRE(encoder.encode(Value(type)).ok());
    const Bytes stream = encoder.take();
    for (std::size_t at = 0; at < stream.size() && !client.end.is_closed(); at += 60'000) {
      const BytesView part = BytesView(stream).subspan(at, std::min<std::size_t>(60'000, stream.size() - at));
      client.say(Data{kBlessingsFlowId, 0, Bytes(part.begin(), part.end())});
    }
    return client.refusal();
  };
  // A struct with so many fields, each of a type of its own.
  const auto tuple = [&foreign](std::size_t parts, std::size_t name_size) {
    TypeBuilder builder(foreign);
    std::vector<TypeBuilder::Field> fields;
    const std::string name = "conn.T" + std::to_string(parts) + std::string(name_size, 'x');
    for (std::size_t i = 0; i < parts; ++i) {
      const auto part = builder.named(name + std::to_string(i));
      builder.set_list(part, builder.ref(Type::byte()));
      fields.push_back({"F" + std::to_string(i), part});
    }
    const auto all = builder.named(name);
    builder.set_struct(all, std::move(fields));
    return builder.build().value().back();
  };
  TypeBuilder builder(foreign);
  auto deep = builder.ref(Type::byte());
  for (int i = 0; i < 40; ++i) deep = builder.list(deep);
  const std::string refusal = refusal_of(builder.build().value().back());
  CHECK_MESSAGE(has(refusal, "nested too deeply"), refusal);
  CHECK_MESSAGE(has(refusal_of(tuple(300, 0)), "limit max_"), refusal_of(tuple(300, 0)));
  CHECK_MESSAGE(has(refusal_of(tuple(20, 4000)), "max_type_stream_bytes"), refusal_of(tuple(20, 4000)));
  CHECK_MESSAGE(has(refusal_of(tuple(1, 20'000)), "max_type_message_bytes"), refusal_of(tuple(1, 20'000)));
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
