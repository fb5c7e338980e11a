// ProxyCore: what a proxy does with the flows that are opened to it (docs/spec/flow-protocol.md 12.2): servers that
// want to be reached, proxies that do, and routes. Safe from any thread; flows come on the loops of their connections.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include <nb/base/bytes.h>
#include <nb/services/proxy.h>

#include "conn/manager.h"
#include "conn/proxy_messages.h"
#include "rpc/flow_kinds.h"
#include "rpc/server_core.h"
#include "services/proxied_servers.h"
#include "services/proxy_route.h"

namespace nb::services {

class ProxyCore final : public std::enable_shared_from_this<ProxyCore> {
 public:
  explicit ProxyCore(const ProxyLimits& limits) : limits_(limits), servers_(limits.servers) {}

  // Before the server listens. The server owns this object.
  void add_kinds(rpc::FlowKinds& kinds, const std::shared_ptr<rpc::ServerCore>& server);
  // Once it does: tells servers when the proxy's own endpoints change.
  void started();

  struct Counts {
    std::size_t servers = 0;
    std::size_t routes = 0;
  };
  Counts counts() const;

 private:
  class ServerFlow;

  void take_server(const std::shared_ptr<conn::Flow>& flow, BytesView payload);
  void forget_server(const conn::Flow& flow);
  Result<Bytes> answer_for(const naming::RoutingId& id, conn::Proxied who) const;
  void tell_servers();

  struct Way {
    std::shared_ptr<conn::Connection> connection;
    Bytes setup;
  };
  void take_route(const std::shared_ptr<conn::Flow>& flow, Bytes setup);
  Result<Way> way_for(Bytes setup) const;
  bool has_room(const conn::Connection& client) const;  // with the lock
  void lead(const std::shared_ptr<conn::Flow>& from, const std::shared_ptr<conn::Connection>& to, Bytes setup);
  void forget_route(ProxyRoute& route);
  Error judge(conn::Flow& flow) const;
  void log(Severity severity, const std::string& text) const;

  const ProxyLimits limits_;
  std::weak_ptr<rpc::ServerCore> server_;  // set by add_kinds()
  std::shared_ptr<void> watch_;            // of the endpoints
  mutable std::mutex mutex_;               // guards the rest
  ProxiedServers servers_;
  // Flows on which somebody was refused, until the words have left.
  struct Refused {
    std::shared_ptr<conn::Flow> flow;
    std::shared_ptr<ServerFlow> listener;
  };
  std::unordered_map<const conn::Flow*, Refused> refused_;
  struct Known {
    std::shared_ptr<ProxyRoute> route;
    const conn::Connection* client = nullptr;
  };
  std::unordered_map<ProxyRoute*, Known> routes_;
  std::unordered_map<const conn::Connection*, std::size_t> routes_of_;
};

}  // namespace nb::services
