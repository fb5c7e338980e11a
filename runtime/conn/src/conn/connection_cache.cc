#include "conn/connection_cache.h"

#include <algorithm>
#include <utility>

namespace nb::conn {

std::string address_key(const std::string& protocol, const naming::Endpoint& endpoint) {
  return "address " + protocol + "@" + endpoint.address;
}

std::string routing_key(const naming::RoutingId& id) { return "routing " + naming::to_string(id); }

std::vector<std::string> lookup_keys(const std::string& protocol, const naming::Endpoint& endpoint) {
  if (endpoint.routing_id.is_null()) return {address_key(protocol, endpoint)};
  return {routing_key(endpoint.routing_id)};
}

void ConnectionCache::add(std::shared_ptr<LiveConnection> connection, std::vector<std::string> keys) {
  for (const auto& key : keys) by_key_[key].push_back(connection);
  keys_.emplace(connection.get(), std::move(keys));
}

bool ConnectionCache::add_alias(const std::string& key, const std::string& also) {
  const auto it = by_key_.find(key);
  if (it == by_key_.end() || key == also) return it != by_key_.end();
  const auto connections = it->second;
  for (const auto& connection : connections) {
    auto& keys = keys_.at(connection.get());
    if (std::find(keys.begin(), keys.end(), also) != keys.end()) continue;
    keys.push_back(also);
    by_key_[also].push_back(connection);
  }
  return true;
}

void ConnectionCache::remove(LiveConnection& connection) {
  const auto known = keys_.find(&connection);
  if (known == keys_.end()) return;
  for (const auto& key : known->second) {
    const auto it = by_key_.find(key);
    if (it == by_key_.end()) continue;
    std::erase_if(it->second, [&](const auto& other) { return other.get() == &connection; });
    if (it->second.empty()) by_key_.erase(it);
  }
  keys_.erase(known);
}

const std::vector<std::shared_ptr<LiveConnection>>& ConnectionCache::find(const std::vector<std::string>& keys) const {
  static const std::vector<std::shared_ptr<LiveConnection>> kNone;
  for (const auto& key : keys) {
    if (const auto it = by_key_.find(key); it != by_key_.end()) return it->second;
  }
  return kNone;
}

}  // namespace nb::conn
