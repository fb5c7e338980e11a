// Signatures: the worked bytes of docs/spec/security.md 13, and what must not be taken for one.
#include <doctest/doctest.h>

#include <string>

#include <nb/base/bytes.h>
#include <nb/security/private_key.h>
#include <nb/security/public_key.h>

#include "security/key_handle.h"

namespace nb {
namespace {

using v23::security::Signature;

Bytes from_hex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(digit(hex[i]) << 4 | digit(hex[i + 1])));
  }
  return bytes;
}

PrivateKey key_of(KeyAlgorithm algorithm, std::uint8_t byte) {
  return PrivateKey::from_raw(algorithm, Bytes(32, byte)).value();
}

TEST_CASE("13.1: the worked ECDSA signature of a root certificate verifies") {
  const PublicKey root = key_of(KeyAlgorithm::kEcdsaP256, 0x11).public_key();
  CHECK(
      Bytes(root.der().begin(), root.der().end()) ==
      from_hex("3059301306072a8648ce3d020106082a8648ce3d030107034200040217e617f0b6443928278f96999e69a23a4f2c152bdf6d6c"
               "df66e5b80282d4ed194a7debcb97712d2dda3ca85aa8765a56f45fc758599652f2897c65306e5794"));
  const Bytes message = from_hex("798b5525c535b5c9d11d0c3719be939d51d0ffc6c23eb7864f7e8614e99f2921");
  CHECK(security::signing_digest(*root.handle(), security::HashAlgorithm::kSha256, message, as_bytes("B1")).bytes() ==
        from_hex("cac3d26ec8b39c29d7efa7109959201649087899dbc2baaafdd5675366710c41"));
  Signature signature;
  signature.Purpose = from_hex("4231");
  signature.Hash = v23::security::SHA256Hash();
  signature.R = from_hex("2f48df3004d8ad7afe4396c4befff44e98ad16b304a2e1559b1c2fe418edca44");
  signature.S = from_hex("9b7f4913693594bfe54c3308705088db063fb1a1408d55497f792ac125191d14");
  CHECK(root.verify(signature, "B1", message).ok());
  Bytes other = message;
  other[0] ^= 1;
  CHECK(!root.verify(signature, "B1", other).ok());
}

TEST_CASE("13.4: the Ed25519 signature of a root certificate is made to the byte") {
  const PrivateKey key = key_of(KeyAlgorithm::kEd25519, 0x44);
  CHECK(Bytes(key.public_key().der().begin(), key.public_key().der().end()) ==
        from_hex("302a300506032b6570032100d759793bbc13a2819a827c76adb6fba8a49aee007f49f2d0992d99b825ad2c48"));
  const Bytes message = from_hex(
      "09fc8d57516291b7c213c1791ec3ba47ff450b29bafe351485979c51b3f65495c4879d848d290008dedacb3f646b0d151a31cd85"
      "ffce47ba27c852a55cd25734");
  const Signature signature = key.sign("B1", message).value();
  CHECK(
      signature.Ed25519 ==
      from_hex("3a711b6f1ac95e987694699b287e6622bc619cb540f7fc93cd8f4619dad4c8a524bf64376da6b2c255d502d5e37dfc9c3bbb93"
               "fe2d45373909a3dcced029240a"));
  CHECK(signature.Hash == "SHA512");
  CHECK(key.public_key().verify(signature, "B1", message).ok());
}

}  // namespace
}  // namespace nb
