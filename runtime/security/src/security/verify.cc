// PublicKey::verify: everything between a signature as it came over the wire and what OpenSSL checks.
#include <algorithm>

#include <nb/base/check.h>
#include <nb/base/verror.h>
#include <nb/security/public_key.h>

#include "security/der.h"
#include "security/key_handle.h"

namespace nb {
namespace security {
namespace {

using v23::security::Signature;

constexpr std::size_t kEd25519SignatureSize = 64;

// A number of an ECDSA signature: from 1 to below the order of the curve, without zeros in front.
bool is_in_range(BytesView number, const Curve& curve) {
  if (number.empty() || number[0] == 0 || number.size() > curve.order.size()) return false;
  return number.size() < curve.order.size() ||
         std::lexicographical_compare(number.begin(), number.end(), curve.order.begin(), curve.order.end());
}

bool ecdsa_or_rsa_holds(const KeyHandle& key, HashAlgorithm hash, BytesView signature, const Digest& digest) {
  // Contexts for RSA are bound to a hash; those for the unusual one are not kept.
  const bool pooled = hash == key.hash();
  PkeyContextPtr context = pooled ? key.verifying().take() : nullptr;
  if (!context) context = make_context(key, hash, EVP_PKEY_verify_init);
  if (!context) return false;
  const bool holds =
      EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1;
  if (pooled) key.verifying().give_back(std::move(context));
  return holds;
}

bool ed25519_holds(const KeyHandle& key, BytesView signature, const Digest& digest) {
  const MdContextPtr context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.key().get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1;
}

// What is wrong with the signature's parts for this key; empty when nothing is.
std::string_view fault_of_parts(const KeyHandle& key, const Signature& signature) {
  const bool has_ecdsa = !signature.R.empty() || !signature.S.empty();
  const bool has_ed25519 = !signature.Ed25519.empty();
  const bool has_rsa = !signature.Rsa.empty();
  if (has_ecdsa + has_ed25519 + has_rsa > 1) return "has parts of more than one algorithm";
  if (key.curve() != nullptr) {
    if (!has_ecdsa) return "has no ECDSA part, and the key is an ECDSA key";
    if (!is_in_range(signature.R, *key.curve()) || !is_in_range(signature.S, *key.curve())) {
      return "has an R or S that is zero, too large or padded";
    }
  } else if (key.algorithm() == KeyAlgorithm::kEd25519) {
    if (signature.Ed25519.size() != kEd25519SignatureSize) return "has no Ed25519 part of 64 bytes";
  } else if (signature.Rsa.size() != (key.bits() + 7) / 8) {
    return "has no RSA part as long as the modulus";
  }
  return {};
}

bool holds(const KeyHandle& key, HashAlgorithm hash, const Signature& signature, const Digest& digest) {
  const ErrorsForgotten guard;
  switch (key.algorithm()) {
    case KeyAlgorithm::kEcdsaP256:
    case KeyAlgorithm::kEcdsaP384:
    case KeyAlgorithm::kEcdsaP521: {
      Bytes numbers;
      append_der_integer(numbers, signature.R);
      append_der_integer(numbers, signature.S);
      Bytes der;
      append_der(der, kDerSequence, numbers);
      return ecdsa_or_rsa_holds(key, hash, der, digest);
    }
    case KeyAlgorithm::kEd25519:
      return ed25519_holds(key, signature.Ed25519, digest);
    case KeyAlgorithm::kRsa:
      return ecdsa_or_rsa_holds(key, hash, signature.Rsa, digest);
  }
  return false;
}

}  // namespace
}  // namespace security

Result<void> PublicKey::verify(const v23::security::Signature& signature, std::string_view purpose,
                               BytesView message) const {
  using namespace security;
  NB_CHECK(handle_, "only a key can check a signature");
  if (as_text(signature.Purpose) != purpose) return verror::BadArg("the signature was made for another purpose");
  const std::optional<HashAlgorithm> hash = hash_from_label(signature.Hash);
  if (!hash) return verror::BadArg("the signature names no hash function that is used here");
  if (const std::string_view fault = fault_of_parts(*handle_, signature); !fault.empty()) {
    return verror::BadArg("the signature " + std::string(fault));
  }
  if (!holds(*handle_, *hash, signature, signing_digest(*handle_, *hash, message, signature.Purpose))) {
    return verror::BadArg("the signature does not fit the key and the message");
  }
  return {};
}

}  // namespace nb
