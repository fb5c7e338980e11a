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
// Whether the parts are those of one algorithm, and whole: signature_digest() does not look at the others.
Result<void> check_one_kind(const Signature& signature);

// What stands in X509Raw, at this place of a chain, must not be the digests of a caveat: h( h(Id) ‖ h(ParamVom) ) and
// h( X509Raw ) stand at the same place of the content, so whoever holds a certificate could put the two digests of its
// last caveat there and drop the caveat ([A-5]). So only the first certificate may have one, and it must have the form
// of an X.509 certificate, which two digests have not. Nobody checks more of it: its name is never believed ([A-53]).
Result<void> check_x509(const Certificate& certificate, std::size_t index);

// The message that is signed for a certificate with this content behind a chain with digest `previous`; of the first
// certificate `previous` is empty.
Digest message_to_sign(HashAlgorithm algorithm, BytesView previous, const Digest& content);
// The digest of the chain that ends in this certificate.
Digest chain_digest(HashAlgorithm algorithm, BytesView previous, const Digest& content, const Signature& signature);

}  // namespace nb::security
