#include <nb/security/private_key.h>

#include <doctest/doctest.h>

#include <string>

#include "security/pem.h"
#include "security/private_key_pem.h"
#include "security/testing/bytes.h"
#include "security/testing/go_keys.h"

namespace nb {
namespace {

using security::from_hex;
using security::to_hex;

const KeyType kAll[] = {KeyType::kEcdsa256, KeyType::kEcdsa384, KeyType::kEcdsa521, KeyType::kEd25519,
                        KeyType::kRsa2048};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST_CASE("kinds of keys have names, and a wrong name is answered with the right ones") {
  for (const KeyType type : kAll) CHECK(key_type_from_string(to_string(type)).value() == type);
  CHECK(key_type_from_string("rsa4096").value() == KeyType::kRsa4096);
  CHECK(key_type_from_string("dsa").error().message().find("ecdsa256, ecdsa384") != std::string_view::npos);
}

TEST_CASE("keys of every kind survive PEM, plain and encrypted") {
  const Passphrase passphrase("correct horse");
  for (const KeyType type : kAll) {
    CAPTURE(to_string(type));
    const PrivateKey key = PrivateKey::make(type).value();
    const std::string plain = key.to_pem().value();
    CHECK(plain.rfind("-----BEGIN PRIVATE KEY-----\n", 0) == 0);
    const PrivateKey again = PrivateKey::from_pem(plain).value();
    CHECK(again.public_key() == key.public_key());
    CHECK(key.public_key().verify(again.sign("S1", {}).value(), "S1", {}).ok());
    CHECK(PrivateKey::from_pem(plain, passphrase).value().public_key() == key.public_key());
    const std::string encrypted = security::write_encrypted(key, passphrase, 1000).value();
    CHECK(encrypted.rfind("-----BEGIN ENCRYPTED PRIVATE KEY-----\n", 0) == 0);
    CHECK(PrivateKey::from_pem(encrypted, passphrase).value().public_key() == key.public_key());
    CHECK(!(security::write_encrypted(key, passphrase, 1000).value() == encrypted));  // another salt
  }
}

TEST_CASE("a key is encrypted with as many rounds as the header says") {
  const PrivateKey key = PrivateKey::make().value();
  const Passphrase passphrase("correct horse");
  const std::string pem = key.to_pem(passphrase).value();
  CHECK(!security::read_private_key(pem, passphrase, 599'999));
  CHECK(security::read_private_key(pem, passphrase, 600'000).value().public_key() == key.public_key());
}

TEST_CASE("raw keys are those of the curve or the seed, and no others") {
  const auto from = [](KeyAlgorithm algorithm, const Bytes& bytes) { return PrivateKey::from_raw(algorithm, bytes); };
  CHECK(from(KeyAlgorithm::kEcdsaP256, Bytes(32, 0x11)).ok());
  CHECK(from(KeyAlgorithm::kEcdsaP384, Bytes(48, 0x11)).ok());
  CHECK(from(KeyAlgorithm::kEcdsaP521, Bytes(66, 0x01)).ok());
  CHECK(!from(KeyAlgorithm::kEcdsaP256, Bytes(31, 0x11)));
  CHECK(!from(KeyAlgorithm::kEcdsaP256, Bytes(33, 0x11)));
  CHECK(!from(KeyAlgorithm::kEcdsaP256, Bytes(32, 0)));
  CHECK(!from(KeyAlgorithm::kEcdsaP256, Bytes(32, 0xff)));
  CHECK(!from(KeyAlgorithm::kEcdsaP256, from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")));
  CHECK(from(KeyAlgorithm::kEcdsaP256, from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550"))
            .ok());
  CHECK(!from(KeyAlgorithm::kEd25519, Bytes(31, 1)));
  CHECK(!from(KeyAlgorithm::kEd25519, Bytes(64, 1)));
  CHECK(!from(KeyAlgorithm::kRsa, Bytes(32, 1)));
}

TEST_CASE("[A-51] a missing passphrase and a wrong one are told apart") {
  const std::string pem = security::write_encrypted(PrivateKey::make().value(), Passphrase("right"), 1000).value();
  CHECK(PassphraseRequired.matches(PrivateKey::from_pem(pem).error()));
  CHECK(PassphraseRequired.matches(PrivateKey::from_pem(pem, Passphrase("")).error()));
  CHECK(BadPassphrase.matches(PrivateKey::from_pem(pem, Passphrase("wrong")).error()));
  CHECK(BadPassphrase.matches(PrivateKey::from_pem(pem, Passphrase("right ")).error()));
  CHECK(PrivateKey::from_pem(pem, Passphrase("right")).ok());
  CHECK(!PrivateKey::make().value().to_pem(Passphrase("")));
}

// Made with `openssl`; the passphrase is "secret".
const std::string kSec1 = R"(-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIHrIkUH7LTePeCYqolcxMNfG8zalOdQVP4B0QyYEOrtHoAoGCCqGSM49
AwEHoUQDQgAEzge+ygLlNR9ghm+NtW9XxMIPCD3kbxKVd1ZyK0tRCVZs7btxxLea
5C6HH2PewHJ9vK1A8HoPORiNwpG6K3sAdw==
-----END EC PRIVATE KEY-----
)";
const std::string kSec1Encrypted = R"(-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-256-CBC,38570936CC03621946BD394B6E2F49CA

3/BxoI2YYcqoq1F1OiON4qNRpoypaKIerZ8xKDaPcBRklp33PlLiVycq7Dn1XOKY
yTvy44VJ0bx5h/q83w0cqg84Qhfsu2HTLmIwOJlfnZfa+UVQaiMztWOz3+nxow4M
6o+MUBiFPXRQ23JoPsnDXjZKTbvNco0jf/FUuVtP/NU=
-----END EC PRIVATE KEY-----
)";
const std::string kPbes2Sha1 = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHeMEkGCSqGSIb3DQEFDTA8MBsGCSqGSIb3DQEFDDAOBAgb8klsdWbv/QICCAAw
HQYJYIZIAWUDBAECBBDCQf7m02sENS57vK7wixPzBIGQDeUbuF5BaY3c+Zoouvc0
QctMEJYI9Xhkcl796qsqy1Ucmm+dYHKHpjvPLAwnG9+Ys95QzD88IP1QWjbWZXSs
K70BKjoReSNaQ7RZl+ulmT0IfBCBjDoZ/onw609KkLbQ0wDh2Mhe5HV3gwIBjuxq
3Gy8yBcIi4A0oAZnLFkjk24n7yt636EFbaPcnaLLfwIN
-----END ENCRYPTED PRIVATE KEY-----
)";
const std::string kPbes2Sha512 = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgT0Lu7oLZZ3QICCAAw
DAYIKoZIhvcNAgsFADAdBglghkgBZQMEASoEEI0+kaJsNHcjygDB3oDzG4AEgZDp
agWmHRxhF4uMZ8pqaa/aQzm4w+m4RY4Oa8qO9l6lgYebinjswRpIPPE8Kk5VV8gy
Doli9D/pfe54vIrcsCIMpDf/TedXbBdHio3GlmeEVe0FemmfroOStLjtRQZ8lk+e
TQYpVzAMPYQYC55irjvsGq29PISeV9oH29t7k/Qj290y+n2nEJiTwDYYWZW96gQ=
-----END ENCRYPTED PRIVATE KEY-----
)";
const std::string kScrypt = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHkME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAhe7byM4j4jaQICBAAC
AQgCAQEwHQYJYIZIAWUDBAEqBBAusOBIuVKb06Ezyx2dnFDNBIGQ9ZdOrSX1OUCh
salSG8ISjB77zrbwPFZKvd6lRZZ96RadXHo9IZc9naAsqhM7NqiLCRpyFE/tG8vM
P0FQA3HRWC2oBm1JtmRJO0fN8lY8j5JdC7j5YsuhZuFYq5t02B8v3Nk9jBvA/byN
tuEoiOInh9womM9Mm7dD3cSA2fgpRNJIvEdq3NQMZXW+Zwlc3fbG
-----END ENCRYPTED PRIVATE KEY-----
)";
const std::string kPbes1 = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGxMBwGCiqGSIb3DQEMAQMwDgQI6r9qMq9vpe8CAggABIGQYNF56+jCntumAOpj
5uXHog75GhSp7sIvStnAkLegNc/AzHA1G3vduOc2vnIkC35UJz/94rEXEHVqsA7G
XVPsZkMgK7K8ZV5EfpZ1h0QZeAvKb55pW0LnQTIPWnA+6aw0hX/K7BCsUJNdVGet
UyL7SLDijwaL0eXDkTofJxmiw1v0as31toPbBypjyYWjSGfn
-----END ENCRYPTED PRIVATE KEY-----
)";
const std::string kX25519 = R"(-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VuBCIEIBC+KUEf0bygj0bp5C1KFAkxkkRxCPE4D/Vb9lyq7KBg
-----END PRIVATE KEY-----
)";
const std::string kRsa1024 = R"(-----BEGIN RSA PRIVATE KEY-----
MIICXQIBAAKBgQDFZQQ+brHctNVJiHKMLkz18zLeuu3nuVDa6QbRyHjDKmbalkOO
okI5PQsGvChTNIy+P0p2XMH2Zmwb+xdeyYgQ/KQlYcOSW8mZR8FFPVCQZoTOAqnB
35r+GpFcyEQvGWt8pNbShJHxgGYmYR2QQF2OwIMQzkMSusSmldi/Af353wIDAQAB
AoGAAorGfzdVuw3pIUVMlFmUTCaRpSSrI6zTSb5uhA0c4QaOxIni3NdiGvKaTb/m
lQu8NEcEYnnXVaEEC2g0aNgXlHqYQA+CK3AT74s5F3MpkB8vErwM4B3xh0CIhBhw
ewyq6hQpwO0NFxhGjHBwJ8dulpylcg2t/RsWrlpLIW/4bQECQQD8ZdwI0UOF7sw6
tA/pBQ6f/ew6KwhPsW780LJHFwXXk2qCx+YIMR2d+SMR4IYTNoEwiaXHywscxOW1
8buRq0H/AkEAyDYzlO783VMHiwn4lre0gZ1aKazHRDDHg7zV5H1kW/C3aufEz3t5
sC7rWfo+eN7Zn7q48J4Cb/WcLlCmSiWIIQJBAORS6Of5FpJUYeBA/5uWfZJyTH6a
axxcsMB3sq7ovtoze0jvuMJ0XAyKUhVb/S3oQpo8CwJgRZ8y53LeSQYP3NUCQCv5
08yjzcDjauW8U/Du+uP5ZwN+Yup0eG5UPPsKG9AiCHef3tff/DOZqrJByBUOheiS
v+qCGnDzFtIJfu0MX2ECQQCwJB1Ah+caMmnnOsQnjNpdUURkso4/gvCj8ljJjnSr
ti2XITbwlCQObCwi6qq0oypQQ31oDLwOBoE87bfnJvpe
-----END RSA PRIVATE KEY-----
)";
// Asks for 2^31-1 rounds.
const std::string kManyRounds = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHuMFkGCSqGSIb3DQEFDTBMMCsGCSqGSIb3DQEFDDAeBAhJQBie4pQajwIEf///
/zAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQ0BeyFKydh74XZhIr+8tyVwSB
kI3oxr0D7bz3oWizbsHSaSEQMNOMIxygvq4at2vyGcqx+jyzaCMnVAs/nqUGEE5C
cJ3XzS8fKH2AYg5u6ngCV6Slew/Kq/EKgafPNgqTaDJIodRpymMJhNfQd9hMIrFa
zNle7tcl5wqDHmPoUTDBHkH/wpJ37YCcME6qspQjjSDX6z3nogGHkL55XhOtME8b
jQ==
-----END ENCRYPTED PRIVATE KEY-----
)";

