// Digests of certificates: what is signed, and what stands for a chain (docs/spec/security.md 3.3 and 4.2).
//
// Every field is hashed on its own before digests are joined, so no byte can move from one field to another ([A-7]).
#pragma once

#include <nb/base/bytes.h>
#include <nb/base/result.h>
#include <nb/security/blessings.h>

#include "security/hash.h"

namespace nb::security {

using v23::security::Certificate;
using v23::security::Signature;

Digest signature_digest(HashAlgorithm algorithm, const Signature& signature);

Digest content_digest(HashAlgorithm algorithm, const Certificate& certificate);
// The message that is signed for a certificate with this content behind a chain with digest `previous`; of the first
// certificate `previous` is empty.
Digest message_to_sign(HashAlgorithm algorithm, BytesView previous, const Digest& content);
// The digest of the chain that ends in this certificate.
Digest chain_digest(HashAlgorithm algorithm, BytesView previous, const Digest& content, const Signature& signature);

}  // namespace nb::security
