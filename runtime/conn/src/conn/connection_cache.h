// ConnectionCache: which live connections lead where (docs/spec/flow-protocol.md 11.1 and 11.2). Only a table; the
// manager guards it.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "conn/cache_key.h"

namespace nb::conn {

class LiveConnection;

class ConnectionCache {
 public:
  using Connections = std::vector<std::shared_ptr<LiveConnection>>;

  void add(std::shared_ptr<LiveConnection> connection, std::vector<CacheKey> keys);
  // What is known under `key` is known under `also` from now on, too. Gives whether there is anything.
  bool add_alias(const CacheKey& key, const CacheKey& also);
  void remove(LiveConnection& connection);  // unknown ones are fine
  // The oldest first.
  const Connections& find(const CacheKey& key) const;
  bool contains(const CacheKey& key) const { return by_key_.contains(key); }
  // Under which keys it is known; none: under none.
  std::vector<CacheKey> keys_of(LiveConnection& connection) const;

 private:
  std::unordered_map<CacheKey, Connections, CacheKeyHash> by_key_;  // shared with the manager's table
  std::unordered_map<LiveConnection*, std::vector<CacheKey>> keys_;
};

}  // namespace nb::conn
