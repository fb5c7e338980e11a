// Public keys: what names are given to, and what signatures are checked with (docs/spec/security.md 1 to 3).
//
// A PublicKey is a small value, cheap to copy (the key is shared and never changes), safe to read from any thread.
// Equality is by key. Whoever shows a key has not proved to own it: that takes a signature.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <nb/base/bytes.h>
#include <nb/base/result.h>

#include "v.io/v23/security/security.vdl.h"

namespace nb {

namespace security {
class KeyHandle;
}

enum class KeyAlgorithm { kEcdsaP256, kEcdsaP384, kEcdsaP521, kEd25519, kRsa };

// "ecdsa256", "ecdsa384", "ecdsa521", "ed25519", "rsa".
std::string_view to_string(KeyAlgorithm algorithm);

class PublicKey {
 public:
  PublicKey() = default;  // none
  // From the DER form of SubjectPublicKeyInfo. Takes only what section 1 accepts and only in its canonical form, whole:
  // P-256, P-384 and P-521 with named curve and uncompressed point, Ed25519, RSA of 2048 to 8192 bits. At most 2 KiB.
  static Result<PublicKey> from_der(BytesView der);
  // From "-----BEGIN PUBLIC KEY-----".
  static Result<PublicKey> from_pem(std::string_view pem);

  explicit operator bool() const { return handle_ != nullptr; }
  KeyAlgorithm algorithm() const;  // of a key, not of none
  std::size_t bits() const;        // of the field or the modulus
  // The canonical DER form; empty for none. Lives as long as any copy of this key.
  BytesView der() const;
  std::string pem() const;
  // The name of the hash that goes with the key: SHA256, SHA384 or SHA512 (section 1).
  const v23::security::Hash& hash() const;
  // For people to compare: "SHA256:" and base64 of the hash of the DER form. Never for authorization.
  std::string fingerprint() const;
  // Go's form, 16 pairs of hex digits: MD5, so only for display beside Go's tools.
  std::string md5_fingerprint() const;

  // Checks `signature` over `message` made for `purpose` ("S1", "B1", "D1": v23::security::SignatureFor…). Refuses a
  // signature whose purpose or hash label differs, with parts for another algorithm, or with numbers that are out of
  // range or padded (sections 3.1 to 3.3, [A-8] to ). Any number of threads.
  Result<void> verify(const v23::security::Signature& signature, std::string_view purpose, BytesView message) const;

  friend bool operator==(const PublicKey& a, const PublicKey& b);

  // For the layer's own code.
  const std::shared_ptr<const security::KeyHandle>& handle() const { return handle_; }
  explicit PublicKey(std::shared_ptr<const security::KeyHandle> handle) : handle_(std::move(handle)) {}

 private:
  std::shared_ptr<const security::KeyHandle> handle_;  // shared by copies; immutable
};

}  // namespace nb
