#include "services/proxied_servers.h"

#include <algorithm>
#include <string>
#include <utility>

#include <nb/base/verror.h>

namespace nb::services {
namespace {

constexpr std::ptrdiff_t kMostOfOne = 8;  // one that comes anew may come before its old flow has ended

}  // namespace

Error ProxiedServers::add(const naming::RoutingId& id, Server server) {
  if (servers_.size() >= most_) {
    return verror::NoAccess("the proxy has as many servers as it takes, which is " + std::to_string(most_));
  }
  const auto [begin, end] = servers_.equal_range(id);
  for (auto it = begin; it != end; ++it) {
    if (it->second.key != server.key) return verror::NoAccess("the routing id is another server's");
  }
  if (std::distance(begin, end) >= kMostOfOne) return verror::NoAccess("this server is here too many times");
  servers_.emplace(id, std::move(server));
  return {};
}

std::shared_ptr<void> ProxiedServers::remove(const conn::Flow& flow) {
  for (auto it = servers_.begin(); it != servers_.end(); ++it) {
    if (it->second.flow.get() != &flow) continue;
    auto removed = std::make_shared<Server>(std::move(it->second));
    servers_.erase(it);
    return removed;
  }
  return nullptr;
}

const ProxiedServers::Server* ProxiedServers::find(const naming::RoutingId& id, conn::Proxied who) const {
  const auto [begin, end] = servers_.equal_range(id);
  const Server* found = nullptr;
  for (auto it = begin; it != end; ++it) {
    if (it->second.request.who == who) found = &it->second;
  }
  return found;
}

std::vector<std::pair<naming::RoutingId, ProxiedServers::Server>> ProxiedServers::all() const {
  return {servers_.begin(), servers_.end()};
}

}  // namespace nb::services
