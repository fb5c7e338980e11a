// CacheKey: what connections, dials and errors of dials are known by (docs/spec/flow-protocol.md 11.1). A plain value.
#pragma once

#include <cstddef>
#include <string>

#include "naming/endpoint.h"

namespace nb::conn {

struct CacheKey {
  std::string place;     // "tcp@host:port"; empty: wherever it is
  naming::RoutingId id;  // null: whoever is there

  friend bool operator==(const CacheKey&, const CacheKey&) = default;
};

struct CacheKeyHash {
  std::size_t operator()(const CacheKey& key) const;
};

// `protocol` is the concrete one, so that "", "wsh" and "tcp" to one address are one place.
CacheKey address_key(const std::string& protocol, const std::string& address);
CacheKey routing_key(const naming::RoutingId& id);
// Somebody in particular at an address, or behind it.
CacheKey path_key(const std::string& protocol, const std::string& address, const naming::RoutingId& id);

// Where connections to an endpoint are looked up: by its routing id if it has one, else by its address. What is known
// under a path is known under its routing id, too, so nobody looks there for connections: paths are for dials.
CacheKey lookup_key(const std::string& protocol, const naming::Endpoint& endpoint);

}  // namespace nb::conn