TEST_CASE("[A-51] SEC1 keys are read, also with the old encryption by headers") {
  CHECK(PrivateKey::from_pem(kSec1).ok());
  CHECK(PassphraseRequired.matches(PrivateKey::from_pem(kSec1Encrypted).error()));
  CHECK(BadPassphrase.matches(PrivateKey::from_pem(kSec1Encrypted, Passphrase("wrong")).error()));
  CHECK(BadPassphrase.matches(PrivateKey::from_pem(kSec1Encrypted, Passphrase(std::string(5000, 'x'))).error()));
  CHECK(PrivateKey::from_pem(kSec1Encrypted, Passphrase("secret")).value().public_key() ==
        PrivateKey::from_pem(kSec1).value().public_key());
  const std::string unknown = replaced(kSec1Encrypted, "AES-256-CBC", "ROT-13");
  CHECK(!PrivateKey::from_pem(unknown, Passphrase("secret")));
}

TEST_CASE("PBES2 as other programs write it is read") {
  const PublicKey key = PrivateKey::from_pem(kSec1).value().public_key();
  CHECK(PrivateKey::from_pem(kPbes2Sha1, Passphrase("secret")).value().public_key() == key);
  CHECK(PrivateKey::from_pem(kPbes2Sha512, Passphrase("secret")).value().public_key() == key);
}

