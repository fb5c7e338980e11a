#include "security/certificate.h"

#include <nb/base/verror.h>

#include "security/caveat_digest.h"
#include "security/der.h"

namespace nb::security {
namespace {

void append(Bytes& bytes, BytesView more) { bytes.insert(bytes.end(), more.begin(), more.end()); }

// SEQUENCE { SEQUENCE to be signed, SEQUENCE algorithm, BIT STRING signature }, and longer than the digests of a
// caveat.
bool has_form_of_x509(BytesView bytes) {
  constexpr std::size_t kLargestTwoDigests = 128;
  if (bytes.size() <= kLargestTwoDigests) return false;
  DerReader whole(bytes);
  const auto content = whole.take(kDerSequence);
  if (!content || !whole.at_end()) return false;
  DerReader parts(*content);
  return parts.take(kDerSequence) && parts.take(kDerSequence) && parts.take(kDerBitString) && parts.at_end();
}

}  // namespace

Result<void> check_one_kind(const Signature& signature) {
  const bool has_ecdsa = !signature.R.empty() || !signature.S.empty();
  if (has_ecdsa && (signature.R.empty() || signature.S.empty())) return verror::BadArg("the signature has half a part");
  if (has_ecdsa + !signature.Ed25519.empty() + !signature.Rsa.empty() > 1) {
    return verror::BadArg("the signature has parts of more than one algorithm");
  }
  return {};
}

Result<void> check_x509(const Certificate& certificate, std::size_t index) {
  if (certificate.X509Raw.empty()) return {};
  if (index > 0) return verror::BadArg("has an X.509 certificate, which only a root may have");
  if (!has_form_of_x509(certificate.X509Raw)) return verror::BadArg("what should be an X.509 certificate is none");
  return {};
}

Digest signature_digest(HashAlgorithm algorithm, const Signature& signature) {
  const Digest label = hash(algorithm, {as_bytes(signature.Hash)});
  const Digest purpose = hash(algorithm, {signature.Purpose});
  const auto of_one = [&](std::string_view name, const Bytes& part) {
    const Digest kind = hash(algorithm, {as_bytes(name)});
    const Digest value = hash(algorithm, {part});
    return hash(algorithm, {label, purpose, kind, value});
  };
  if (!signature.R.empty()) {
    const Digest kind = hash(algorithm, {as_bytes("ECDSA")});
    const Digest r = hash(algorithm, {signature.R});
    const Digest s = hash(algorithm, {signature.S});
    return hash(algorithm, {label, purpose, kind, r, s});
  }
  if (!signature.Ed25519.empty()) return of_one("ED25519", signature.Ed25519);
  return of_one("RSA", signature.Rsa);
}

Digest content_digest(HashAlgorithm algorithm, const Certificate& certificate) {
  Bytes joined;
  joined.reserve((3 + certificate.Caveats.size()) * hash_size(algorithm));
  append(joined, hash(algorithm, {certificate.PublicKey}));
  append(joined, hash(algorithm, {as_bytes(certificate.Extension)}));
  for (const auto& caveat : certificate.Caveats) append(joined, caveat_digest(algorithm, caveat));
  if (!certificate.X509Raw.empty()) append(joined, hash(algorithm, {certificate.X509Raw}));
  return hash(algorithm, {joined});
}

Digest message_to_sign(HashAlgorithm algorithm, BytesView previous, const Digest& content) {
  if (previous.empty()) return content;
  const Digest before = hash(algorithm, {previous});
  return hash(algorithm, {before, content});
}

Digest chain_digest(HashAlgorithm algorithm, BytesView previous, const Digest& content, const Signature& signature) {
  const Digest of_signature = signature_digest(algorithm, signature);
  const Digest self = hash(algorithm, {content, of_signature});
  if (previous.empty()) return self;
  const Digest before = hash(algorithm, {previous});
  return hash(algorithm, {before, self});
}

}  // namespace nb::security
