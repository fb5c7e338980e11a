#include "security/chain_cache.h"

#include <algorithm>
#include <cstring>

namespace nb {
namespace security {

ChainKey chain_key(const Digest& chain) {
  ChainKey key;
  const Digest digest = hash(HashAlgorithm::kSha256, {chain});
  std::copy(digest.begin(), digest.end(), key.begin());
  return key;
}

}  // namespace security

ChainCache::ChainCache(std::size_t capacity) : rep_(std::make_unique<Rep>(capacity)) {}
ChainCache::~ChainCache() = default;

std::size_t ChainCache::size() const {
  const std::lock_guard lock(rep_->mutex);
  return rep_->chains.size();
}

std::size_t ChainCache::Rep::HashOfKey::operator()(const security::ChainKey& key) const {
  std::size_t hash;
  std::memcpy(&hash, key.data(), sizeof hash);
  return hash;
}

std::optional<ChainCache::Rep::Found> ChainCache::Rep::longest(std::span<const security::ChainKey> prefixes) const {
  const std::lock_guard lock(mutex);
  for (std::size_t length = prefixes.size(); length > 0; --length) {
    const auto found = chains.find(prefixes[length - 1]);
    if (found != chains.end()) return Found{length, found->second};
  }
  return std::nullopt;
}

void ChainCache::Rep::add(const security::ChainKey& key, security::KnownChain chain) {
  const std::lock_guard lock(mutex);
  if (capacity == 0 || chains.contains(key)) return;
  if (chains.size() < capacity) {
    keys.push_back(key);
  } else {
    auto& victim = keys[HashOfKey()(key) % keys.size()];
    chains.erase(victim);
    victim = key;
  }
  chains.emplace(key, std::move(chain));
}

}  // namespace nb
