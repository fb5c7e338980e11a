#include "conn/connection_cache.h"

#include <algorithm>
#include <utility>

namespace nb::conn {

void ConnectionCache::add(std::shared_ptr<LiveConnection> connection, std::vector<CacheKey> keys) {
  std::vector<CacheKey>& known = keys_[connection.get()];
  for (CacheKey& key : keys) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    by_key_[key].push_back(connection);
    known.push_back(std::move(key));
  }
  known.shrink_to_fit();
}

bool ConnectionCache::add_alias(const CacheKey& key, const CacheKey& also) {
  const auto it = by_key_.find(key);
  if (it == by_key_.end() || key == also) return it != by_key_.end();
  const auto connections = it->second;
  for (const auto& connection : connections) add(connection, {also});
  return true;
}

void ConnectionCache::remove(LiveConnection& connection) {
  const auto known = keys_.find(&connection);
  if (known == keys_.end()) return;
  for (const CacheKey& key : known->second) {
    const auto it = by_key_.find(key);
    if (it == by_key_.end()) continue;
    std::erase_if(it->second, [&](const auto& other) { return other.get() == &connection; });
    if (it->second.empty()) by_key_.erase(it);
  }
  keys_.erase(known);
}

const ConnectionCache::Connections& ConnectionCache::find(const CacheKey& key) const {
  static const Connections kNone;
  const auto it = by_key_.find(key);
  return it == by_key_.end() ? kNone : it->second;
}

std::vector<CacheKey> ConnectionCache::keys_of(LiveConnection& connection) const {
  const auto it = keys_.find(&connection);
  return it == keys_.end() ? std::vector<CacheKey>() : it->second;
}

}  // namespace nb::conn
