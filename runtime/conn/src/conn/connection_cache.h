// ConnectionCache: which live connections lead where (docs/spec/flow-protocol.md 11.1 and 11.2). Only a table; the
// manager guards it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "naming/endpoint.h"

namespace nb::conn {

class LiveConnection;

// The keys of an endpoint. `protocol` is the concrete one, so that "", "wsh" and "tcp" to one address are one place.
std::string address_key(const std::string& protocol, const naming::Endpoint& endpoint);
std::string routing_key(const naming::RoutingId& id);
// Where connections to it are looked up: its routing id if it has one, else its address.
std::vector<std::string> lookup_keys(const std::string& protocol, const naming::Endpoint& endpoint);

class ConnectionCache {
 public:
  void add(std::shared_ptr<LiveConnection> connection, std::vector<std::string> keys);
  // What is known under `key` is known under `also` from now on, too. Gives whether there is anything.
  bool add_alias(const std::string& key, const std::string& also);
  void remove(LiveConnection& connection);  // unknown ones are fine
  // The connections under the first key that has any, the oldest first.
  const std::vector<std::shared_ptr<LiveConnection>>& find(const std::vector<std::string>& keys) const;

 private:
  std::map<std::string, std::vector<std::shared_ptr<LiveConnection>>> by_key_;  // shared with the manager's table
  std::unordered_map<LiveConnection*, std::vector<std::string>> keys_;
};

}  // namespace nb::conn
