// KeyHandle: a key as OpenSSL holds it, with what is worth keeping beside it. What PublicKey and PrivateKey share.
//
// Immutable as far as anyone can see; inside it lends out OpenSSL contexts, which are costly to prepare. Any number of
// threads.
#pragma once

#include <cstddef>
#include <mutex>
#include <vector>

#include <nb/base/bytes.h>
#include <nb/base/result.h>
#include <nb/security/private_key.h>
#include <nb/security/public_key.h>

#include "security/curves.h"
#include "security/hash.h"
#include "security/openssl.h"

namespace nb::security {

// Prepared contexts of one key for one operation, each for one thread at a time.
class ContextPool {
 public:
  PkeyContextPtr take();  // null when none is left: make one
  void give_back(PkeyContextPtr context);
  void clear();

 private:
  std::mutex mutex_;
  std::vector<PkeyContextPtr> idle_;
};

class KeyHandle {
 public:
  // `der` is the canonical form of the public part of `key`.
  enum class Part { kPublic, kPrivate };
  KeyHandle(PkeyPtr key, Part part, KeyAlgorithm algorithm, std::size_t bits, HashAlgorithm hash, Bytes der);

  PkeyPtr key() const;  // never null
  // Of a public one: gives back what OpenSSL holds for it, until key() is asked again.
  void rest() const;
  KeyAlgorithm algorithm() const { return algorithm_; }
  const Curve* curve() const { return curve_; }  // null when it is not ECDSA
  std::size_t bits() const { return bits_; }
  HashAlgorithm hash() const { return hash_; }
  BytesView der() const { return der_; }
  // The digest of der().
  Digest der_digest(HashAlgorithm algorithm) const;
  ContextPool& signing() const { return signing_; }
  ContextPool& verifying() const { return verifying_; }

 private:
  mutable std::mutex mutex_;
  mutable PkeyPtr key_;  // guarded by mutex_; null while a public key rests
  const Part part_;
  KeyAlgorithm algorithm_;
  const Curve* curve_;
  std::size_t bits_;
  HashAlgorithm hash_;
  Bytes der_;
  Digest der_digest_;  // by hash_, which is nearly always the one that is asked for
  mutable ContextPool signing_, verifying_;
};

// What OpenSSL makes of the DER form of a key that PublicKey::from_der() has taken; null when it has no memory.
PkeyPtr openssl_key(BytesView der);

// Makes the canonical public key of any key of OpenSSL's; BadArg for kinds that are not used here.
Result<PublicKey> public_part(EVP_PKEY* key);

// A private key around one of OpenSSL's, which must have its private part.
Result<PrivateKey> private_key_from(PkeyPtr key);

// H(DER of the key) ‖ H(message) ‖ H(purpose): what is signed, or hashed once more and signed (section 3.2).
Digest signing_digest(const KeyHandle& key, HashAlgorithm hash, BytesView message, BytesView purpose);

// A context ready to sign or to verify digests made with `hash`; null when OpenSSL has no memory. Not for Ed25519.
PkeyContextPtr make_context(const KeyHandle& key, HashAlgorithm hash, int (*init)(EVP_PKEY_CTX*));

}  // namespace nb::security
