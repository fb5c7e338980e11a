#include "security/certificate.h"

#include <doctest/doctest.h>

#include "security/caveat_digest.h"
#include "security/testing/principals.h"
#include "security/testing/vectors.h"

namespace nb::security {
namespace {

using testing::key_of;
using vectors::from_hex;
using vectors::to_hex;

constexpr auto k256 = HashAlgorithm::kSha256;

std::vector<Certificate> chain_of(const char* hex) {
  auto wire = vom::decode<v23::security::WireBlessings>(from_hex(hex));
  REQUIRE(wire);
  REQUIRE(wire->CertificateChains.size() == 1);
  return std::move(wire->CertificateChains[0]);
}

TEST_CASE("the digests of a root certificate are those of the worked bytes 13.1") {
  const auto chain = chain_of(vectors::kRootBlessings);
  REQUIRE(chain.size() == 1);
  CHECK(chain[0].Extension == "alice");
  const auto key = key_of(0x11).public_key();
  CHECK(as_text(chain[0].PublicKey) == as_text(key.der()));
  const auto content = content_digest(k256, chain[0]);
  CHECK(to_hex(content) == "798b5525c535b5c9d11d0c3719be939d51d0ffc6c23eb7864f7e8614e99f2921");
  CHECK(message_to_sign(k256, {}, content) == content);
  CHECK(to_hex(signature_digest(k256, chain[0].Signature)) ==
        "fa3f581466532fea4485fc5bb234e9ee2cb00e99263603f8438cf1217476bf3f");
  const auto digest = chain_digest(k256, {}, content, chain[0].Signature);
  CHECK(to_hex(digest) == "d6c079de11fd60cd415dd42f1cf97abbb6f82be4c6afa34593cf33b6e974bb4d");
  CHECK(to_hex(hash(k256, {digest})) == "81ac8f8fc7f88ce295fe7486b550c782123c9ba81438b69f6f3bf570344d690c");
  CHECK(key.verify(chain[0].Signature, "B1", content));
}

TEST_CASE("the digests of a second certificate are those of the worked bytes 13.2") {
  const auto chain = chain_of(vectors::kTwoLinkBlessings);
  REQUIRE(chain.size() == 2);
  const auto& leaf = chain[1];
  CHECK(leaf.Extension == "phone");
  REQUIRE(leaf.Caveats.size() == 3);
  CHECK(to_hex(caveat_digest(k256, leaf.Caveats[0])) ==
        "b1d8afa4955b002268e15866d43ae0ff47892058216f1a5c71a4c1babe5e0f65");
  CHECK(to_hex(caveat_digest(k256, leaf.Caveats[1])) ==
        "266bc36f66fc202357c24149398b4611c40fe4fc9d4b4855c74f872d88b07d25");
  CHECK(to_hex(caveat_digest(k256, leaf.Caveats[2])) ==
        "dd5e5921babb6f7c07c9c46afc8437fe0f76f9fbd0f64ae215fd246073102d44");
  const auto before = chain_digest(k256, {}, content_digest(k256, chain[0]), chain[0].Signature);
  const auto content = content_digest(k256, leaf);
  CHECK(to_hex(content) == "126c4318550613796e60d7a47175a9e338946e78ebe68929e91a1d6930210295");
  const auto message = message_to_sign(k256, before, content);
  CHECK(to_hex(message) == "51308b3f46d5c5897c058f74aef64736c6478b635e1d57c65b44862537e6118c");
  CHECK(to_hex(signature_digest(k256, leaf.Signature)) ==
        "56cb7993b59b1435af5ffc74bdff6d8b4f884fb0621b2045e5122e6d54a2a58d");
  CHECK(to_hex(chain_digest(k256, before, content, leaf.Signature)) ==
        "e14c4c392a9f03c92846e0b90a593686189a4095f026e54103594137516be3ac");
  CHECK(key_of(0x11).public_key().verify(leaf.Signature, "B1", message));
}

TEST_CASE("an Ed25519 root is made to the byte as in the worked bytes 13.4") {
  const auto principal = testing::principal_of(key_of(0x44, KeyAlgorithm::kEd25519));
  const auto blessings = principal->bless_self("ed").value();
  const auto& certificate = blessings.wire().CertificateChains[0][0];
  constexpr auto k512 = HashAlgorithm::kSha512;
  CHECK(to_hex(certificate.PublicKey) ==
        "302a300506032b6570032100d759793bbc13a2819a827c76adb6fba8a49aee007f49f2d0992d99b825ad2c48");
  const auto content = content_digest(k512, certificate);
  CHECK(to_hex(content) ==
        "09fc8d57516291b7c213c1791ec3ba47ff450b29bafe351485979c51b3f65495c4879d848d290008dedacb3f646b0d151a31cd85ffce47"
        "ba27c852a55cd25734");
  CHECK(certificate.Signature.Hash == "SHA512");
  CHECK(to_hex(certificate.Signature.Ed25519) ==
        "3a711b6f1ac95e987694699b287e6622bc619cb540f7fc93cd8f4619dad4c8a524bf64376da6b2c255d502d5e37dfc9c3bbb93fe2d4537"
        "3909a3dcced029240a");
  CHECK(to_hex(signature_digest(k512, certificate.Signature)) ==
        "b5d0aa148867e36dd624e95876a2db30225283805b5e45b3dae8832a3ca34644606ce755f4f2d50cef93b6025958a9c16187894388e836"
        "9c3f353899bb608403");
  CHECK(to_hex(chain_digest(k512, {}, content, certificate.Signature)) ==
        "885975d2959d5fe04385e32c863e4df118d18b5f5f8ac20d810baa801ac2006696a66fdeab6399c48799254378b9319c53e2ab73fa6879"
        "61348d2fcfcbc9f9f8");
}

}  // namespace
}  // namespace nb::security
