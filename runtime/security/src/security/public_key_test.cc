#include <nb/security/public_key.h>

#include <doctest/doctest.h>

#include <nb/security/private_key.h>

#include "security/der.h"
#include "security/resting_key.h"
#include "security/testing/bytes.h"
#include "security/testing/go_keys.h"

namespace nb {
namespace {

using security::append_der;
using security::append_der_integer;
using security::from_hex;
using security::to_hex;

const std::string kP256 =
    "3059301306072a8648ce3d020106082a8648ce3d030107034200040217e617f0b6443928278f96999e69a23a4f2c152bdf6d6cdf66e5b80282"
    "d4ed194a7debcb97712d2dda3ca85aa8765a56f45fc758599652f2897c65306e5794";
const std::string kEd25519 = "302a300506032b6570032100d759793bbc13a2819a827c76adb6fba8a49aee007f49f2d0992d99b825ad2c48";
const std::string kRsaAlgorithm = "06092a864886f70d0101010500";

Result<PublicKey> parsed(const std::string& hex) { return PublicKey::from_der(from_hex(hex)); }

Bytes element(std::uint8_t tag, BytesView content) {
  Bytes out;
  append_der(out, tag, content);
  return out;
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// An RSA key in DER of these encoded numbers.
Bytes rsa_of(const Bytes& modulus, const Bytes& exponent, const std::string& algorithm = kRsaAlgorithm) {
  const Bytes numbers = element(security::kDerSequence, joined({modulus, exponent}));
  return element(security::kDerSequence, joined({element(security::kDerSequence, from_hex(algorithm)),
                                                 element(security::kDerBitString, joined({{0}, numbers}))}));
}

Bytes integer(BytesView number) {
  Bytes out;
  append_der_integer(out, number);
  return out;
}

// As many bits as asked for, odd.
Bytes modulus_of(std::size_t bits) {
  Bytes number((bits + 7) / 8, 0xa5);
  number[0] = static_cast<std::uint8_t>(1u << ((bits - 1) % 8));
  return number;
}

const Bytes kExponent = {1, 0, 1};

TEST_CASE("keys of every kind come from DER and go back to the same bytes") {
  struct Row {
    KeyType type;
    KeyAlgorithm algorithm;
    std::size_t bits, size;
    const char* hash;
  };
  const Row rows[] = {
      {KeyType::kEcdsa256, KeyAlgorithm::kEcdsaP256, 256, 91, "SHA256"},
      {KeyType::kEcdsa384, KeyAlgorithm::kEcdsaP384, 384, 120, "SHA384"},
      {KeyType::kEcdsa521, KeyAlgorithm::kEcdsaP521, 521, 158, "SHA512"},
      {KeyType::kEd25519, KeyAlgorithm::kEd25519, 256, 44, "SHA512"},
      {KeyType::kRsa2048, KeyAlgorithm::kRsa, 2048, 294, "SHA512"},
  };
  for (const Row& row : rows) {
    CAPTURE(to_string(row.type));
    const PublicKey key = PrivateKey::make(row.type).value().public_key();
    CHECK(key.algorithm() == row.algorithm);
    CHECK(key.bits() == row.bits);
    CHECK(key.der().size() == row.size);
    CHECK(key.hash() == row.hash);
    const PublicKey again = PublicKey::from_der(key.der()).value();
    CHECK(again == key);
    CHECK(to_hex(again.der()) == to_hex(key.der()));
    CHECK(PublicKey::from_pem(key.pem()).value() == key);
    CHECK(!(key == PrivateKey::make(KeyType::kEcdsa256).value().public_key()));
  }
  CHECK(!PublicKey());
  CHECK(PublicKey() == PublicKey());
  CHECK(PublicKey().der().empty());
}

TEST_CASE("[A-13] truncated, extended and unknown forms of keys are refused") {
  for (const std::string& whole : {kP256, kEd25519, to_hex(rsa_of(integer(modulus_of(2048)), integer(kExponent)))}) {
    REQUIRE(parsed(whole).ok());
    for (std::size_t size = 0; size < whole.size(); size += 2) CHECK(!parsed(whole.substr(0, size)));
    CHECK(!parsed(whole + "00"));
    CHECK(!parsed(whole + whole));
  }
  CHECK(!PublicKey::from_der(Bytes(3000, 0x30)));
  // The curves P-224 and secp256k1, X25519, and a DSA-like algorithm.
  CHECK(
      !parsed("304e301006072a8648ce3d020106052b81040021033a0004b70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21"
              "bd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34"));
  CHECK(
      !parsed("3056301006072a8648ce3d020106052b8104000a0342000479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b"
              "16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"));
  CHECK(!parsed("302a300506032b656e032100d759793bbc13a2819a827c76adb6fba8a49aee007f49f2d0992d99b825ad2c48"));
}

TEST_CASE("[A-13] a point that is off the curve, compressed, hybrid or at infinity is refused") {
  const std::string prefix = kP256.substr(0, 52);
  const std::string x = kP256.substr(54, 64);
  const std::string y = kP256.substr(118, 64);
  REQUIRE(parsed(prefix + "04" + x + y).ok());
  CHECK(!parsed(prefix + "04" + y + x));
  CHECK(!parsed(prefix + "04" + x + y.substr(0, 62) + "95"));
  CHECK(!parsed(prefix + "04" + std::string(128, '0')));
  CHECK(!parsed(prefix + "06" + x + y));  // hybrid, right parity
  CHECK(!parsed(prefix + "07" + x + y));
  CHECK(!parsed("3039301306072a8648ce3d020106082a8648ce3d03010703220002" + x));
  CHECK(!parsed("3039301306072a8648ce3d020106082a8648ce3d03010703220003" + x));
  CHECK(!parsed("3019301306072a8648ce3d020106082a8648ce3d03010703020000"));
  // X = 5 + p, for which there is a point: coordinates are below the prime, or a key would have two forms.
  const std::string y5 = "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc";
  CHECK(parsed(prefix + "04" + std::string(63, '0') + "5" + y5).ok());
  CHECK(!parsed(prefix + "04ffffffff00000001000000000000000000000001000000000000000000000004" + y5));
}

TEST_CASE("[A-13] a curve given by its parameters is refused") {
  // SEQUENCE { 1, prime field, coefficients, generator, order, cofactor } in place of the name of P-256.
  const std::string explicit_curve =
      "3082014b3082010306072a8648ce3d02013081f7020101302c06072a8648ce3d0101022100ffffffff000000010000000000000000000000"
      "00"
      "ffffffffffffffffffffffff305b0420ffffffff00000001000000000000000000000000fffffffffffffffffffffffc04205ac635d8aa3a"
      "93"
      "e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b031500c49d360886e704936a6678e1139d26b7819f7e900441046b17d1f2e1"
      "2c"
      "4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf"
      "51"
      "f5022100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551020101034200" +
      kP256.substr(52);
  CHECK(!parsed(explicit_curve));
}

TEST_CASE("[A-13] Ed25519 keys that everybody can sign for, or with two spellings, are refused") {
  const std::string prefix = kEd25519.substr(0, 24);
  const char* points[] = {
      "0000000000000000000000000000000000000000000000000000000000000000",
      "0000000000000000000000000000000000000000000000000000000000000080",
      "0100000000000000000000000000000000000000000000000000000000000000",
      "0100000000000000000000000000000000000000000000000000000000000080",
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  };
  for (const char* point : points) {
    CAPTURE(point);
    CHECK(!parsed(prefix + point));
  }
}

TEST_CASE("[A-13] RSA keys below 2048 bits or above 8192, and with impossible numbers, are refused") {
  const auto accepted = [](std::size_t bits) {
    return PublicKey::from_der(rsa_of(integer(modulus_of(bits)), integer(kExponent))).ok();
  };
  CHECK(accepted(2048));
  CHECK(accepted(2049));
  CHECK(accepted(8192));
  CHECK(!accepted(512));
  CHECK(!accepted(1024));
  CHECK(!accepted(2047));
  CHECK(!accepted(8193));
  const auto with = [](const Bytes& exponent) {
    return PublicKey::from_der(rsa_of(integer(modulus_of(2048)), integer(exponent))).ok();
  };
  CHECK(with({3}));
  CHECK(with({0x7f, 0xff, 0xff, 0xff}));
  CHECK(!with({1}));
  CHECK(!with({2}));
  CHECK(!with({0}));
  CHECK(!with({0x80, 0, 0, 1}));
  CHECK(!with({1, 0, 0, 0, 1}));
  Bytes even = modulus_of(2048);
  even.back() = 0xa4;
  CHECK(!PublicKey::from_der(rsa_of(integer(even), integer(kExponent))));
}

TEST_CASE("[A-13] an RSA key that is not canonical DER is refused") {
  const Bytes modulus = integer(modulus_of(2048));
  const Bytes exponent = integer(kExponent);
  REQUIRE(PublicKey::from_der(rsa_of(modulus, exponent)).ok());
  const Bytes padded = element(security::kDerInteger, joined({{0}, kExponent}));
  const Bytes negative = element(security::kDerInteger, Bytes{0x81, 0x00, 0x01});
  const Bytes long_length = joined({{0x02, 0x81, 0x03}, kExponent});
  const Bytes empty = {0x02, 0x00};
  for (const Bytes& other : {padded, negative, long_length, empty, Bytes()}) {
    CAPTURE(to_hex(other));
    CHECK(!PublicKey::from_der(rsa_of(modulus, other)));
  }
  CHECK(!PublicKey::from_der(rsa_of(modulus, joined({exponent, exponent}))));
  CHECK(!PublicKey::from_der(rsa_of(modulus, exponent, "06092a864886f70d010101")));      // without NULL
  CHECK(!PublicKey::from_der(rsa_of(modulus, exponent, "06092a864886f70d01010a0500")));  // RSASSA-PSS
  // A bit string that says some of its bits are unused; an indefinite length; a length with a zero in front.
  Bytes whole = rsa_of(modulus, exponent);
  Bytes unused = whole;
  unused[23] = 1;
  CHECK(!PublicKey::from_der(unused));
  Bytes indefinite = whole;
  indefinite[1] = 0x80;
  CHECK(!PublicKey::from_der(indefinite));
  Bytes longer = joined({{0x30, 0x83, 0x00}, Bytes(whole.begin() + 2, whole.end())});
  CHECK(!PublicKey::from_der(longer));
}

TEST_CASE("a key that has rested verifies as before, and so do its copies") {
  for (const KeyType type :
       {KeyType::kEcdsa256, KeyType::kEcdsa384, KeyType::kEcdsa521, KeyType::kEd25519, KeyType::kRsa2048}) {
    CAPTURE(to_string(type));
    const auto key = PrivateKey::make(type).value();
    const auto signature = key.sign("S1", as_bytes("text")).value();
    const PublicKey copy = key.public_key();
    for (int again = 0; again < 2; ++again) {
      security::rest(copy);
      CHECK(key.public_key().verify(signature, "S1", as_bytes("text")));
      CHECK_FALSE(copy.verify(signature, "S1", as_bytes("other text")));
      security::rest(key.public_key());
      CHECK_FALSE(copy.verify(signature, "S1", as_bytes("other text")));
      CHECK(copy.verify(signature, "S1", as_bytes("text")));
      // The private part does not rest with it.
      CHECK(copy.verify(key.sign("S1", as_bytes("more")).value(), "S1", as_bytes("more")));
    }
    CHECK(PublicKey::from_der(copy.der()).value() == copy);
  }
  security::rest(PublicKey());
}

TEST_CASE("[A-55] fingerprints: SHA-256 to compare by, MD5 as Go's tools print it") {
  const PublicKey p256 = parsed(kP256).value();
  const PublicKey ed25519 = parsed(kEd25519).value();
  CHECK(p256.md5_fingerprint() == "85:d8:39:10:1b:b2:86:5b:aa:99:0f:8a:ba:55:1c:dc");
  CHECK(ed25519.md5_fingerprint() == "af:3a:79:37:47:d3:92:75:81:22:41:f2:83:8f:50:11");
  // The hash of 13.1, 76805a63…, in base 64.
  CHECK(p256.fingerprint() == "SHA256:doBaY6aYDBgHVCShPzJ3LQLXxxtJZXVMHOhPWEEiAyc");
  CHECK(!(p256.fingerprint() == ed25519.fingerprint()));
}

TEST_CASE("a public key is found in a PEM text, and what is there instead is named") {
  const PublicKey key = parsed(kEd25519).value();
  CHECK(key.pem() ==
        "-----BEGIN PUBLIC KEY-----\n"
        "MCowBQYDK2VwAyEA11l5O7wTooGagnx2rbb7qKSa7gB/SfLQmS2ZuCWtLEg=\n"
        "-----END PUBLIC KEY-----\n");
  CHECK(PublicKey::from_pem("a remark\n" + key.pem() + "another\n").value() == key);
  CHECK(!PublicKey::from_pem(""));
  CHECK(!PublicKey::from_pem(key.pem().substr(0, 60)));
  const Result<PublicKey> wrong = PublicKey::from_pem(security::go_keys::kEd25519);
  CHECK(wrong.error().message().find("PRIVATE KEY") != std::string_view::npos);
  CHECK(!PublicKey::from_pem(std::string(70000, ' ') + key.pem()));
}

}  // namespace
}  // namespace nb
