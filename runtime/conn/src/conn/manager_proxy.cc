// How a manager goes through proxies: to servers behind them, and as a server behind one
// (docs/spec/flow-protocol.md 12.1 and 12.3).
#include <algorithm>
#include <utility>

#include "conn/manager_core.h"
#include "conn/nested_stream.h"
#include "transport/errors.h"

namespace nb::conn {
namespace {

// What a carrier of that MTU takes of a connection on one of its flows; nothing if that is too little to be one.
std::optional<std::uint64_t> nested_mtu(std::uint64_t own, std::uint64_t carrier) {
  constexpr std::uint64_t kSmallest = 1024;
  if (carrier < kSmallest + kNestedOverhead) return std::nullopt;
  return std::min(own, carrier - kNestedOverhead);
}

Error too_small(std::uint64_t mtu) {
  return transport::network_error("messages of " + std::to_string(mtu) + " bytes are too short to carry a connection");
}

}  // namespace

// ---- to a server behind a proxy ----

void Manager::Core::dial_through(const std::shared_ptr<LiveConnection>& connection,
                                 const std::shared_ptr<PendingDial>& dial) {
  const auto box = box_of(*dial);
  if (!box) return;
  const std::string target = naming::to_string(box->endpoint);
  const std::string other = "the server there has the routing id " +
                            naming::to_string(connection->remote_endpoint().routing_id) + ", and leads no further";
  const auto fail = [&](std::string_view why) {
    finish_dial(*dial, transport::dial_failed("dialing " + target + ": " + std::string(why)));
  };
  if (!options_.goes_through_proxies) return fail(other);
  bool is_nested = false;
  {
    std::lock_guard lock(mutex_);
    const auto it = connections_.find(connection.get());
    is_nested = it != connections_.end() && it->second.is_nested;
  }
  // The proxy has led to somebody else.
  if (is_nested) {
    fail(other);
    return connection->close(transport::bad_state("another server was dialed"));
  }
  const auto mtu = nested_mtu(options_.mtu, connection->mtu());
  if (!mtu) return fail(too_small(connection->mtu()).message());
  auto flow = connection->open_flow();
  if (!flow) return fail(flow.error().message());

  const auto shown = default_shown_->current();
  flow::Options nested = flow_options(flow::Role::kDialer, shown);
  nested.local = connection->local_endpoint();
  nested.remote = box->endpoint;
  nested.mtu = *mtu;
  const auto stream = NestedStream::over(connection->loop(), *std::move(flow), other);
  const auto to = std::make_shared<LiveConnection>(connection->loop(), stream, nested, household_);
  Known known;
  known.connection = to;
  known.dial = dial;
  known.is_nested = true;
  known.path = path_key(box->entry.dial_as, box->endpoint.address, box->endpoint.routing_id);
  known.shown_version = shown.version;
  if (auto admitted = admit(std::move(known)); !admitted) {
    stream->close();
    return finish_dial(*dial, admitted.error());
  }
  to->start();
  if (dial->is_over()) to->close(transport::bad_state("nobody waits for this connection any more"));
}

// ---- as a server behind a proxy ----

void Manager::Core::proxy_listen(const ProxyListen& wish, std::function<void(Result<void>)> done) {
  const auto refuse = [&](const Error& why) {
    if (!options_.event_loop->post([done, why] { done(why); })) done(why);
  };
  if (options_.routing_id.is_null()) {
    return refuse(transport::bad_state("listening by way of " + wish.name +
                                       ": this manager is a pure client, it has no routing id"));
  }
  ProxiedListener::Parts parts;
  parts.event_loop = options_.event_loop;
  DialOptions dial_options;
  dial_options.authorizer = wish.authorizer ? wish.authorizer : allow_everyone();
  dial_options.only_dialed = true;
  parts.dial = [weak = weak_from_this(), to = wish.proxy, dial_options](const Context& context, DialDone dialed) {
    const auto self = weak.lock();
    if (!self) return;
    Wish dial;
    dial.endpoint = to;
    dial.context = context;
    dial.options = dial_options;
    dial.done = std::move(dialed);
    self->dial(std::move(dial), 3);
  };
  parts.show = [weak = weak_from_this()](const BlessingNames& proxy, std::function<void(flow::ShownBlessings)> show) {
    if (const auto self = weak.lock()) self->choose_shown(proxy, std::move(show));
  };
  if (wish.as == Proxied::kServer) {
    parts.carried = [weak = weak_from_this()](std::shared_ptr<Flow> flow) {
      if (const auto self = weak.lock()) self->accept_nested(std::move(flow));
    };
  }
  parts.tell = [weak = weak_from_this(), name = wish.name](Result<std::vector<naming::Endpoint>> endpoints) {
    if (const auto self = weak.lock()) self->proxy_told(name, std::move(endpoints));
  };
  const auto listener = std::make_shared<ProxiedListener>(std::move(parts), wish.as, options_.routing_id);
  Error why;
  {
    std::lock_guard lock(mutex_);
    if (is_closed_) {
      why = closed_error();
    } else if (!proxied_.try_emplace(wish.name, ProxiedAt{listener, wish.as, {}, done}).second) {
      why = transport::bad_arg("listening by way of " + wish.name + ", which goes on already");
    }
  }
  if (why) return refuse(why);
  listener->start();
}

void Manager::Core::choose_shown(const BlessingNames& peer, std::function<void(flow::ShownBlessings)> show) const {
  const Blessings blessings = options_.principal->store().for_peer(peer.valid);
  // It has shown those on the connection anyway, if it has none for this peer.
  if (blessings.is_zero()) return show(default_shown_->current().shown);
  if (!options_.prepare_discharges || blessings.third_party_caveats().empty()) {
    return show(flow::ShownBlessings(blessings));
  }
  options_.prepare_discharges(blessings, [blessings, show = std::move(show)](PreparedDischarges prepared) {
    show(flow::ShownBlessings(blessings, std::move(prepared.discharges)));
  });
}

void Manager::Core::proxy_told(const std::string& name, Result<std::vector<naming::Endpoint>> endpoints) {
  std::function<void(Result<void>)> first;
  bool is_another = false;
  const Error why = endpoints ? Error() : endpoints.error();
  {
    std::lock_guard lock(mutex_);
    const auto it = proxied_.find(name);
    if (it == proxied_.end()) return;
    ProxiedAt& at = it->second;
    std::vector<naming::Endpoint> now;
    if (endpoints) now = *std::move(endpoints);
    const auto known = proxy_errors_.find(name);
    is_another = now != at.endpoints || known == proxy_errors_.end() || known->second.message() != why.message();
    at.endpoints = std::move(now);
    proxy_errors_[name] = why;
    first = std::exchange(at.first_answer, nullptr);
  }
  if (why) {
    options_.log->log(Severity::kWarning,
                      "listening by way of " + name + ": " + std::string(why.message()) + "; trying again");
  }
  if (is_another) endpoints_changed();
  if (first) first(why ? Result<void>(why) : Result<void>());
}

std::map<std::string, Manager::Core::ProxiedAt> Manager::Core::take_proxied() {
  proxy_errors_.clear();
  return std::exchange(proxied_, {});
}

void Manager::Core::stop_proxied(const std::map<std::string, ProxiedAt>& proxied) {
  for (const auto& [name, at] : proxied) {
    at.listener->stop();
    const Error why = transport::bad_state("the manager stopped listening by way of " + name);
    if (at.first_answer && !options_.event_loop->post([first = at.first_answer, why] { first(why); })) {
      at.first_answer(why);
    }
  }
}

void Manager::Core::tell_proxied(ManagerStatus& status) const {
  const auto names = default_shown_->current().names;
  for (const auto& [name, at] : proxied_) {
    auto& to = at.as == Proxied::kServer ? status.endpoints : status.upstream_endpoints;
    for (naming::Endpoint endpoint : at.endpoints) {
      endpoint.blessing_names = names;
      to.push_back(std::move(endpoint));
    }
  }
}

// Those inside others first, so that their last words still get through.
void Manager::Core::end_connections(const std::function<void(LiveConnection&)>& end) {
  std::vector<std::shared_ptr<LiveConnection>> nested;
  std::vector<std::shared_ptr<LiveConnection>> others;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [key, known] : connections_) (known.is_nested ? nested : others).push_back(known.connection);
  }
  for (const auto& connection : nested) connection->post([connection, end] { end(*connection); });
  for (const auto& connection : others) {
    if (nested.empty()) {
      connection->post([connection, end] { end(*connection); });
    } else {
      connection->post([connection, end] { connection->post([connection, end] { end(*connection); }); });
    }
  }
}

