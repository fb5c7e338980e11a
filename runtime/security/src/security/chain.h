// Validation of one chain of certificates (docs/spec/security.md 4.3), and making a chain longer.
#pragma once

#include <span>
#include <string>

#include <nb/base/result.h>
#include <nb/security/blessings.h>
#include <nb/security/private_key.h>

#include "security/certificate.h"
#include "security/hash.h"

namespace nb::security {

using Chain = std::vector<Certificate>;

// Bounds of one Blessings, [A-44].
inline constexpr std::size_t kMaxChains = 64;
inline constexpr std::size_t kMaxCertificatesOfChain = 64;
inline constexpr std::size_t kMaxCertificates = 256;
inline constexpr std::size_t kMaxCaveats = 1024;
inline constexpr std::size_t kMaxBytes = 1 << 20;

// And of what one end shows to another: each certificate is a signature that the other one checks before it knows who
// is there. What is made here stays within these, so that it can be shown (union_of(), Principal::bless()).
inline constexpr std::size_t kMaxShownChains = 16;
inline constexpr std::size_t kMaxShownCertificates = 64;

// What is known of a valid chain.
struct ChainFacts {
  Digest digest;
  PublicKey root;  // of the first certificate
  PublicKey last;  // of the last one: the key that was blessed
  bool uses_x509 = false;
};

// All checks of one chain. `cache` may be null.
Result<ChainFacts> validate_chain(std::span<const Certificate> chain, ChainCache* cache);

// Signs `certificate` as the next one behind a chain with digest `previous` (empty: as the first) and gives the digest
// of the longer chain. Its signature must be empty. Fails when the extension is not allowed or signing does.
Result<Digest> sign_certificate(const PrivateKey& key, BytesView previous, Certificate& certificate);

// The names of the certificates, joined.
std::string claimed_name(std::span<const Certificate> chain);

}  // namespace nb::security
