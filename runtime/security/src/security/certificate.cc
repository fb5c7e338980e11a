#include "security/certificate.h"

#include "security/caveat_digest.h"

namespace nb::security {
namespace {

void append(Bytes& bytes, BytesView more) { bytes.insert(bytes.end(), more.begin(), more.end()); }

}  // namespace

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
