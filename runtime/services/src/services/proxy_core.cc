#include "services/proxy_core.h"

#include <string>
#include <utility>

#include <nb/base/verror.h>
#include <nb/rpc/reply.h>

#include "flow/quoted.h"

namespace nb::services {
namespace {

constexpr std::size_t kMostUntold = 256 * 1024;  // answers that a server does not read

// The payload that began with the kind of its flow.
Bytes whole(std::uint8_t kind, BytesView rest) {
  Bytes payload;
  payload.reserve(rest.size() + 1);
  payload.push_back(kind);
  payload.insert(payload.end(), rest.begin(), rest.end());
  return payload;
}

// For the log; the peer has said it, and may have put line ends into it.
std::string place_of(const conn::Connection& connection) {
  return flow::quoted(naming::to_string(connection.remote_endpoint()));
}

}  // namespace

void ProxyCore::add_kinds(rpc::FlowKinds& kinds, const std::shared_ptr<rpc::ServerCore>& server) {
  server_ = server;
  for (const std::uint8_t kind : {conn::kServerFlow, conn::kProxyFlow, conn::kRouteFlow}) {
    kinds.add(kind, [weak = weak_from_this(), kind](const std::shared_ptr<conn::Flow>& flow, BytesView rest) {
      const auto self = weak.lock();
      if (!self) return flow->close();
      if (kind == conn::kRouteFlow) return self->take_route(flow, whole(kind, rest));
      flow->consumed(rest.size());
      self->take_server(flow, whole(kind, rest));
    });
  }
}

void ProxyCore::started() {
  const auto server = server_.lock();
  watch_ = server->manager()->on_endpoints_changed([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->tell_servers();
  });
  tell_servers();  // of what has changed before
}

ProxyCore::Counts ProxyCore::counts() const {
  std::lock_guard lock(mutex_);
  return {servers_.size(), routes_.size()};
}

void ProxyCore::log(Severity severity, const std::string& text) const {
  if (const auto server = server_.lock()) server->log().log(severity, "proxy: " + text);
}

// The authorizer is the user's: what it throws refuses this flow, and harms no other.
Error ProxyCore::judge(conn::Flow& flow) const {
  const auto server = server_.lock();
  if (!server) return verror::BadState("the proxy has ended");
  const rpc::ServerAuthority& authority = server->authority();
  const auto call = authority.call_on(flow, Time::now(), "", "", {});
  Result<void> decision;
  try {
    decision = authority.authorizer->authorize(server->context(), call);
  } catch (...) {
    decision = rpc::error_of_exception(std::current_exception());
  }
  if (decision) return {};
  const Error& why = decision.error();
  return authority.is_terse ? without_details(why) : why;
}

// ---- servers ----

// The flow on which a server came; while it is open, the server is reached here. It says nothing after that.
class ProxyCore::ServerFlow final : public conn::FlowListener {
 public:
  ServerFlow(std::weak_ptr<ProxyCore> proxy, const std::shared_ptr<conn::Flow>& flow)
      : proxy_(std::move(proxy)), flow_(flow) {}

  void on_payload(Bytes) override { end(); }
  void on_drained() override {}
  void on_closed(const Error&) override { end(); }

 private:
  void end() {
    const auto flow = flow_.lock();
    if (!flow) return;
    flow->close();
    if (const auto proxy = proxy_.lock()) proxy->forget_server(*flow);
  }

