// ProxiedServers: the servers and proxies that are reached through a proxy, by their routing ids. Only a table; the
// proxy guards it.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <vector>

#include <nb/base/error.h>
#include <nb/security/public_key.h>

#include "conn/connection.h"
#include "conn/proxy_messages.h"
#include "naming/routing_id.h"

namespace nb::services {

class ProxiedServers {
 public:
  struct Server {
    std::shared_ptr<conn::Flow> flow;  // on which it came, and is answered
    conn::ProxyRequest request;
    PublicKey key;
    std::shared_ptr<void> listener;  // of the flow; the table owns it
  };

  explicit ProxiedServers(std::size_t most) : most_(most) {}

  // Refuses what is too much, and another key's server with a routing id that is taken: that could only be somebody who
  // wants the first one's callers.
  Error add(const naming::RoutingId& id, Server server);
  // Gives what was removed, to be dropped when nothing is locked any more.
  std::shared_ptr<void> remove(const conn::Flow& flow);
  // The latest one that is a server, or a proxy; null: none.
  const Server* find(const naming::RoutingId& id, conn::Proxied who) const;
  std::vector<std::pair<naming::RoutingId, Server>> all() const;
  std::size_t size() const { return servers_.size(); }

 private:
  const std::size_t most_;
  std::multimap<naming::RoutingId, Server> servers_;
};

}  // namespace nb::services