TEST_CASE(
    "[A-51] ways of encryption that are not used, and numbers of rounds that take for ever, are refused before any "
    "work") {
  const auto refusal = [](const std::string& pem, long rounds = security::kMaxPbkdf2Rounds) {
    return std::string(security::read_private_key(pem, Passphrase("secret"), rounds).error().message());
  };
  CHECK(refusal(kScrypt).find("only PBES2") != std::string::npos);
  CHECK(refusal(kPbes1).find("only PBES2") != std::string::npos);
  CHECK(refusal(kPbes2Sha512, 2047).find("too many rounds") != std::string::npos);
  CHECK(refusal(kPbes2Sha512, 2048).empty());
  CHECK(refusal(kManyRounds).find("too many rounds") != std::string::npos);
}

TEST_CASE("[A-51] every truncation of a PEM text is refused") {
  const PrivateKey key = PrivateKey::make(KeyType::kEd25519).value();
  const std::string plain = key.to_pem().value();
  // Up to the last dashes; the end of the line may be missing.
  for (std::size_t size = 0; size < plain.size() - 1; ++size) {
    CAPTURE(size);
    CHECK(!PrivateKey::from_pem(plain.substr(0, size)));
  }
  CHECK(PrivateKey::from_pem(plain.substr(0, plain.size() - 1)).ok());
}