void Manager::Core::accept_nested(std::shared_ptr<Flow> flow) {
  if (default_shown_->current().version == 0) {
    // The discharges of the blessings that this end is going to show are on their way.
    const auto connection = flow->connection().shared_from_this();
    return default_shown_->when_ready([weak = weak_from_this(), connection, flow = std::move(flow)] {
      connection->post([weak, flow] {
        if (auto self = weak.lock()) self->accept_nested(flow);
      });
    });
  }
  auto& carrier = static_cast<LiveConnection&>(flow->connection());
  const auto mtu = nested_mtu(options_.mtu, carrier.mtu());
  if (!mtu) {
    options_.log->log(Severity::kInfo,
                      "refused a connection by way of a proxy: " + std::string(too_small(carrier.mtu()).message()));
    return flow->close();
  }
  const auto shown = default_shown_->current();
  flow::Options nested = flow_options(flow::Role::kAcceptor, shown);
  nested.local = carrier.local_endpoint();
  nested.local.blessing_names = shown.names;
  nested.mtu = *mtu;
  const auto stream = NestedStream::over(carrier.loop(), std::move(flow), "the client has left");
  const auto connection = std::make_shared<LiveConnection>(carrier.loop(), stream, nested, household_);
  Known known;
  known.connection = connection;
  known.is_nested = true;
  known.shown_version = shown.version;
  known.is_unauthenticated = true;
  const std::string source = "the proxy " + naming::to_string(carrier.remote_endpoint().routing_id);
  known.source = source;
  if (auto admitted = admit(std::move(known)); !admitted) {
    options_.log->log(Severity::kInfo,
                      "refused a connection by way of " + source + ": " + std::string(admitted.error().message()));
    return stream->close();
  }
  connection->start();
}

}  // namespace nb::conn
