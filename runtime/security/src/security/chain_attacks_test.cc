// Attacks on chains of certificates (docs/spec/security.md 15): each must end as an error of decoding.
#include <doctest/doctest.h>

#include <nb/security/blessing_names.h>
#include <nb/security/caveat.h>

#include "security/chain.h"
#include "security/testing/forging.h"
#include "security/testing/principals.h"
#include "security/testing/vectors.h"

namespace nb::security {
namespace {

using testing::forge;
using testing::key_of;
using testing::principal_of;
using testing::unsigned_certificate;
using v23::security::WireBlessings;

using CertificateChain = std::vector<Certificate>;

WireBlessings wire_of(std::vector<CertificateChain> chains) { return WireBlessings(std::move(chains)); }

Result<Blessings> read(CertificateChain chain, ChainCache* cache = nullptr) {
  return Blessings::from_wire(wire_of({std::move(chain)}), cache);
}

bool refused_with(const Result<Blessings>& result, std::string_view words) {
  INFO(result.error().message());
  return !result && result.error().message().find(words) != std::string_view::npos;
}

const PrivateKey alice = key_of(0x11);
const PrivateKey user = key_of(0x22);
const PrivateKey mallory = key_of(0x66);

CertificateChain root_of(const PrivateKey& key, std::string name) {
  return forge({}, unsigned_certificate(std::move(name), key.public_key()), key);
}

// alice, and alice:phone with the three caveats of 13.2, signed anew: what the code signs and what it checks agree, so
// a test that fails shows a check that is missing and not only bytes that changed.
CertificateChain made_chain() {
  const auto wire = vom::decode<WireBlessings>(vectors::from_hex(vectors::kTwoLinkBlessings)).value();
  auto leaf = wire.CertificateChains[0][1];
  leaf.Signature = {};
  return forge(root_of(alice, "alice"), leaf, alice);
}

TEST_CASE("[A-1] a chain whose leaf was signed by a key other than the one before it is refused") {
  const auto leaf = unsigned_certificate("phone", mallory.public_key());
  CHECK(read(forge(root_of(alice, "alice"), leaf, alice)));
  CHECK(refused_with(read(forge(root_of(alice, "alice"), leaf, mallory)), "certificate 1"));
  CHECK(refused_with(read(forge({}, unsigned_certificate("alice", alice.public_key()), mallory)), "certificate 0"));
}

TEST_CASE("[A-2] a certificate moved under another root of the same key is refused") {
  auto chain = made_chain();
  CHECK(read(chain));
  chain[0] = root_of(alice, "alicia")[0];
  CHECK(refused_with(read(chain), "certificate 1"));
  // Even under the same name, with another signature of the same key: ECDSA signatures differ from each other.
  chain[0] = root_of(alice, "alice")[0];
  CHECK(refused_with(read(chain), "certificate 1"));
  // And as a root of its own.
  chain.erase(chain.begin());
  CHECK_FALSE(read(chain));
}

TEST_CASE("[A-3] an extension that was changed after signing is refused") {
  for (std::size_t i = 0; i < 2; ++i) {
    auto chain = made_chain();
    chain[i].Extension[0] ^= 1;
    CHECK(refused_with(read(chain), "certificate " + std::to_string(i)));
  }
  auto chain = made_chain();
  chain[1].Extension = "admin";
  CHECK_FALSE(read(chain));
}

TEST_CASE("[A-4] a public key swapped in the leaf is refused") {
  auto chain = made_chain();
  const auto der = mallory.public_key().der();
  chain[1].PublicKey.assign(der.begin(), der.end());
  CHECK(refused_with(read(chain), "certificate 1"));
}

TEST_CASE("[A-5] a chain that lost a caveat is refused") {
  for (std::size_t i = 0; i < 3; ++i) {
    auto chain = made_chain();
    chain[1].Caveats.erase(chain[1].Caveats.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK(refused_with(read(chain), "certificate 1"));
  }
  auto chain = made_chain();
  chain[1].Caveats.clear();
  CHECK_FALSE(read(chain));
}

// What a holder can make of a certificate that ends in a caveat: the digest of a caveat is h(h(id) ‖ h(parameter)),
// that of X509Raw is h(X509Raw), and both stand at the same place of the content.
CertificateChain without_last_caveat(CertificateChain chain, std::size_t i) {
  auto& certificate = chain[i];
  const auto algorithm = *hash_from_label(certificate.Signature.Hash);
  const auto last = certificate.Caveats.back();
  certificate.Caveats.pop_back();
  for (const auto& part : {hash(algorithm, {BytesView(last.Id)}), hash(algorithm, {BytesView(last.ParamVom)})}) {
    certificate.X509Raw.insert(certificate.X509Raw.end(), part.begin(), part.end());
  }
  return chain;
}

TEST_CASE("[A-5] a last caveat that was turned into an X.509 certificate with the same digest is missed") {
  // At the end of a chain, and in a root; with SHA-256 and with SHA-512.
  auto chain = made_chain();
  auto stripped = without_last_caveat(chain, 1);
  REQUIRE(content_digest(HashAlgorithm::kSha256, stripped[1]) == content_digest(HashAlgorithm::kSha256, chain[1]));
  CHECK(refused_with(read(stripped), "has an X.509 certificate"));
  // Not by way of a cache that knows the whole chain, either: the digests of both are the same.
  ChainCache cache;
  REQUIRE(read(chain, &cache));
  CHECK(refused_with(read(stripped, &cache), "has an X.509 certificate"));

  for (const auto& key : {alice, key_of(0x44, KeyAlgorithm::kEd25519)}) {
    const auto certificate =
        unsigned_certificate("alice", key.public_key(), {expiry_caveat(Time(1, 0)), const_caveat(false)});
    const auto root = forge({}, certificate, key);
    REQUIRE(read(root));
    CHECK(refused_with(read(without_last_caveat(root, 0)), "what should be an X.509 certificate"));
  }
}

TEST_CASE("[A-5] only what has the form of an X.509 certificate is taken for one, and only in a root") {
  const auto with_x509 = [](Bytes x509) {
    auto certificate = unsigned_certificate("www.v.io", alice.public_key());
    certificate.X509Raw = std::move(x509);
    return certificate;
  };
  const auto good = testing::shape_of_x509();
  CHECK(read(forge({}, with_x509(good), alice)));
  CHECK(refused_with(read(forge(root_of(alice, "alice"), with_x509(good), alice)), "has an X.509"));
  for (std::size_t i = 0; i < 4; ++i) {
    CAPTURE(i);
    auto bad = good;
    if (i == 0) bad.pop_back();
    if (i == 1) bad.push_back(0);
    if (i == 2) bad[0] = 0x31;
    if (i == 3) bad = {0x30, 0x07, 0x30, 0x00, 0x30, 0x00, 0x03, 0x01, 0x00};
    CHECK(refused_with(read(forge({}, with_x509(bad), alice)), "what should be an X.509"));
  }
}

TEST_CASE("[A-11] a signature with more parts than one is refused also when the chain is known without them") {
  const auto ed25519 = key_of(0x44, KeyAlgorithm::kEd25519);
  for (const auto& key : {alice, ed25519}) {
    ChainCache cache;
    const auto good = root_of(key, "alice");
    REQUIRE(read(good, &cache));
    REQUIRE(cache.size() == 1);
    for (const auto part : {&Signature::R, &Signature::S, &Signature::Ed25519, &Signature::Rsa}) {
      auto bad = good;
      if (!(bad[0].Signature.*part).empty()) continue;
      (bad[0].Signature.*part) = {1, 2, 3};
      CHECK(refused_with(read(bad, &cache), "certificate 0"));
      CHECK(refused_with(read(bad), "certificate 0"));
    }
  }
}

TEST_CASE("[A-6] a caveat whose parameter or id changed, or whose place did, is refused") {
  for (std::size_t i = 0; i < 3; ++i) {
    auto chain = made_chain();
    chain[1].Caveats[i].ParamVom.back() ^= 1;
    CHECK(refused_with(read(chain), "certificate 1"));
    chain = made_chain();
    chain[1].Caveats[i].Id[3] ^= 1;
    CHECK_FALSE(read(chain));
  }
  auto chain = made_chain();
  std::swap(chain[1].Caveats[0], chain[1].Caveats[2]);
  CHECK_FALSE(read(chain));
}

TEST_CASE("[A-7] bytes moved from one field to the next, so that their concatenation stays, are refused") {
  const auto leaf = unsigned_certificate("phone", user.public_key(), {const_caveat(true), const_caveat(true)});
  auto chain = forge(root_of(alice, "alice"), leaf, alice);
  REQUIRE(read(chain));
  auto& moved = chain[1];
  // The last byte of the extension into the id of the first caveat, and one byte on from there.
  moved.Caveats[0].ParamVom.insert(moved.Caveats[0].ParamVom.begin(), moved.Caveats[0].Id.back());
  std::move_backward(moved.Caveats[0].Id.begin(), moved.Caveats[0].Id.end() - 1, moved.Caveats[0].Id.end());
  moved.Caveats[0].Id[0] = 'e';
  moved.Extension = "phon";
  CHECK(refused_with(read(chain), "certificate 1"));

  // Two caveats become one with the same bytes.
  chain[1] = forge(root_of(alice, "alice"), leaf, alice)[1];
  chain = forge(root_of(alice, "alice"), leaf, alice);
  auto& joined = chain[1].Caveats;
  joined[0].ParamVom.insert(joined[0].ParamVom.end(), joined[1].Id.begin(), joined[1].Id.end());
  joined[0].ParamVom.insert(joined[0].ParamVom.end(), joined[1].ParamVom.begin(), joined[1].ParamVom.end());
  joined.pop_back();
  CHECK_FALSE(read(chain));
}

TEST_CASE("[A-8] a signature made for messages or discharges does not sign a certificate") {
  for (const auto* purpose : {"S1", "D1", "b1", "", "B1x"}) {
    CAPTURE(purpose);
    auto chain = made_chain();
    chain[1].Signature.Purpose = Bytes(as_bytes(purpose).begin(), as_bytes(purpose).end());
    CHECK_FALSE(read(chain));
  }
  const auto leaf = unsigned_certificate("phone", mallory.public_key());
  for (const auto* purpose : {"S1", "D1"}) {
    CAPTURE(purpose);
    auto chain = forge(root_of(alice, "alice"), leaf, alice, purpose);
    CHECK_FALSE(read(chain));
    chain[1].Signature.Purpose = {'B', '1'};
    CHECK_FALSE(read(chain));
  }
  // What alice signs as a message, at somebody's wish, is exactly what would make a certificate.
  auto chain = root_of(alice, "alice");
  auto certificate = leaf;
  certificate.Signature = principal_of(alice)->sign(testing::message_for(chain, leaf, alice.public_key())).value();
  chain.push_back(certificate);
  CHECK_FALSE(read(chain));
  chain[1].Signature.Purpose = {'B', '1'};
  CHECK_FALSE(read(chain));
}

TEST_CASE("[A-10] a certificate whose signature names another hash function, or none, is refused") {
  for (const auto* label : {"SHA512", "SHA384", "SHA1", "MD5", "sha256", "", "SHA256 "}) {
    for (std::size_t i = 0; i < 2; ++i) {
      CAPTURE(label);
      auto chain = made_chain();
      chain[i].Signature.Hash = v23::security::Hash(std::string(label));
      CHECK_FALSE(read(chain));
    }
  }
}

TEST_CASE("[A-10] an unknown label does not stand for SHA-512, with which the signature would be good") {
  const auto ed25519 = key_of(0x44, KeyAlgorithm::kEd25519);
  const auto good = root_of(ed25519, "ed");
  CHECK(read(good));
  for (const auto* label : {"SHA1", "", "MD5", "sha512", "SHA-512", "SHA256", "SHA384"}) {
    CAPTURE(label);
    auto chain = good;
    chain[0].Signature.Hash = v23::security::Hash(std::string(label));
    CHECK_FALSE(read(chain));
  }
}

TEST_CASE("[A-14] no chains are zero blessings; a chain without certificates is refused") {
  CHECK(Blessings::from_wire(WireBlessings()).value().is_zero());
  CHECK(refused_with(Blessings::from_wire(wire_of({{}})), "no certificates"));
  CHECK(refused_with(Blessings::from_wire(wire_of({{}, {}})), "no certificates"));
  CHECK(refused_with(Blessings::from_wire(wire_of({made_chain(), {}})), "no certificates"));
  CHECK(refused_with(Blessings::from_wire(wire_of({{}, made_chain()})), "no certificates"));
  CHECK_FALSE(Blessings::from_wire(wire_of({{Certificate()}})));
  CHECK_FALSE(Blessings::from_wire(wire_of({{Certificate(), Certificate()}})));
  CHECK_FALSE(validate_chain({}, nullptr));
}

TEST_CASE("[A-15] chains that end in different keys are refused") {
  const auto one = root_of(alice, "alice");
  const auto other = root_of(mallory, "mallory");
  CHECK(Blessings::from_wire(wire_of({one, one})));
  CHECK(refused_with(Blessings::from_wire(wire_of({one, other})), "different keys"));
  CHECK(refused_with(Blessings::from_wire(wire_of({one, one, made_chain()})), "different keys"));
}

TEST_CASE("[A-16] what looks like a key alone, but has a name, a caveat or half a signature, is refused") {
  const auto bare = unsigned_certificate("", mallory.public_key());
  REQUIRE(read({bare}));
  CHECK(read({bare})->is_nameless());
  auto named = bare;
  named.Extension = "alice";
  CHECK_FALSE(read({named}));
  auto with_caveat = bare;
  with_caveat.Caveats.push_back(const_caveat(true));
  CHECK_FALSE(read({with_caveat}));
  auto with_x509 = bare;
  with_x509.X509Raw = {1};
  CHECK_FALSE(read({with_x509}));
  auto with_purpose = bare;
  with_purpose.Signature.Purpose = {'B', '1'};
  CHECK_FALSE(read({with_purpose}));
  auto with_hash = named;
  with_hash.Signature.Hash = v23::security::SHA256Hash();
  CHECK_FALSE(read({with_hash}));
  // Two of them, or one behind a chain.
  CHECK_FALSE(Blessings::from_wire(wire_of({{bare}, {bare}})));
  CHECK_FALSE(Blessings::from_wire(wire_of({{bare, bare}})));
  auto chain = root_of(alice, "alice");
  chain.push_back(bare);
  CHECK_FALSE(read(chain));
  // No key, or a broken one.
  CHECK_FALSE(read({Certificate()}));
  auto broken = bare;
  broken.PublicKey.pop_back();
  CHECK_FALSE(read({broken}));
}

TEST_CASE("[A-28] a signed certificate with an extension that would cut or join names is refused") {
  for (const auto* bad :
       {"", ":", ":b", "b:", "a::b", "$", "...", "a...", "a/b", "a,b", "a@@b", "(a", "a)", "<a", "a>"}) {
    CAPTURE(bad);
    CHECK_FALSE(read(root_of(alice, bad)));
    CHECK_FALSE(read(forge(root_of(alice, "alice"), unsigned_certificate(bad, user.public_key()), alice)));
    CHECK_FALSE(principal_of(alice)->bless_self(bad));
    const auto self = principal_of(alice)->bless_self("alice").value();
    CHECK_FALSE(principal_of(alice)->bless(user.public_key(), self, bad, unconstrained_use()));
  }
  for (const auto* good : {"a:b", "a@b", "a b", "a:$", "\xc3\xa9"}) {
    CAPTURE(good);
    CHECK(read(forge(root_of(alice, "alice"), unsigned_certificate(good, user.public_key()), alice)));
  }
}

TEST_CASE("[A-44] blessings beyond the bounds are refused before any signature is checked") {
  const auto one = root_of(alice, "alice");
  CHECK(Blessings::from_wire(wire_of(std::vector<CertificateChain>(kMaxChains, one))));
  CHECK(refused_with(Blessings::from_wire(wire_of(std::vector<CertificateChain>(kMaxChains + 1, one))), "chains"));

  CertificateChain long_chain = one;
  ChainCache cache;
  while (long_chain.size() < kMaxCertificatesOfChain) {
    long_chain = forge(std::move(long_chain), unsigned_certificate("a", alice.public_key()), alice);
  }
  CHECK(read(long_chain, &cache));
  CHECK(Blessings::from_wire(wire_of({long_chain, long_chain, long_chain, long_chain}), &cache));
  CHECK(refused_with(Blessings::from_wire(wire_of({long_chain, long_chain, long_chain, long_chain, one}), &cache),
                     "too many certificates"));
  auto longer = forge(long_chain, unsigned_certificate("a", alice.public_key()), alice);
  CHECK(refused_with(read(longer, &cache), "too many certificates"));
  CHECK_FALSE(validate_chain(longer, &cache));

  const auto with_caveats = [](std::size_t n) {
    return forge({}, unsigned_certificate("alice", alice.public_key(), std::vector<Caveat>(n, const_caveat(true))),
                 alice);
  };
  CHECK(read(with_caveats(kMaxCaveats)));
  CHECK(refused_with(read(with_caveats(kMaxCaveats + 1)), "too many caveats"));

  CHECK(read(root_of(alice, std::string(kMaxBytes - 1024, 'a'))));
  CHECK(refused_with(read(root_of(alice, std::string(kMaxBytes, 'a'))), "too large"));
  Caveat large = const_caveat(true);
  large.ParamVom.resize(kMaxBytes);
  CHECK(refused_with(read(forge({}, unsigned_certificate("alice", alice.public_key(), {large}), alice)), "too large"));

  // Nobody makes by hand what nobody would read.
  const auto principal = principal_of(alice);
  const auto full = read(long_chain).value();
  CHECK_FALSE(principal->bless(user.public_key(), full, "a", unconstrained_use()));
}

TEST_CASE("[A-53] the name of a chain that stands on X.509 is not believed") {
  auto certificate = unsigned_certificate("www.v.io", alice.public_key());
  certificate.X509Raw = testing::shape_of_x509();
  const auto root = forge({}, certificate, alice);
  const auto blessings = read(root);
  REQUIRE(blessings);
  const auto principal = principal_of(mallory);
  REQUIRE(principal->roots().add(alice.public_key(), BlessingPattern("www.v.io")));
  const auto call = testing::call_of(principal, *blessings);
  const auto names = remote_blessing_names(Context(), call);
  CHECK(names.valid.empty());
  REQUIRE(names.rejected.size() == 1);
  CHECK(names.rejected[0].Blessing == "www.v.io");
  CHECK(v23::security::UnrecognizedRoot.matches(*names.rejected[0].Err));
  CHECK(names.rejected[0].Err->message().find("X.509") != std::string_view::npos);
  CHECK_FALSE(principal->add_to_roots(*blessings));
  // What is built on it neither, and the part that stands on X.509 is signed like all others.
  const auto longer = read(forge(root, unsigned_certificate("a", user.public_key()), alice));
  REQUIRE(longer);
  CHECK(remote_blessing_names(Context(), testing::call_of(principal, *longer)).valid.empty());
  auto changed = root;
  changed[0].X509Raw.back() ^= 1;
  CHECK_FALSE(read(changed));
  changed[0].X509Raw.clear();
  CHECK_FALSE(read(changed));
}

TEST_CASE("[A-54] the cache of chains holds no failures and takes no wrong chain for a right one") {
  ChainCache cache;
  const auto good = made_chain();
  auto bad = good;
  bad[1].Extension = "admin";
  auto bad_signature = good;
  bad_signature[1].Signature.S[0] ^= 1;
  auto bad_root = good;
  bad_root[0].Signature.R[5] ^= 1;
  CHECK_FALSE(read(bad, &cache));
  CHECK_FALSE(read(bad_signature, &cache));
  CHECK(cache.size() == 0);
  CHECK(read(good, &cache));
  CHECK(cache.size() == 2);
  CHECK_FALSE(read(bad, &cache));
  CHECK_FALSE(read(bad_signature, &cache));
  CHECK_FALSE(read(bad_root, &cache));
  CHECK(cache.size() == 2);
  const auto cached = read(good, &cache);
  REQUIRE(cached);
  CHECK(*cached == read(good).value());
  CHECK(cached->public_key() == user.public_key());
  CHECK(cached->roots()[0].public_key() == alice.public_key());

  // A known beginning does not vouch for what follows.
  const auto leaf = unsigned_certificate("tv", mallory.public_key());
  CHECK_FALSE(read(forge({good[0]}, leaf, mallory), &cache));
  CHECK(cache.size() == 2);
  const auto other = read(forge({good[0]}, leaf, alice), &cache);
  REQUIRE(other);
  CHECK(other->public_key() == mallory.public_key());
  CHECK(cache.size() == 3);
}

TEST_CASE("the cache of chains is bounded") {
  ChainCache cache(4);
  for (int i = 0; i < 20; ++i) {
    const auto chain = root_of(alice, "a" + std::to_string(i));
    CHECK(read(chain, &cache));
    CHECK(read(chain, &cache));
    CHECK(cache.size() <= 4);
  }
  CHECK(cache.size() == 4);
  ChainCache none(0);
  CHECK(read(made_chain(), &none));
  CHECK(none.size() == 0);
}

}  // namespace
}  // namespace nb::security
