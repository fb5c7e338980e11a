#include "security/chain.h"

#include <array>

#include <nb/base/verror.h>
#include <nb/security/pattern.h>

#include "security/chain_cache.h"
#include "security/key_handle.h"

namespace nb::security {
namespace {

// Of each certificate: its own digest, and that of the chain up to it.
struct Digests {
  HashAlgorithm algorithm;
  Digest content;
  Digest chain;
};

Result<Digests> digests_of(const Certificate& certificate, BytesView previous) {
  const auto algorithm = hash_from_label(certificate.Signature.Hash);
  if (!algorithm) return verror::BadArg("the signature of a certificate names no hash function that is in use");
  const Digest content = content_digest(*algorithm, certificate);
  return Digests{*algorithm, content, chain_digest(*algorithm, previous, content, certificate.Signature)};
}

Error broken(std::size_t index, const Error& why) {
  return verror::BadArg("certificate " + std::to_string(index) + ": " + std::string(why.message()));
}

// The checks of one certificate. `signer` is the key before it, none for the first, which signs itself. Gives its key.
Result<PublicKey> check_certificate(const Certificate& certificate, const PublicKey& signer, const Digest& message) {
  if (auto allowed = check_extension(certificate.Extension); !allowed) return allowed.error();
  auto key = PublicKey::from_der(certificate.PublicKey);
  if (!key) return key;
  const auto& verifier = signer ? signer : *key;
  const auto good = verifier.verify(certificate.Signature, v23::security::SignatureForBlessingCertificates, message);
  if (!good) return good.error();
  return key;
}

}  // namespace

Result<ChainFacts> validate_chain(std::span<const Certificate> chain, ChainCache* cache) {
  const std::size_t n = chain.size();
  if (n == 0) return verror::BadArg("a chain has no certificates");
  if (n > kMaxCertificatesOfChain) return verror::BadArg("a chain has too many certificates");

  ChainFacts facts;
  std::vector<Digests> digests;
  digests.reserve(n);
  for (std::size_t i = 0; i < n; ++i) {
    // Before the cache is asked: these are what digests alone do not tell apart.
    if (auto fits = check_x509(chain[i], i); !fits) return broken(i, fits.error());
    if (auto fits = check_one_kind(chain[i].Signature); !fits) return broken(i, fits.error());
    auto next = digests_of(chain[i], facts.digest);
    if (!next) return broken(i, next.error());
    facts.digest = next->chain;
    facts.uses_x509 = facts.uses_x509 || !chain[i].X509Raw.empty();
    digests.push_back(*next);
  }

  std::array<ChainKey, kMaxCertificatesOfChain> keys;
  std::size_t known = 0;
  if (cache) {
    for (std::size_t i = 0; i < n; ++i) keys[i] = chain_key(digests[i].chain);
    if (auto found = cache->rep().longest({keys.data(), n})) {
      known = found->length;
      facts.root = found->chain.root;
      facts.last = found->chain.last;
    }
  }

  std::vector<KnownChain> checked;
  for (std::size_t i = known; i < n; ++i) {
    const BytesView previous = i == 0 ? BytesView() : BytesView(digests[i - 1].chain);
    const Digest message = message_to_sign(digests[i].algorithm, previous, digests[i].content);
    auto key = check_certificate(chain[i], facts.last, message);
    if (!key) return broken(i, key.error());
    facts.last = *std::move(key);
    if (i == 0) facts.root = facts.last;
    if (cache) checked.push_back({facts.root, facts.last});
  }
  // Only now, when all of it is known to be good.
  for (std::size_t i = 0; i < checked.size(); ++i) cache->rep().add(keys[known + i], std::move(checked[i]));
  return facts;
}

Result<Digest> sign_certificate(const PrivateKey& key, BytesView previous, Certificate& certificate) {
  if (auto allowed = check_extension(certificate.Extension); !allowed) return allowed.error();
  const HashAlgorithm algorithm = key.public_key().handle()->hash();
  const Digest content = content_digest(algorithm, certificate);
  const Digest message = message_to_sign(algorithm, previous, content);
  auto signature = key.sign(v23::security::SignatureForBlessingCertificates, message);
  if (!signature) return signature.error();
  certificate.Signature = *std::move(signature);
  return chain_digest(algorithm, previous, content, certificate.Signature);
}

std::string claimed_name(std::span<const Certificate> chain) {
  std::string name;
  for (const auto& certificate : chain) {
    if (!name.empty()) name += v23::security::ChainSeparator;
    name += certificate.Extension;
  }
  return name;
}

}  // namespace nb::security
