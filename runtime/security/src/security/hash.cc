#include "security/hash.h"

#include <nb/base/check.h>

#include "security/openssl.h"

namespace nb::security {
namespace {

const EVP_MD* function(HashAlgorithm algorithm) {
  static const EVP_MD* const functions[] = {openssl_hash("SHA256"), openssl_hash("SHA384"), openssl_hash("SHA512")};
  return functions[static_cast<std::size_t>(algorithm)];
}

// Starting a context again with the function it has costs a tenth of making one, so each thread keeps one per function.
EVP_MD_CTX* context_of_thread(HashAlgorithm algorithm) {
  thread_local MdContextPtr contexts[3];
  MdContextPtr& context = contexts[static_cast<std::size_t>(algorithm)];
  if (!context) context.reset(EVP_MD_CTX_new());
  NB_CHECK(context && EVP_DigestInit_ex2(context.get(), function(algorithm), nullptr) == 1, "a hash can be started");
  return context.get();
}

void update(EVP_MD_CTX* context, BytesView bytes) {
  NB_CHECK(EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1, "a hash takes any bytes");
}

Digest final_of(EVP_MD_CTX* context, HashAlgorithm algorithm) {
  Digest digest(hash_size(algorithm));
  unsigned size = 0;
  NB_CHECK(EVP_DigestFinal_ex(context, digest.out(), &size) == 1 && size == digest.size(), "a hash can be finished");
  return digest;
}

}  // namespace

std::size_t hash_size(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::kSha256:
      return 32;
    case HashAlgorithm::kSha384:
      return 48;
    case HashAlgorithm::kSha512:
      return 64;
  }
  NB_CHECK(false, "every hash function has a size");
  return 0;
}

const v23::security::Hash& hash_label(HashAlgorithm algorithm) {
  static const v23::security::Hash labels[] = {v23::security::SHA256Hash(), v23::security::SHA384Hash(),
                                               v23::security::SHA512Hash()};
  return labels[static_cast<std::size_t>(algorithm)];
}

std::optional<HashAlgorithm> hash_from_label(std::string_view label) {
  for (const HashAlgorithm algorithm : {HashAlgorithm::kSha256, HashAlgorithm::kSha384, HashAlgorithm::kSha512}) {
    if (label == hash_label(algorithm)) return algorithm;
  }
  return std::nullopt;
}

Digest hash(HashAlgorithm algorithm, std::initializer_list<BytesView> parts) {
  EVP_MD_CTX* const context = context_of_thread(algorithm);
  for (const BytesView part : parts) update(context, part);
  return final_of(context, algorithm);
}

struct Hasher::State {
  HashAlgorithm algorithm;
  MdContextPtr context;
};

Hasher::Hasher(HashAlgorithm algorithm)
    : state_(std::make_unique<State>(State{algorithm, MdContextPtr(EVP_MD_CTX_new())})) {
  NB_CHECK(state_->context && EVP_DigestInit_ex2(state_->context.get(), function(algorithm), nullptr) == 1,
           "a hash can be started");
}

Hasher::~Hasher() = default;

void Hasher::add(BytesView bytes) { update(state_->context.get(), bytes); }

Digest Hasher::finish() { return final_of(state_->context.get(), state_->algorithm); }

const EVP_MD* openssl_hash(const char* name) {
  const EVP_MD* const found = EVP_MD_fetch(nullptr, name, nullptr);
  NB_CHECK(found != nullptr, "OpenSSL has the common hash functions");
  return found;
}

}  // namespace nb::security
