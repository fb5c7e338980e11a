#include "security/key_handle.h"

#include <openssl/rsa.h>

#include <utility>

#include <nb/base/check.h>

#include "security/resting_key.h"

namespace nb::security {
namespace {

// More threads than this at work with one key at once make contexts of their own.
constexpr std::size_t kIdleContexts = 4;

const EVP_MD* openssl_hash_of(HashAlgorithm algorithm) {
  static const EVP_MD* const functions[] = {openssl_hash("SHA256"), openssl_hash("SHA384"), openssl_hash("SHA512")};
  return functions[static_cast<std::size_t>(algorithm)];
}

}  // namespace

PkeyContextPtr ContextPool::take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return nullptr;
  PkeyContextPtr context = std::move(idle_.back());
  idle_.pop_back();
  return context;
}

void ContextPool::give_back(PkeyContextPtr context) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kIdleContexts) idle_.push_back(std::move(context));
}

void ContextPool::clear() {
  std::vector<PkeyContextPtr> dropped;
  const std::lock_guard lock(mutex_);
  dropped.swap(idle_);
}

KeyHandle::KeyHandle(PkeyPtr key, Part part, KeyAlgorithm algorithm, std::size_t bits, HashAlgorithm hash, Bytes der)
    : key_(std::move(key)),
      part_(part),
      algorithm_(algorithm),
      curve_(curve_of(algorithm)),
      bits_(bits),
      hash_(hash),
      der_(std::move(der)),
      der_digest_(security::hash(hash, {der_})) {}

PkeyPtr KeyHandle::key() const {
  const std::lock_guard lock(mutex_);
  if (!key_) key_ = openssl_key(der_);
  NB_CHECK(key_ && EVP_PKEY_up_ref(key_.get()) == 1, "a key that was made once can be made again");
  return PkeyPtr(key_.get());
}

void KeyHandle::rest() const {
  if (part_ == Part::kPrivate) return;
  PkeyPtr dropped;
  {
    const std::lock_guard lock(mutex_);
    dropped = std::move(key_);
  }
  verifying_.clear();
}

void rest(const PublicKey& key) {
  if (key) key.handle()->rest();
}

Digest KeyHandle::der_digest(HashAlgorithm algorithm) const {
  return algorithm == hash_ ? der_digest_ : security::hash(algorithm, {der_});
}

Digest signing_digest(const KeyHandle& key, HashAlgorithm algorithm, BytesView message, BytesView purpose) {
  const Digest of_key = key.der_digest(algorithm);
  const Digest of_message = hash(algorithm, {message});
  const Digest of_purpose = hash(algorithm, {purpose});
  return hash(algorithm, {of_key, of_message, of_purpose});
}

PkeyContextPtr make_context(const KeyHandle& key, HashAlgorithm hash, int (*init)(EVP_PKEY_CTX*)) {
  PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.key().get(), nullptr));
  if (!context || init(context.get()) != 1) return nullptr;
  if (key.algorithm() == KeyAlgorithm::kRsa &&
      (EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1 ||
       EVP_PKEY_CTX_set_signature_md(context.get(), openssl_hash_of(hash)) != 1)) {
    return nullptr;
  }
  return context;
}

}  // namespace nb::security
