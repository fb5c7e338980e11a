#include <nb/security/public_key.h>

#include <algorithm>

#include <nb/base/check.h>

#include "security/key_handle.h"

namespace nb {

std::string_view to_string(KeyAlgorithm algorithm) {
  switch (algorithm) {
    case KeyAlgorithm::kEcdsaP256:
      return "ecdsa256";
    case KeyAlgorithm::kEcdsaP384:
      return "ecdsa384";
    case KeyAlgorithm::kEcdsaP521:
      return "ecdsa521";
    case KeyAlgorithm::kEd25519:
      return "ed25519";
    case KeyAlgorithm::kRsa:
      return "rsa";
  }
  return "unknown";
}

KeyAlgorithm PublicKey::algorithm() const {
  NB_CHECK(handle_, "only a key has an algorithm");
  return handle_->algorithm();
}

std::size_t PublicKey::bits() const {
  NB_CHECK(handle_, "only a key has a size");
  return handle_->bits();
}

BytesView PublicKey::der() const { return handle_ ? handle_->der() : BytesView(); }

const v23::security::Hash& PublicKey::hash() const {
  NB_CHECK(handle_, "only a key goes with a hash");
  return security::hash_label(handle_->hash());
}

bool operator==(const PublicKey& a, const PublicKey& b) {
  const BytesView left = a.der();
  const BytesView right = b.der();
  return std::equal(left.begin(), left.end(), right.begin(), right.end());
}

}  // namespace nb
