// Signatures: the worked bytes of docs/spec/security.md 13, what Go signs, and what must not be taken for a signature.
#include <doctest/doctest.h>

#include <string>

#include <nb/base/bytes.h>
#include <nb/security/private_key.h>
#include <nb/security/public_key.h>

#include "security/base64.h"
#include "security/key_handle.h"
#include "security/testing/bytes.h"
#include "security/testing/go_keys.h"

namespace nb {
namespace {

using security::from_hex;
using security::to_hex;
using v23::security::Signature;

PrivateKey key_of(KeyAlgorithm algorithm, std::uint8_t byte) {
  return PrivateKey::from_raw(algorithm, Bytes(32, byte)).value();
}

Signature ecdsa_signature(std::string_view purpose, const std::string& r, const std::string& s) {
  Signature signature;
  signature.Purpose = Bytes(purpose.begin(), purpose.end());
  signature.Hash = v23::security::SHA256Hash();
  signature.R = from_hex(r);
  signature.S = from_hex(s);
  return signature;
}

struct Worked {
  std::uint8_t key;
  const char* purpose;
  std::string message, digest, r, s;
};

// 13.1, 13.2 and 13.3, in this order.
const Worked kWorked[] = {
    {0x11, "B1", "798b5525c535b5c9d11d0c3719be939d51d0ffc6c23eb7864f7e8614e99f2921",
     "cac3d26ec8b39c29d7efa7109959201649087899dbc2baaafdd5675366710c41",
     "2f48df3004d8ad7afe4396c4befff44e98ad16b304a2e1559b1c2fe418edca44",
     "9b7f4913693594bfe54c3308705088db063fb1a1408d55497f792ac125191d14"},
    {0x11, "B1", "51308b3f46d5c5897c058f74aef64736c6478b635e1d57c65b44862537e6118c",
     "b2044b89da7d694c7db71e52122e56136016dc40011c59e8cd54d243e8e8e4f7",
     "610ce31d1e0446167d2710c6b43e532d066f4b08280995faad41e10019cc9fd6",
     "0ee3447808dc1f04e63b7c627b40c18ef17d202b2d0b69afdc2a1ab58962e71f"},
    {0x33, "D1", "e045c20d931c6a60b70833e77b3ba70ea28d8d41b77d2a62b180d27e65afedd0",
     "2c4b1a2347fc48ca2bd5713c28d0e4c452ecf295f25e413690b67ffa4acda2e1",
     "ad5783d5b38d76ba12973b9b05d6124043b3e60d0223c1fb4ea1c559df6cd979",
     "f48d7b89b821cefda0db78c0bcba2d2124af56e7d048522c5bf732de91d948e5"},
};

TEST_CASE("13.1 to 13.3: the worked ECDSA signatures verify, and nothing beside them") {
  for (const Worked& worked : kWorked) {
    CAPTURE(worked.digest);
    const PublicKey key = key_of(KeyAlgorithm::kEcdsaP256, worked.key).public_key();
    const Bytes message = from_hex(worked.message);
    CHECK(to_hex(security::signing_digest(*key.handle(), security::HashAlgorithm::kSha256, message,
                                          as_bytes(worked.purpose))) == worked.digest);
    const Signature signature = ecdsa_signature(worked.purpose, worked.r, worked.s);
    CHECK(key.verify(signature, worked.purpose, message).ok());
    Bytes other = message;
    other[0] ^= 1;
    CHECK(!key.verify(signature, worked.purpose, other).ok());
    for (std::size_t byte = 0; byte < 32; ++byte) {
      Signature mutated = signature;
      mutated.R[byte] ^= 4;
      CHECK(!key.verify(mutated, worked.purpose, message).ok());
      mutated = signature;
      mutated.S[byte] ^= 4;
      CHECK(!key.verify(mutated, worked.purpose, message).ok());
    }
  }
}

TEST_CASE("13.1 to 13.4: the keys have the DER forms that were worked out") {
  CHECK(to_hex(key_of(KeyAlgorithm::kEcdsaP256, 0x11).public_key().der()) ==
        "3059301306072a8648ce3d020106082a8648ce3d030107034200040217e617f0b6443928278f96999e69a23a4f2c152bdf6d6cdf66e5b8"
        "0282d4ed194a7debcb97712d2dda3ca85aa8765a56f45fc758599652f2897c65306e5794");
  CHECK(to_hex(key_of(KeyAlgorithm::kEcdsaP256, 0x22).public_key().der()) ==
        "3059301306072a8648ce3d020106082a8648ce3d03010703420004d65a93977caa3d1b081852ff57a79e465f1660577304baead505dd3a"
        "48589cf350185e895372df6221ea3a137557e473fddb6755f05bd507c3c533fce9c91285");
  CHECK(to_hex(key_of(KeyAlgorithm::kEd25519, 0x44).public_key().der()) ==
        "302a300506032b6570032100d759793bbc13a2819a827c76adb6fba8a49aee007f49f2d0992d99b825ad2c48");
}

TEST_CASE("13.4: the Ed25519 signature of a root certificate is made to the byte") {
  const PrivateKey key = key_of(KeyAlgorithm::kEd25519, 0x44);
  const Bytes message = from_hex(
      "09fc8d57516291b7c213c1791ec3ba47ff450b29bafe351485979c51b3f65495c4879d848d290008dedacb3f646b0d151a31cd85"
      "ffce47ba27c852a55cd25734");
  CHECK(to_hex(security::signing_digest(*key.handle(), security::HashAlgorithm::kSha512, message, as_bytes("B1"))) ==
        "88d727f12b6811fe782562c6c7a5b80c41b8943b33308af89f7a98b4b934549598ea78b1e6923380479f480e67eed0293761c0e8522c21"
        "792d61b78e129fe239");
  const Signature signature = key.sign("B1", message).value();
  CHECK(to_hex(signature.Ed25519) ==
        "3a711b6f1ac95e987694699b287e6622bc619cb540f7fc93cd8f4619dad4c8a524bf64376da6b2c255d502d5e37dfc9c3bbb93fe2d4537"
        "3909a3dcced029240a");
  CHECK(signature.Hash == "SHA512");
  CHECK(key.public_key().verify(signature, "B1", message).ok());
}

TEST_CASE("digests and signatures of the Go tests come out the same") {
  using namespace security::go_keys;
  struct Row {
    const char *key, *digest, *signature;
  };
  const Row rows[] = {{kEcdsa256, kEcdsa256Digest, ""},
                      {kEd25519, kEd25519Digest, kEd25519Signature},
                      {kRsa2048, kRsa2048Digest, kRsa2048Signature},
                      {kRsa4096, kRsa4096Digest, kRsa4096Signature}};
  for (const Row& row : rows) {
    CAPTURE(row.digest);
    const PrivateKey key = PrivateKey::from_pem(row.key).value();
    const BytesView message = as_bytes(kMessage);
    CHECK(security::to_base64(security::signing_digest(*key.handle(), key.handle()->hash(), message,
                                                       as_bytes(kPurpose))) == row.digest);
    const Signature signature = key.sign(kPurpose, message).value();
    CHECK(key.public_key().verify(signature, kPurpose, message).ok());
    if (*row.signature == 0) continue;
    const bool is_rsa = key.public_key().algorithm() == KeyAlgorithm::kRsa;
    CHECK(security::to_base64(is_rsa ? signature.Rsa : signature.Ed25519) == row.signature);
  }
}

TEST_CASE("keys of every kind sign so that only their own public key agrees") {
  std::vector<PrivateKey> keys;
  for (const KeyType type : {KeyType::kEcdsa256, KeyType::kEcdsa256, KeyType::kEcdsa384, KeyType::kEcdsa521,
                             KeyType::kEd25519, KeyType::kEd25519, KeyType::kRsa2048}) {
    keys.push_back(PrivateKey::make(type).value());
  }
  const Bytes large(100'000, 7);
  for (std::size_t signer = 0; signer < keys.size(); ++signer) {
    for (const BytesView message : {BytesView(), as_bytes("hello"), BytesView(large)}) {
      const Signature signature = keys[signer].sign("S1", message).value();
      for (std::size_t other = 0; other < keys.size(); ++other) {
        CHECK(keys[other].public_key().verify(signature, "S1", message).ok() == (signer == other));
      }
    }
  }
}

TEST_CASE("a thousand ECDSA signatures have numbers without zeros in front, and verify") {
  for (const KeyType type : {KeyType::kEcdsa256, KeyType::kEcdsa521}) {
    const PrivateKey key = PrivateKey::make(type).value();
    bool any_short = false;
    for (int round = 0; round < 500; ++round) {
      const Signature signature = key.sign("S1", as_bytes("hello")).value();
      CHECK(signature.R[0] != 0);
      CHECK(signature.S[0] != 0);
      any_short = any_short || signature.R.size() < (key.public_key().bits() + 7) / 8;
      CHECK(key.public_key().verify(signature, "S1", as_bytes("hello")).ok());
    }
    if (type == KeyType::kEcdsa521) CHECK(any_short);  // half of them
  }
}

TEST_CASE("[A-8] a signature for one purpose is none for another, not even with the purpose's name changed") {
  for (const KeyType type : {KeyType::kEcdsa256, KeyType::kEd25519, KeyType::kRsa2048}) {
    const PrivateKey key = PrivateKey::make(type).value();
    for (const char* made : {"S1", "B1", "D1"}) {
      for (const char* wanted : {"S1", "B1", "D1", "", "S"}) {
        if (std::string_view(made) == wanted) continue;
        Signature signature = key.sign(made, as_bytes("hello")).value();
        CHECK(!key.public_key().verify(signature, wanted, as_bytes("hello")));
        signature.Purpose = Bytes(wanted, wanted + std::char_traits<char>::length(wanted));
        CHECK(!key.public_key().verify(signature, wanted, as_bytes("hello")));
      }
    }
  }
}

TEST_CASE("[A-9] a key made to fit a signature of a bare message does not verify it, since the key is signed too") {
  // For a given ECDSA signature over a digest without the key there is always a second key that fits. The signature of
  // one key must depend on the key: two keys sign different digests of one message.
  const PublicKey a = key_of(KeyAlgorithm::kEcdsaP256, 0x11).public_key();
  const PublicKey b = key_of(KeyAlgorithm::kEcdsaP256, 0x22).public_key();
  const auto digest = [](const PublicKey& key) {
    return security::signing_digest(*key.handle(), security::HashAlgorithm::kSha256, as_bytes("hello"), as_bytes("S1"));
  };
  CHECK(!(digest(a) == digest(b)));

  // Such a key, made by hand with Q = (s R - z G) / r for the first worked signature and its digest z: it verifies the
  // digest as such, and yet not the message.
  const Worked& worked = kWorked[0];
  const PublicKey second =
      PublicKey::from_der(from_hex("3059301306072a8648ce3d020106082a8648ce3d03010703420004"
                                   "9985ba117b6a1c20fc8120dea07aa70c7b1386662b9b2ed11405b5f97401a1a2"
                                   "51e82145cbf97f4cfaf10b330cf34d03454a3d5b0d24deb0465f0787b632adbc"))
          .value();
  const security::PkeyContextPtr context =
      security::make_context(*second.handle(), security::HashAlgorithm::kSha256, EVP_PKEY_verify_init);
  const Bytes der = from_hex(
      "304502202f48df3004d8ad7afe4396c4befff44e98ad16b304a2e1559b1c2fe418edca440221009b7f491369"
      "3594bfe54c3308705088db063fb1a1408d55497f792ac125191d14");
  const Bytes z = from_hex(worked.digest);
  CHECK(EVP_PKEY_verify(context.get(), der.data(), der.size(), z.data(), z.size()) == 1);
  CHECK(!second.verify(ecdsa_signature("B1", worked.r, worked.s), "B1", from_hex(worked.message)));
}

TEST_CASE("[A-10] a signature whose hash label was changed is refused") {
  for (const KeyType type : {KeyType::kEcdsa256, KeyType::kEcdsa384, KeyType::kEd25519, KeyType::kRsa2048}) {
    const PrivateKey key = PrivateKey::make(type).value();
    const Signature signature = key.sign("S1", as_bytes("hello")).value();
    for (const char* label : {"SHA256", "SHA384", "SHA512", "SHA1", "", "MD5", "sha512", "garbage"}) {
      Signature other = signature;
      other.Hash = v23::security::Hash(label);
      CAPTURE(label);
      CHECK(key.public_key().verify(other, "S1", as_bytes("hello")).ok() == (signature.Hash == label));
    }
  }
}

TEST_CASE("[A-10] an unknown label is refused even though the digest would fit, as with Go, who takes SHA-512 then") {
  const PrivateKey key = key_of(KeyAlgorithm::kEd25519, 0x44);
  Signature signature = key.sign("S1", as_bytes("hello")).value();
  for (const char* label : {"", "SHA1", "SHA3"}) {
    signature.Hash = v23::security::Hash(label);
    CHECK(key.public_key().verify(signature, "S1", as_bytes("hello")).error().message().find("hash function") !=
          std::string_view::npos);
  }
}

TEST_CASE("a signature made with another of the three hashes than the key's own verifies, as with Go") {
  // Made by signing the digest for SHA-384 with a P-256 key.
  const PrivateKey key = key_of(KeyAlgorithm::kEcdsaP256, 0x11);
  const security::Digest digest =
      security::signing_digest(*key.handle(), security::HashAlgorithm::kSha384, as_bytes("hello"), as_bytes("S1"));
  const security::PkeyContextPtr context =
      security::make_context(*key.handle(), security::HashAlgorithm::kSha384, EVP_PKEY_sign_init);
  Bytes der(100);
  std::size_t size = der.size();
  REQUIRE(EVP_PKEY_sign(context.get(), der.data(), &size, digest.data(), digest.size()) == 1);
  // 30 LL 02 RR R… 02 SS S…
  const std::size_t r_size = der[3];
  Signature signature;
  signature.Purpose = Bytes{'S', '1'};
  signature.Hash = v23::security::SHA384Hash();
  const auto number = [](Bytes bytes) {
    while (bytes[0] == 0) bytes.erase(bytes.begin());
    return bytes;
  };
  signature.R = number(Bytes(der.begin() + 4, der.begin() + 4 + r_size));
  signature.S = number(Bytes(der.begin() + 6 + r_size, der.begin() + size));
  CHECK(key.public_key().verify(signature, "S1", as_bytes("hello")).ok());
}

TEST_CASE("[A-11] a signature with parts of two algorithms, or of another than the key's, is refused") {
  const BytesView message = as_bytes("hello");
  const PrivateKey ecdsa = PrivateKey::make(KeyType::kEcdsa256).value();
  const PrivateKey ed25519 = PrivateKey::make(KeyType::kEd25519).value();
  const PrivateKey rsa = PrivateKey::make(KeyType::kRsa2048).value();
  const Signature parts[] = {ecdsa.sign("S1", message).value(), ed25519.sign("S1", message).value(),
                             rsa.sign("S1", message).value()};
  const PublicKey keys[] = {ecdsa.public_key(), ed25519.public_key(), rsa.public_key()};
  for (std::size_t own = 0; own < 3; ++own) {
    for (std::size_t other = 0; other < 3; ++other) {
      if (other == own) continue;
      Signature mixed = parts[own];
      if (other == 0) {
        mixed.R = parts[0].R;
        mixed.S = parts[0].S;
      }
      if (other == 1) mixed.Ed25519 = parts[1].Ed25519;
      if (other == 2) mixed.Rsa = parts[2].Rsa;
      CHECK(!keys[own].verify(mixed, "S1", message));
      Signature wrong = parts[other];
      wrong.Hash = parts[own].Hash;
      CHECK(!keys[own].verify(wrong, "S1", message));
    }
    Signature half = parts[own];
    half.S = {1};
    if (own != 0) CHECK(!keys[own].verify(half, "S1", message));
    Signature empty;
    empty.Purpose = parts[own].Purpose;
    empty.Hash = parts[own].Hash;
    CHECK(!keys[own].verify(empty, "S1", message));
  }
}

TEST_CASE("[A-11] an Ed25519 or RSA part that is too short or too long is refused") {
  const BytesView message = as_bytes("hello");
  for (const KeyType type : {KeyType::kEd25519, KeyType::kRsa2048}) {
    const PrivateKey key = PrivateKey::make(type).value();
    const Signature signature = key.sign("S1", message).value();
    for (const int change : {-1, 1}) {
      Signature other = signature;
      Bytes& part = type == KeyType::kEd25519 ? other.Ed25519 : other.Rsa;
      if (change < 0) part.pop_back();
      if (change > 0) part.insert(part.begin(), 0);
      // By our own check, before OpenSSL sees it.
      CHECK(key.public_key().verify(other, "S1", message).error().message().find("part") != std::string_view::npos);
    }
  }
}

// Big endian, of the same size; no carry out of the top.
Bytes sum(Bytes a, const Bytes& b) {
  unsigned carry = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    carry += static_cast<unsigned>(a[i]) + b[i];
    a[i] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
  return a;
}

TEST_CASE("[A-12] R or S that is zero, the order or more, huge, or padded with zeros is refused") {
  for (const KeyType type : {KeyType::kEcdsa256, KeyType::kEcdsa384, KeyType::kEcdsa521}) {
    CAPTURE(to_string(type));
    const PrivateKey key = PrivateKey::make(type).value();
    const Bytes& order = key.handle()->curve()->order;
    const Signature signature = key.sign("S1", as_bytes("hello")).value();
    Bytes beyond = order;
    beyond.back() += 1;
    Bytes padded = signature.R;
    padded.insert(padded.begin(), 0);
    const Bytes bad[] = {{},
                         {0},
                         Bytes(order.size(), 0),
                         order,
                         beyond,
                         Bytes(order.size(), 0xff),
                         Bytes(order.size() + 1, 1),
                         Bytes(5000, 0xff),
                         Bytes(70'000, 0xff)};
    // By our own check, before OpenSSL sees it.
    const auto is_refused = [&](const Signature& other) {
      const Result<void> result = key.public_key().verify(other, "S1", as_bytes("hello"));
      return result.error().message().find("no ECDSA part") != std::string_view::npos ||
             result.error().message().find("R or S") != std::string_view::npos;
    };
    for (const Bytes& number : bad) {
      Signature other = signature;
      other.R = number;
      CHECK(is_refused(other));
      other = signature;
      other.S = number;
      CHECK(is_refused(other));
      other.R = number;
      CHECK(is_refused(other));
    }
    Signature other = signature;
    other.R.insert(other.R.begin(), 0);
    CHECK(!key.public_key().verify(other, "S1", as_bytes("hello")));
    other = signature;
    other.S.insert(other.S.begin(), 0);
    CHECK(!key.public_key().verify(other, "S1", as_bytes("hello")));
  }
}

TEST_CASE("[A-12] S with the order added to it is refused although it is the same number to the curve") {
  const PrivateKey key = PrivateKey::make(KeyType::kEcdsa521).value();
  const Bytes& order = key.handle()->curve()->order;
  const Signature signature = key.sign("S1", as_bytes("hello")).value();
  Bytes s = signature.S;
  s.insert(s.begin(), order.size() - s.size(), 0);
  Signature other = signature;
  other.S = sum(s, order);
  CHECK(!key.public_key().verify(other, "S1", as_bytes("hello")));
}

}  // namespace
}  // namespace nb