  const std::weak_ptr<ProxyCore> proxy_;
  const std::weak_ptr<conn::Flow> flow_;  // the table of servers has it, and this
};

void ProxyCore::take_server(const std::shared_ptr<conn::Flow>& flow, BytesView payload) {
  conn::Connection& connection = flow->connection();
  const auto refuse = [&](const Error& why) {
    log(Severity::kInfo, "refused " + place_of(connection) + ": " + flow::quoted(why.message()));
    flow->write(conn::proxy_refusal(why.message()), true);
    auto listener = std::make_shared<ServerFlow>(weak_from_this(), flow);
    flow->listen(listener);
    std::lock_guard lock(mutex_);
    refused_.emplace(flow.get(), Refused{flow, std::move(listener)});
  };
  const auto request = conn::read_proxy_request(payload);
  if (!request) return flow->close();
  const naming::RoutingId id = connection.remote_endpoint().routing_id;
  if (id.is_null()) return refuse(verror::BadArg("only who has a routing id can be reached through a proxy"));
  if (const Error why = judge(*flow)) return refuse(why);
  auto listener = std::make_shared<ServerFlow>(weak_from_this(), flow);
  Error why;
  {
    std::lock_guard lock(mutex_);
    why = servers_.add(id, {flow, *request, connection.remote_shown().blessings.public_key(), listener});
  }
  if (why) return refuse(why);
  // Made when it is in the table: what changes from now on is told to it, on this loop and so after this answer.
  auto answer = answer_for(id, request->who);
  if (!answer) {
    forget_server(*flow);
    return refuse(answer.error());
  }
  log(Severity::kInfo, "leads to " + place_of(connection));
  flow->write(*std::move(answer), false);
  flow->listen(listener);
}

void ProxyCore::forget_server(const conn::Flow& flow) {
  std::shared_ptr<void> removed;
  Refused refused;
  std::lock_guard lock(mutex_);
  removed = servers_.remove(flow);
  if (const auto it = refused_.find(&flow); it != refused_.end()) {
    refused = std::move(it->second);
    refused_.erase(it);
  }
}

Result<Bytes> ProxyCore::answer_for(const naming::RoutingId& id, conn::Proxied who) const {
  const auto server = server_.lock();
  if (!server) return verror::BadState("the proxy has ended");
  const conn::ManagerStatus status = server->manager()->status();
  std::vector<naming::Endpoint> endpoints;
  for (const auto& endpoint : status.endpoints) {
    if (endpoint.protocol != "bidi") endpoints.push_back(endpoint);
  }
  endpoints.insert(endpoints.end(), status.upstream_endpoints.begin(), status.upstream_endpoints.end());
  if (endpoints.empty()) return verror::BadState("the proxy listens nowhere");
  if (endpoints.size() > conn::kMostProxyEndpoints) endpoints.resize(conn::kMostProxyEndpoints);
  for (naming::Endpoint& endpoint : endpoints) {
    if (who == conn::Proxied::kServer) {
      endpoint.routing_id = id;
    } else {
      endpoint.routes.push_back(naming::to_string(id));
    }
  }
  return conn::proxy_answer(endpoints);
}

void ProxyCore::tell_servers() {
  std::vector<std::pair<naming::RoutingId, ProxiedServers::Server>> servers;
  {
    std::lock_guard lock(mutex_);
    servers = servers_.all();
  }
  for (const auto& [id, server] : servers) {
    auto answer = answer_for(id, server.request.who);
    Bytes message = answer ? *std::move(answer) : conn::proxy_answer({});
    const auto flow = server.flow;
    flow->connection().post([flow, message = std::move(message)]() mutable {
      if (flow->pending() > kMostUntold) return flow->close();
      flow->write(std::move(message), false);
    });
  }
}

// ---- routes ----

void ProxyCore::take_route(const std::shared_ptr<conn::Flow>& flow, Bytes setup) {
  auto way = way_for(std::move(setup));
  if (!way) {
    log(Severity::kInfo, "no way for " + place_of(flow->connection()) + ": " + flow::quoted(way.error().message()));
    return flow->close();
  }
  const auto to = way->connection;
  const bool posted = to->post([self = shared_from_this(), flow, to, setup = std::move(way->setup)]() mutable {
    self->lead(flow, to, std::move(setup));
  });
  if (!posted) flow->close();
}

Result<ProxyCore::Way> ProxyCore::way_for(Bytes setup) const {
  const auto server = server_.lock();
  if (!server) return verror::BadState("the proxy has ended");
  const auto wanted = conn::wanted_in_setup(setup);
  if (!wanted) return wanted.error();
  const auto next = conn::next_hop(*wanted, server->manager()->routing_id());
  if (!next) return next.error();
  const bool is_proxy = next->routes_used > 0;
  Way way;
  bool keeps_setups = true;
  {
    std::lock_guard lock(mutex_);
    const auto* const found = servers_.find(next->id, is_proxy ? conn::Proxied::kProxy : conn::Proxied::kServer);
    if (found == nullptr) {
      return verror::NoExist("nobody with the routing id " + naming::to_string(next->id) + " is reached here");
    }
    way.connection = found->flow->connection().shared_from_this();
    keeps_setups = found->request.keeps_setups;
  }
  // Others than ours look for the way on in the first route only.
  if (is_proxy && !keeps_setups) {
    auto changed = conn::without_routes(setup, next->routes_used);
    if (!changed) return changed.error();
    setup = *std::move(changed);
  }
  way.setup = std::move(setup);
  return way;
}

bool ProxyCore::has_room(const conn::Connection& client) const {
  if (routes_.size() >= limits_.routes) return false;
  const auto it = routes_of_.find(&client);
  return it == routes_of_.end() || it->second < limits_.routes_of_one_client;
}

void ProxyCore::lead(const std::shared_ptr<conn::Flow>& from, const std::shared_ptr<conn::Connection>& to,
                     Bytes setup) {
  const auto give_up = [&](const std::string& why) {
    log(Severity::kInfo, "no way to " + place_of(*to) + ": " + flow::quoted(why));
    from->connection().post([from] { from->close(); });
  };
  auto opened = to->open_flow();
  if (!opened) return give_up(std::string(opened.error().message()));
  const auto flow = *std::move(opened);
  // The policy may have changed since the server came.
  if (const Error why = judge(*flow)) {
    flow->close();
    return give_up(std::string(why.message()));
  }
  const auto server = server_.lock();
  if (!server) return flow->close();
  const conn::Connection* const client = &from->connection();
  auto route = std::make_shared<ProxyRoute>(server->loop(), [weak = weak_from_this()](ProxyRoute& ended) {
    if (const auto self = weak.lock()) self->forget_route(ended);
  });
  bool is_full = false;
  {
    std::lock_guard lock(mutex_);
    is_full = !has_room(*client);
    if (!is_full) {
      routes_.emplace(route.get(), Known{route, client});
      ++routes_of_[client];
    }
  }
  if (is_full) {
    flow->close();
    return give_up("too many connections pass already");
  }
  route->join(from, flow, std::move(setup));
}

void ProxyCore::forget_route(ProxyRoute& route) {
  Known last;  // not under the lock
  std::lock_guard lock(mutex_);
  const auto it = routes_.find(&route);
  if (it == routes_.end()) return;
  last = std::move(it->second);
  routes_.erase(it);
  const auto of = routes_of_.find(last.client);
  if (of != routes_of_.end() && --of->second == 0) routes_of_.erase(of);
}

}  // namespace nb::services
