// The recorded conversation of docs/spec/flow-protocol.md 17, byte for byte: each real end in turn, fed with what was
// recorded of the other.
#include <doctest/doctest.h>

#include "flow/aes_gcm.h"
#include "flow/authenticated_testing.h"
#include "flow/transcript_testing.h"

namespace nb::flow {
namespace {

using namespace testing;

naming::Endpoint acceptor_endpoint() {
  return *naming::parse_endpoint("@6@tcp@127.0.0.1:8101@@000000000000000000000000dabbad00@s@server@@");
}
naming::Endpoint dialer_endpoint() {
  return *naming::parse_endpoint("@6@tcp@127.0.0.1:54321@@00000000000000000000000000000000@s@@@");
}

Options recorded_options(Role role, Version highest = 14) {
  Options options(role);
  options.versions = {13, highest};
  options.advertised = VersionRange{10, highest};
  const bool is_dialer = role == Role::kDialer;
  options.local = is_dialer ? dialer_endpoint() : acceptor_endpoint();
  if (is_dialer) options.remote = acceptor_endpoint();
  options.accepts_flows = !is_dialer;
  options.identity = is_dialer ? identity_of(principal(0x21), "client") : identity_of(principal(1), "server");
  options.identity.randomness = std::make_shared<FixedRandomness>(is_dialer ? 0x80 : 0x40);
  options.identity.offers_aes_gcm = false;
  return options;
}

std::vector<std::string> taken(Connection& end) {
  std::vector<std::string> frames;
  while (end.has_output()) {
    const Output output = end.take_output();
    for (std::size_t i = 0; i < output.frame_count(); ++i) frames.push_back(to_hex(with_header(output.flat_frame(i))));
  }
  return frames;
}

std::vector<std::string> of(std::initializer_list<std::string_view> frames) { return {frames.begin(), frames.end()}; }

TEST_CASE("the dialer of the recorded conversation says the same bytes") {
  using namespace transcript;
  TimePoint now{std::chrono::hours(1)};
  Connection end(recorded_options(Role::kDialer), now);
  CHECK(taken(end) == of({kDialerSetup}));
  const auto hear = [&](std::string_view frame) { end.receive(from_hex(frame), now); };
  hear(kAcceptorSetup);
  CHECK(taken(end).empty());
  hear(kAcceptorFrames[0]);
  hear(kAcceptorFrames[1]);
  const auto ask = only<AuthorizePeer>(end.take_events());
  REQUIRE(ask.size() == 1);
  CHECK(ask[0].shown.blessings.to_string() == "server");
  CHECK(taken(end).empty());
  end.authorize();
  CHECK(taken(end) == of({kDialerFrames[0], kDialerFrames[1]}));
  CHECK(end.version() == 14);

  FlowOptions shows_client;
  shows_client.shown = recorded_options(Role::kDialer).identity.shown;
  const FlowId first = *end.open_flow(shows_client);
  const FlowId second = *end.open_flow(shows_client);
  end.write(first, bytes("hello"), false);
  CHECK(taken(end) == of({kDialerFrames[2], kDialerFrames[3]}));
  end.write(first, bytes("more"), false);
  CHECK(taken(end) == of({kDialerFrames[4]}));
  hear(kAcceptorFrames[2]);
  hear(kAcceptorFrames[3]);
  CHECK(received(end.take_events(), first) == "world");
  end.consumed(first, 5);
  end.write(second, bytes("x"), false);
  CHECK(taken(end) == of({kDialerFrames[5]}));
  end.close_flow(second);
  CHECK(taken(end) == of({kDialerFrames[6]}));
  now += std::chrono::minutes(15);
  end.advance(now);
  CHECK(taken(end) == of({kDialerFrames[7]}));
  hear(kAcceptorFrames[4]);
  hear(kAcceptorFrames[5]);
  CHECK(taken(end) == of({kDialerFrames[8]}));
  end.close(Error("test", NoRetry, "bye"));
  CHECK(taken(end) == of({kDialerFrames[9]}));
}

TEST_CASE("the acceptor of the recorded conversation says the same bytes") {
  using namespace transcript;
  TimePoint now{std::chrono::hours(1)};
  Connection end(recorded_options(Role::kAcceptor), now);
  const auto hear = [&](std::string_view frame) { end.receive(from_hex(frame), now); };
  hear(kDialerSetup);
  CHECK(taken(end) == of({kAcceptorSetup, kAcceptorFrames[0], kAcceptorFrames[1]}));
  for (std::size_t i = 0; i < 5; ++i) hear(kDialerFrames[i]);
  auto events = end.take_events();
  const auto opened = only<FlowOpened>(events);
  REQUIRE(opened.size() == 1);
  CHECK(opened[0].remote.blessings.to_string() == "client");
  CHECK(opened[0].local.blessings.to_string() == "server");
  CHECK(end.remote_shown().blessings.is_nameless());
  CHECK(received(events, 10) == "hellomore");
  end.write(10, bytes("world"), true);
  CHECK(taken(end) == of({kAcceptorFrames[2]}));

  for (std::size_t i = 5; i < 10; ++i) hear(kDialerFrames[i]);
  events = end.take_events();
  CHECK(received(events, 12) == "x");
  CHECK(only<FlowClosed>(events).size() == 2);
  const auto closed = only<ConnectionClosed>(events);
  REQUIRE(closed.size() == 1);
  CHECK(closed[0].why.message().find("bye") != std::string_view::npos);
}

TEST_CASE("every sealed frame of the recorded conversation comes from its plaintext") {
  using namespace transcript;
  FixedRandomness dialer_random(0x80), acceptor_random(0x40);
  const KeyPair dialer(dialer_random), acceptor(acceptor_random);
  const SecretKey shared = *dialer.agree(acceptor.public_key());
  const auto check = [&](const auto& frames, bool sealer_is_low) {
    const auto opener = make_secretbox(shared, !sealer_is_low);
    const auto sealer = make_secretbox(shared, sealer_is_low);
    for (const std::string_view recorded : frames) {
      Bytes frame = from_hex(recorded);
      const auto opened = opener->open(MutableBytes(frame).subspan(kFrameHeaderSize));
      REQUIRE(opened);
      Bytes message(opened->begin(), opened->end());
      MutableBytes pieces[] = {message};
      Bytes sealed(kTagSize);
      sealer->seal(pieces, sealed.data());
      sealed.insert(sealed.end(), message.begin(), message.end());
      CHECK(to_hex(with_header(sealed)) == recorded);
    }
  };
  check(kDialerFrames, true);
  check(kAcceptorFrames, false);
}

TEST_CASE("the types of a stream of blessings are written as recorded") {
  BlessingsSender sender;
  (void)sender.keys_for(ShownBlessings(Blessings::nameless(principal(0x21)->public_key())));
  const std::string stream = to_hex(sender.take_output());
  CHECK(stream.starts_with(transcript::kTypePrefix));
}

// 17.7: what is signed at version 13 are the keys alone.
TEST_CASE("at version 13 both ends sign as recorded") {
  FixedRandomness dialer_random(0x80), acceptor_random(0x40);
  const KeyPair dialer(dialer_random), acceptor(acceptor_random);
  const Bytes binding = channel_binding(13, {}, {}, acceptor.public_key(), dialer.public_key());
  const auto signature = [&](std::uint8_t seed, Role role) {
    const Auth auth = *sign_auth(*principal(seed), role, binding);
    return to_hex(std::get<Ed25519Signature>(auth.signature).bytes);
  };
  CHECK(signature(1, Role::kAcceptor) == transcript::kAcceptorSignature13);
  CHECK(signature(0x21, Role::kDialer) == transcript::kDialerSignature13);

  AuthenticatedPair pair(recorded_options(Role::kDialer, 13), recorded_options(Role::kAcceptor, 13));
  CHECK(pair.dialer.is_established());
  CHECK(pair.acceptor.version() == 13);
}

// 17.8: dialer's key is P-256.
TEST_CASE("a recorded signature with ECDSA is accepted, and not under another role or binding") {
  const auto key = *PrivateKey::from_raw(KeyAlgorithm::kEcdsaP256, counting_bytes(0x21));
  Bytes binding = from_hex(transcript::kDialerSetup.substr(6));
  const Bytes acceptor = from_hex(transcript::kAcceptorSetup.substr(6));
  binding.insert(binding.end(), acceptor.begin(), acceptor.end());
  const Message recorded = *decode(from_hex(
      "7a 01 00 02 5331 06 534841323536 20 5c239532235e819922f234687625e5ee854698a604b8d5e136beff8b8156143a 20 "
      "53b618f252f23eac887fa5716eabea95a5fe87e09aca9014aed3010bce0980e1"));
  const Auth& auth = std::get<Auth>(recorded);
  CHECK(verify_auth(key.public_key(), Role::kDialer, binding, auth).ok());
  CHECK_FALSE(verify_auth(key.public_key(), Role::kAcceptor, binding, auth).ok());
  binding.back() ^= 1;
  CHECK_FALSE(verify_auth(key.public_key(), Role::kDialer, binding, auth).ok());
}

// 17.7 as far as it is not signed: the frames of version 15, which nobody speaks. What seals our own suite seals them.
TEST_CASE("AES-256-GCM seals the recorded frames of version 15") {
  FixedRandomness dialer_random(0x80), acceptor_random(0x40);
  const SecretKey key = *KeyPair(dialer_random).agree(KeyPair(acceptor_random).public_key());
  AesGcm sealer(AesGcm::Use::kSeal, key);
  AesGcm opener(AesGcm::Use::kOpen, key);
  const auto check = [&](std::uint8_t counter, bool by_dialer, std::string_view message, std::string_view recorded) {
    const AesGcm::Nonce nonce{counter, 0, 0, 0, 0, 0, 0, 0, by_dialer ? std::uint8_t{1} : std::uint8_t{0}};
    const Bytes plain = from_hex(message);
    Bytes frame = plain;
    MutableBytes pieces[] = {frame};
    Bytes tag(kTagSize);
    sealer.seal(nonce, {}, pieces, tag.data());
    Bytes copy = frame;
    CHECK(opener.open(nonce, {}, copy, tag.data()));
    CHECK(copy == plain);
    frame.insert(frame.end(), tag.begin(), tag.end());
    CHECK(to_hex(with_header(frame)) == recorded);
  };
  check(3, true, "790afd10000002000068656c6c6f", "ffffe144cd8b34e447108d66b0840f3667179622d2a2be18db22332735445f906d");
  check(4, true, "770a006d6f7265", "ffffe8e6cd841b6564899064f57b22f8ef6d603b03545930079d");
  check(2, false, "770a01776f726c64", "ffffe715c7f7910141f512df82426c5cc05c8ceadda5a0f2962d29");
  check(7, true, "73", "ffffeedc48c05f5302370bd7f48d41dbdc0170b0");
  check(9, true, "7d627965", "ffffeb2a56556e5c772640cfa7389e4c30e15d22b25c55");
}

}  // namespace
}  // namespace nb::flow