TEST_CASE("[A-51] what is there instead of a key is named") {
  const auto refusal = [](const std::string& pem) { return std::string(PrivateKey::from_pem(pem).error().message()); };
  CHECK(refusal("").find("no whole PEM block") != std::string::npos);
  CHECK(refusal(PrivateKey::make().value().public_key().pem()).find("PUBLIC KEY") != std::string::npos);
  CHECK(
      refusal("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n").find("not supported") !=
      std::string::npos);
  CHECK(refusal("-----BEGIN VANADIUM INDIRECT PRIVATE KEY-----\nAAAA\n-----END VANADIUM INDIRECT PRIVATE KEY-----\n")
            .find("not supported") != std::string::npos);
  CHECK(refusal(std::string(70'000, '\n')).find("64 KiB") != std::string::npos);
  const std::string block = PrivateKey::make().value().public_key().pem();
  std::string many;
  for (int i = 0; i < 20; ++i) many += block;
  CHECK(refusal(many).find("16 blocks") != std::string::npos);
  CHECK(refusal(kX25519).find("kind") != std::string::npos);
  CHECK(refusal(kRsa1024).find("1024") != std::string::npos);
}

TEST_CASE("[A-51] bytes behind the key, inside the block, are refused") {
  const PrivateKey key = PrivateKey::make(KeyType::kEd25519).value();
  const std::string pem = key.to_pem().value();
  const auto blocks = security::read_pem(pem);
  Bytes content = blocks->front().content;
  CHECK(PrivateKey::from_pem(security::write_pem("PRIVATE KEY", content)).ok());
  content.push_back(0);
  CHECK(!PrivateKey::from_pem(security::write_pem("PRIVATE KEY", content)));
}

TEST_CASE("[A-51] a private key whose public part is another's is refused") {
  // SEC1: SEQUENCE { 1, OCTET STRING scalar, [0] P-256, [1] BIT STRING point }, with the scalar 0x11… and either point.
  const std::string head = "30770201010420" + std::string(64, '1') + "a00a06082a8648ce3d030107a14403420004";
  const std::string own =
      "0217e617f0b6443928278f96999e69a23a4f2c152bdf6d6cdf66e5b80282d4ed194a7debcb97712d2dda3ca85aa8765a56f45fc758599652"
      "f2897c65306e5794";
  const std::string other =
      "d65a93977caa3d1b081852ff57a79e465f1660577304baead505dd3a48589cf350185e895372df6221ea3a137557e473fddb6755f05bd507"
      "c3c533fce9c91285";
  CHECK(PrivateKey::from_pem(security::write_pem("EC PRIVATE KEY", from_hex(head + own))).ok());
  CHECK(!PrivateKey::from_pem(security::write_pem("EC PRIVATE KEY", from_hex(head + other))));
}

TEST_CASE("the first private key of a text is taken, other blocks are passed over") {
  const PrivateKey a = PrivateKey::make(KeyType::kEd25519).value();
  const PrivateKey b = PrivateKey::make(KeyType::kEd25519).value();
  const std::string text = b.public_key().pem() + a.to_pem().value() + b.to_pem().value();
  CHECK(PrivateKey::from_pem(text).value().public_key() == a.public_key());
}

TEST_CASE("a passphrase is copied whole and can be replaced") {
  Passphrase a("one");
  const Passphrase b(std::string(100, 'b'));
  CHECK(a.text() == "one");
  a = b;
  CHECK(a.text() == b.text());
  a = Passphrase();
  CHECK(!a.given());
  CHECK(a.text().empty());
  CHECK(Passphrase("").given());
}

}  // namespace
}  // namespace nb
