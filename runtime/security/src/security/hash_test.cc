#include "security/hash.h"

#include <doctest/doctest.h>

#include <string>

namespace nb::security {
namespace {

std::string hex(BytesView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) text += {kDigits[byte >> 4], kDigits[byte & 15]};
  return text;
}

TEST_CASE("the hash of parts is that of their concatenation") {
  const std::string expected = "2bd806c97f0e00af1a1fc3328fa763a9269723c8db8fac4f93af71db186d6e90";
  CHECK(hex(hash(HashAlgorithm::kSha256, {as_bytes("alice")})) == expected);
  CHECK(hex(hash(HashAlgorithm::kSha256, {as_bytes("al"), as_bytes(""), as_bytes("ice")})) == expected);
  Hasher hasher(HashAlgorithm::kSha256);
  hasher.add(as_bytes("ali"));
  hasher.add(as_bytes("ce"));
  CHECK(hex(hasher.finish()) == expected);
}

TEST_CASE("each function has its size, and digests of different functions differ") {
  const Digest d256 = hash(HashAlgorithm::kSha256, {});
  const Digest d384 = hash(HashAlgorithm::kSha384, {});
  const Digest d512 = hash(HashAlgorithm::kSha512, {});
  CHECK(hex(d256).substr(0, 8) == "e3b0c442");
  CHECK(hex(d384).substr(0, 8) == "38b060a7");
  CHECK(hex(d512).substr(0, 8) == "cf83e135");
  CHECK(d256.size() == 32);
  CHECK(d384.size() == 48);
  CHECK(d512.size() == 64);
  CHECK(!(d256 == d384));
  CHECK(d512 == hash(HashAlgorithm::kSha512, {BytesView()}));
}

TEST_CASE("[A-10] only the three labels name a hash function") {
  CHECK(hash_from_label("SHA256") == HashAlgorithm::kSha256);
  CHECK(hash_from_label("SHA384") == HashAlgorithm::kSha384);
  CHECK(hash_from_label("SHA512") == HashAlgorithm::kSha512);
  for (const char* label : {"", "SHA1", "sha256", "SHA-256", "SHA256 ", "SHA512/256", "MD5"}) {
    CAPTURE(label);
    CHECK(!hash_from_label(label));
  }
  CHECK(hash_label(HashAlgorithm::kSha384) == "SHA384");
}

}  // namespace
}  // namespace nb::security
