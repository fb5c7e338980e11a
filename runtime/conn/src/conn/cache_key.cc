#include "conn/cache_key.h"

#include <functional>
#include <string_view>

namespace nb::conn {
namespace {

std::string place(const std::string& protocol, const std::string& address) { return protocol + "@" + address; }

}  // namespace

std::size_t CacheKeyHash::operator()(const CacheKey& key) const {
  // Routing ids are drawn by whoever has them, so they are hashed as any bytes.
  const std::string_view id(reinterpret_cast<const char*>(key.id.bytes.data()), key.id.bytes.size());
  return std::hash<std::string_view>()(key.place) * 31 + std::hash<std::string_view>()(id);
}

CacheKey address_key(const std::string& protocol, const std::string& address) { return {place(protocol, address), {}}; }

CacheKey routing_key(const naming::RoutingId& id) { return {{}, id}; }

CacheKey path_key(const std::string& protocol, const std::string& address, const naming::RoutingId& id) {
  return {place(protocol, address), id};
}

CacheKey lookup_key(const std::string& protocol, const naming::Endpoint& endpoint) {
  if (endpoint.routing_id.is_null()) return address_key(protocol, endpoint.address);
  return routing_key(endpoint.routing_id);
}

}  // namespace nb::conn
