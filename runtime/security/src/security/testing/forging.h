// Certificates as an attacker would make them: signed by any key, for any purpose, with any extension.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nb/security/private_key.h>

#include "security/certificate.h"
#include "security/der.h"
#include "security/key_handle.h"

namespace nb::security::testing {

inline Certificate unsigned_certificate(std::string extension, const PublicKey& key, std::vector<Caveat> caveats = {}) {
  Certificate certificate;
  certificate.Extension = std::move(extension);
  certificate.PublicKey.assign(key.der().begin(), key.der().end());
  certificate.Caveats = std::move(caveats);
  return certificate;
}

// Bytes that look like an X.509 certificate from outside: SEQUENCE { SEQUENCE, SEQUENCE, BIT STRING }.
inline Bytes shape_of_x509() {
  Bytes parts, whole;
  append_der(parts, kDerSequence, Bytes(100, 1));
  append_der(parts, kDerSequence, Bytes(8, 2));
  append_der(parts, kDerBitString, Bytes(65, 3));
  append_der(whole, kDerSequence, parts);
  return whole;
}

// The digest of a chain of signed certificates.
inline Digest digest_of(const std::vector<Certificate>& chain) {
  Digest digest;
  for (const auto& one : chain) {
    const auto algorithm = *hash_from_label(one.Signature.Hash);
    digest = chain_digest(algorithm, digest, content_digest(algorithm, one), one.Signature);
  }
  return digest;
}

// What the owner of `signer` would sign to put `certificate` behind `chain`.
inline Digest message_for(const std::vector<Certificate>& chain, const Certificate& certificate,
                          const PublicKey& signer) {
  const auto algorithm = signer.handle()->hash();
  return message_to_sign(algorithm, digest_of(chain), content_digest(algorithm, certificate));
}

// The chain with `certificate` at its end, signed by `signer`, whoever that is.
inline std::vector<Certificate> forge(std::vector<Certificate> chain, Certificate certificate, const PrivateKey& signer,
                                      std::string_view purpose = "B1") {
  certificate.Signature = signer.sign(purpose, message_for(chain, certificate, signer.public_key())).value();
  chain.push_back(std::move(certificate));
  return chain;
}

}  // namespace nb::security::testing
