// Proxies (docs/spec/flow-protocol.md 12), with real ones between managers whose loop and clock the test moves.
#include <nb/services/proxy.h>

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <nb/base/verror.h>
#include <nb/services/discharger.h>

#include "conn/proxy_messages.h"
#include "conn/testing/pair.h"
#include "flow/codec.h"
#include "flow/setup.h"
#include "rpc/options.h"
#include "services/proxied_servers.h"
#include "v.io/x/ref/services/discharger/discharger.rpc.h"

namespace nb {
namespace {

using namespace conn;
using namespace conn::testing;
using namespace std::chrono_literals;
using naming::Endpoint;
namespace wire = x::ref::services::discharger;

// The flows that a manager has got, with all they brought.
struct Inbox {
  void take(const std::shared_ptr<Flow>& flow) {
    flows.push_back(flow);
    recorders.push_back(std::make_shared<Recorder>());
    flow->listen(recorders.back());
  }
  std::vector<std::shared_ptr<Flow>> flows;
  std::vector<std::shared_ptr<Recorder>> recorders;
};

struct Scene : Pair {
  Scene() : Pair("local") {
    local.core()->network = network;
    const auto principal = family.member("server");
    server = make(routing_id(1), principal);
    shown[server.get()] = principal->store().default_blessings();
    acceptor = [this](std::shared_ptr<Flow> flow) {
      if (takes_raw) return inbox.take(flow);
      Echo::on(std::move(flow));
    };
  }
  ~Scene() {
    inbox = Inbox();
    held.clear();
    for (auto* manager : {&client, &server}) {
      bool closed = false;
      (*manager)->close([&closed] { closed = true; });
      until([&closed] { return closed; });
    }
    proxies.clear();
    runtimes.clear();
  }

  Runtime& runtime(std::string_view name) {
    const auto made = RuntimeOptions().threads(2).principal(family.member(name)).local_network(local).log(log);
    return runtimes.emplace_back(Runtime::make(made).value());
  }
  std::string proxy_at(const std::string& name, ServerOptions options = {}, const ProxyLimits& limits = {}) {
    options.listen("local", name);
    if (!options.authorizer()) options.authorizer(patterns_authorizer({BlessingPattern("family")}));
    auto made = serve_proxy(runtime(name), options, limits);
    REQUIRE_MESSAGE(made, std::string(made.error().message()));
    proxies.push_back(std::move(*made));
    return proxies.back().name();
  }
  static Endpoint endpoint_of(const std::string& name) { return naming::parse_endpoint(name.substr(1)).value(); }

  Result<void> listen_by(Manager& manager, const std::string& proxy) {
    std::optional<Result<void>> first;
    manager.proxy_listen(ProxyListen(proxy, endpoint_of(proxy)), [&first](Result<void> got) { first = got; });
    until([&first] { return first.has_value(); });
    if (!*first) MESSAGE(std::string(first->error().message()));
    return *first;
  }
  // Says something to the end of the way, and wants it back.
  void check_echo(const Endpoint& endpoint) {
    const auto dialed = dial_as(*client, endpoint);
    REQUIRE_MESSAGE(dialed, std::string(dialed.error().message()));
    CHECK(dialed->server.valid == std::vector<std::string>{"family:server"});
    const auto recorder = std::make_shared<Recorder>();
    const auto flow = open(*dialed->connection, recorder);
    on(*dialed->connection, [&] { flow->write(Bytes(100'000, 'x'), false); });
    until([&] { return recorder->text.size() == 100'000; });
    on(*dialed->connection, [&] { flow->close(); });
  }

  // A flow of `manager` to the proxy that begins with this; what the proxy says on it.
  std::shared_ptr<Recorder> say(Manager& manager, const std::string& proxy, Bytes first) {
    DialOptions options;
    options.authorizer = allow_everyone();
    const auto dialed = dial_as(manager, endpoint_of(proxy), options);
    REQUIRE(dialed);
    auto recorder = std::make_shared<Recorder>();
    on(*dialed->connection, [&] {
      auto flow = dialed->open_flow(flow::ShownBlessings(manager_blessings(manager))).value();
      flow->carry_messages();
      flow->listen(recorder);
      flow->write(std::move(first), false);
      held.push_back(flow);
    });
    return recorder;
  }
  Blessings manager_blessings(const Manager& manager) const {
    const auto found = shown.find(&manager);
    return found == shown.end() ? Blessings() : found->second;
  }
  Bytes setup_for(const Endpoint& wanted) const {
    flow::SetupInfo info;
    info.versions = {13, 14};
    info.key.emplace();
    info.key->fill(7);
    info.remote = wanted;
    info.mtu = 65536;
    return flow::encode(flow::make_setup(info));
  }

  LocalNetwork local = LocalNetwork::make();
  std::vector<Runtime> runtimes;
  std::vector<Server> proxies;
  std::map<const Manager*, Blessings> shown;
  std::vector<std::shared_ptr<Flow>> held;
  bool takes_raw = false;
  Inbox inbox;
};

Endpoint at(std::string address, std::uint8_t id, std::vector<std::string> routes = {}) {
  Endpoint endpoint;
  endpoint.protocol = "local";
  endpoint.address = std::move(address);
  endpoint.routing_id = routing_id(id);
  endpoint.routes = std::move(routes);
  return endpoint;
}

TEST_CASE(
    "[12.3] a server behind a proxy is reached by those who know its endpoint, and only its ends see what is said") {
  Scene scene;
  scene.runtimes.reserve(8);
  const std::string proxy = scene.proxy_at("p");
  REQUIRE(scene.listen_by(*scene.server, proxy));
  const auto endpoints = scene.server->status().endpoints;
  REQUIRE(endpoints.size() == 1);
  CHECK(endpoints[0].address == "p");
  CHECK(endpoints[0].routing_id == routing_id(1));
  scene.check_echo(endpoints[0]);
}

TEST_CASE("[12.5] two proxies, one behind the other: the Setup passes unchanged, and version 14 holds end to end") {
  Scene scene;
  scene.runtimes.reserve(8);
  const std::string outer = scene.proxy_at("outer");
  const std::string inner = scene.proxy_at("inner", ServerOptions().proxy(outer));
  CHECK(!scene.proxies[1].proxy_errors().at(outer));
  REQUIRE(scene.listen_by(*scene.server, inner));
  const auto endpoints = scene.server->status().endpoints;
  REQUIRE(endpoints.size() == 2);  // the inner proxy's own, and the outer one's
  CHECK(endpoints[0].address == "inner");
  CHECK(endpoints[1].address == "outer");
  CHECK(endpoints[1].routes == std::vector<std::string>{naming::to_string(Scene::endpoint_of(inner).routing_id)});
  CHECK(endpoints[1].routing_id == routing_id(1));
  scene.check_echo(endpoints[1]);
}

TEST_CASE("[F-29] three proxies in a row pass on messages of the length that they came in") {
  Scene scene;
  scene.runtimes.reserve(8);
  const std::string first = scene.proxy_at("first");
  const std::string second = scene.proxy_at("second", ServerOptions().proxy(first));
  const std::string third = scene.proxy_at("third", ServerOptions().proxy(second));
  REQUIRE(scene.listen_by(*scene.server, third));
  const auto endpoints = scene.server->status().endpoints;
  const auto longest = std::max_element(endpoints.begin(), endpoints.end(),
                                        [](const auto& a, const auto& b) { return a.routes.size() < b.routes.size(); });
  REQUIRE(longest->routes.size() == 2);
  CHECK(longest->address == "first");
  scene.check_echo(*longest);
}

TEST_CASE("calls go to a server that listens by way of a proxy alone") {
  Scene scene;
  scene.runtimes.reserve(8);
  const std::string proxy = scene.proxy_at("p");
  const Runtime& mine = scene.runtime("discharger");
  auto server = mine.serve(make_discharger(DischargerOptions(mine.principal())),
                           ServerOptions().proxy(proxy).authorizer(allow_everyone()));
  REQUIRE(server);
  REQUIRE(server->endpoints().size() == 1);
  CHECK(!server->proxy_errors().at(proxy));
  CHECK(server->name().find("@p@") != std::string::npos);
  const Runtime& other = scene.runtime("caller");
  const auto caveat =
      third_party_caveat(mine.principal()->public_key(), server->name(), DischargeRequirements(), {unconstrained_use()})
          .value();
  wire::DischargerClient client(other, server->name());
  const auto ctx = other.context().with_timeout(30s);
  CHECK(client.Discharge(ctx, caveat, {}).get());
  CHECK(client.Discharge(ctx, caveat, {}).get());
  server->stop();
}

TEST_CASE("a server that cannot reach its proxy serves all the same, and says why nobody comes") {
  Scene scene;
  scene.runtimes.reserve(8);
  const Runtime& mine = scene.runtime("server");
  const auto object = make_discharger(DischargerOptions(mine.principal()));
  CHECK(verror::BadArg.matches(mine.serve(object, ServerOptions().proxy("a/b")).error()));
  CHECK(verror::BadArg.matches(mine.serve(object, ServerOptions().proxy("/p:1/below")).error()));
  Endpoint nowhere = at("nowhere", 3);
  const std::string name = "/" + naming::to_string(nowhere);
  auto server = mine.serve(object, ServerOptions().proxy(name));
  REQUIRE(server);
  CHECK(server->proxy_errors().at(name));
  CHECK(server->name().find("@bidi@") != std::string::npos);
}

TEST_CASE("[12.1] who is not let in by the proxy's authorizer is told so, and is not reached") {
  Scene scene;
  scene.runtimes.reserve(8);
  const std::string proxy =
      scene.proxy_at("p", ServerOptions().authorizer(patterns_authorizer({BlessingPattern("family:chosen")})));
  const auto first = scene.listen_by(*scene.server, proxy);
  REQUIRE(!first);
  CHECK(std::string(first.error().message()).find("the proxy refuses") != std::string::npos);
  CHECK(scene.server->status().proxy_errors.at(proxy));
  Endpoint endpoint = Scene::endpoint_of(proxy);
  endpoint.routing_id = routing_id(1);
  CHECK(!scene.dial_as(*scene.client, endpoint));
}

TEST_CASE("what a peer says of itself reaches the log without line ends") {
  Scene scene;
  scene.runtimes.reserve(8);
  // The dialer's address contains the proxy's here, and a Setup tells it as it is.
  const std::string proxy = scene.proxy_at("p\nniobium: error: y",
                                           ServerOptions().authorizer(patterns_authorizer({BlessingPattern("none")})));
  const auto refused = scene.say(*scene.server, proxy, proxy_request(Proxied::kServer));
  scene.until([&] { return refused->closed == 1; });
  const auto nowhere = scene.say(*scene.client, proxy, scene.setup_for(at("p", 4)));
  scene.until([&] { return nowhere->closed == 1; });
  CHECK(scene.log->count("proxy: refused @6@local@dialer of p?niobium: error: y@") == 1);
  CHECK(scene.log->count("proxy: no way for @6@local@dialer of p?niobium: error: y@") == 1);
  CHECK(scene.log->count("\n") == 0);
}

TEST_CASE("[15.3] a routing id that is taken is not given to another key, and clients have none to be reached by") {
  Scene scene;
  scene.runtimes.reserve(8);
  const std::string proxy = scene.proxy_at("p");
  REQUIRE(scene.listen_by(*scene.server, proxy));
  auto thief = scene.make(routing_id(1), scene.family.member("thief"));
  const auto first = scene.listen_by(*thief, proxy);
  REQUIRE(!first);
  CHECK(std::string(first.error().message()).find("another server's") != std::string::npos);
  scene.check_echo(scene.server->status().endpoints.at(0));
  bool closed = false;
  thief->close([&closed] { closed = true; });
  scene.until([&closed] { return closed; });
}

TEST_CASE("[15.2] what is no way on is closed: bad Setups, unknown routing ids, circles") {
  Scene scene;
  scene.runtimes.reserve(8);
  const std::string proxy = scene.proxy_at("p");
  REQUIRE(scene.listen_by(*scene.server, proxy));
  const std::string mine = naming::to_string(Scene::endpoint_of(proxy).routing_id);
  const std::string other = naming::to_string(routing_id(6));
  const std::string unknown = naming::to_string(routing_id(7));
  // Both are reached as proxies, so that nothing but the look at the routes ends what leads to them in circles.
  scene.takes_raw = true;
  std::vector<std::shared_ptr<Manager>> ways_on;
  for (const auto& id : {routing_id(6), Scene::endpoint_of(proxy).routing_id}) {
    const auto principal = scene.family.member("way on");
    ways_on.push_back(scene.make(id, principal));
    scene.shown[ways_on.back().get()] = principal->store().default_blessings();
    const auto answered = scene.say(*ways_on.back(), proxy, proxy_request(Proxied::kProxy));
    scene.until([&] { return !answered->text.empty(); });
    REQUIRE(read_proxy_answer(bytes(answered->text)));
  }
  const auto led = scene.say(*scene.client, proxy, scene.setup_for(at("p", 1, {other})));
  scene.until([&] { return scene.inbox.flows.size() == 1; });
  std::vector<Bytes> bad{
      {0x7e},
      bytes("\x7e\x0e\x0e garbage that is no option"),
      Bytes(60'000, 0x7e),
      scene.setup_for(at("p", 4)),
      scene.setup_for(Endpoint{}),
      scene.setup_for(at("p", 1, {unknown})),
      scene.setup_for(at("p", 1, {mine, mine})),
      scene.setup_for(at("p", 1, {mine, other, mine})),
      scene.setup_for(at("p", 1, {"no id"})),
      scene.setup_for(at("p", 1, std::vector<std::string>(100, other))),
  };
  for (const Bytes& each : bad) {
    const auto recorder = scene.say(*scene.client, proxy, each);
    scene.until([&] { return recorder->closed == 1; });
    CHECK(recorder->text.empty());
  }
  CHECK(scene.inbox.flows.size() == 1);
  CHECK(led->closed == 0);
  scene.takes_raw = false;
  scene.check_echo(scene.server->status().endpoints.at(0));
  scene.inbox = Inbox();
  scene.held.clear();
  for (const auto& each : ways_on) {
    bool closed = false;
    each->close([&closed] { closed = true; });
    scene.until([&closed] { return closed; });
  }
}

TEST_CASE("[12.5] two proxies behind each other come to rest, and lead to who is behind them") {
  Scene scene;
  scene.runtimes.reserve(8);
  const std::string first = scene.proxy_at("a", ServerOptions().proxy("/" + naming::to_string(at("b", 0))));
  const std::string second = scene.proxy_at("b", ServerOptions().proxy(first));
  REQUIRE(scene.listen_by(*scene.server, first));
  // Its own, and that of the second one, when it has been reached.
  scene.until([&] {
    scene.clock->advance(100ms);
    return scene.server->status().endpoints.size() >= 2;
  });
  for (int i = 0; i < 5; ++i) {
    scene.clock->advance(1s);
    scene.check_echo(scene.server->status().endpoints.at(0));
  }
  const auto endpoints = scene.server->status().endpoints;
  REQUIRE(endpoints.size() == 2);
  CHECK(endpoints[0].routes.empty());
  CHECK(endpoints[1].address == "b");
  CHECK(endpoints[1].routes == std::vector<std::string>{naming::to_string(Scene::endpoint_of(first).routing_id)});
  scene.check_echo(endpoints[1]);
}

TEST_CASE("[12.2] who is let in no more after the policy has changed is not led to, although it is still there") {
  Scene scene;
  scene.runtimes.reserve(8);
  const auto is_open = std::make_shared<std::atomic<bool>>(true);  // shared with the proxy's threads
  const std::string proxy = scene.proxy_at(
      "p", ServerOptions().authorizer(authorizer([is_open](const Context&, const SecurityCall&) -> Result<void> {
        if (*is_open) return {};
        return verror::NoAccess("not any more");
      })));
  scene.takes_raw = true;
  const auto answered = scene.say(*scene.server, proxy, proxy_request(Proxied::kServer));
  scene.until([&] { return !answered->text.empty(); });
  *is_open = false;
  const auto route = scene.say(*scene.client, proxy, scene.setup_for(at("p", 1)));
  scene.until([&] { return route->closed == 1; });
  for (int i = 0; i < 10; ++i) scene.poll();
  CHECK(scene.inbox.flows.empty());
  CHECK(scene.log->count("not any more") == 1);
  CHECK(answered->closed == 0);
  Endpoint endpoint = Scene::endpoint_of(proxy);
  endpoint.routing_id = routing_id(1);
  CHECK(!scene.dial_as(*scene.client, endpoint));
}

TEST_CASE("[15.2] as many connections pass as are allowed, and more when some have ended") {
  Scene scene;
  scene.runtimes.reserve(8);
  ProxyLimits limits;
  limits.routes_of_one_client = 3;
  limits.routes = 4;
  const std::string proxy = scene.proxy_at("p", {}, limits);
  scene.takes_raw = true;
  // A server that never answers.
  const auto answered = scene.say(*scene.server, proxy, proxy_request(Proxied::kServer));
  scene.until([&] { return !answered->text.empty(); });
  std::vector<std::shared_ptr<Recorder>> routes;
  for (int i = 0; i < 3; ++i) routes.push_back(scene.say(*scene.client, proxy, scene.setup_for(at("p", 1))));
  scene.until([&] { return scene.inbox.flows.size() == 3; });
  const auto fourth = scene.say(*scene.client, proxy, scene.setup_for(at("p", 1)));
  scene.until([&] { return fourth->closed == 1; });
  CHECK(scene.inbox.flows.size() == 3);
  scene.on(scene.inbox.flows[0]->connection(), [&] { scene.inbox.flows[0]->close(); });
  scene.until([&] { return routes[0]->closed + routes[1]->closed + routes[2]->closed == 1; });
  const auto fifth = scene.say(*scene.client, proxy, scene.setup_for(at("p", 1)));
  scene.until([&] { return scene.inbox.flows.size() == 4; });
  CHECK(fifth->closed == 0);
}

TEST_CASE("[15.2] a slow end stops the other one, and the proxy holds a window at most") {
  Scene scene;
  scene.runtimes.reserve(8);
  const std::string proxy = scene.proxy_at("p");
  scene.takes_raw = true;
  const auto answered = scene.say(*scene.server, proxy, proxy_request(Proxied::kServer));
  scene.until([&] { return !answered->text.empty(); });
  const auto route = scene.say(*scene.client, proxy, scene.setup_for(at("p", 1)));
  scene.until([&] { return scene.inbox.flows.size() == 1; });
  const auto flow = scene.held.back();
  constexpr std::size_t kMessage = 32 * 1024;
  constexpr std::size_t kSize = 8u << 20;
  scene.on(flow->connection(), [&] {
    for (std::size_t n = 0; n < kSize; n += kMessage) flow->write(Bytes(kMessage, 1), false);
  });
  auto& got = *scene.inbox.recorders[0];
  const std::size_t setup = scene.setup_for(at("p", 1)).size();
  scene.until([&] { return got.text.size() > (1u << 20) - kMessage; });
  for (int i = 0; i < 200; ++i) scene.poll();
  CHECK(got.text.size() <= 1u << 20);
  CHECK(flow->pending() >= kSize - (2u << 20));
  // Read, and all of it arrives.
  std::size_t read = 0;
  scene.until([&] {
    const std::size_t n = got.text.size() - read;
    if (n > 0) scene.on(scene.inbox.flows[0]->connection(), [&] { scene.inbox.flows[0]->consumed(n); });
    read += n;
    return read == kSize + setup;
  });
  CHECK(route->closed == 0);
}

TEST_CASE(
    "what an end says last still arrives when it has left; and a server that says more than its request is let go") {
  Scene scene;
  scene.runtimes.reserve(8);
  const std::string proxy = scene.proxy_at("p");
  scene.takes_raw = true;
  const auto answered = scene.say(*scene.server, proxy, proxy_request(Proxied::kServer));
  scene.until([&] { return !answered->text.empty(); });
  const auto request = scene.held.back();
  const auto route = scene.say(*scene.client, proxy, scene.setup_for(at("p", 1)));
  scene.until([&] { return scene.inbox.flows.size() == 1; });
  const auto flow = scene.held.back();
  scene.on(flow->connection(), [&] { flow->write(bytes("last words"), true); });
  scene.until([&] { return scene.inbox.recorders[0]->closed == 1; });
  CHECK(scene.inbox.recorders[0]->text.ends_with("last words"));
  scene.on(request->connection(), [&] { request->write(bytes("more"), false); });
  scene.until([&] { return answered->closed == 1; });
  const auto none = scene.say(*scene.client, proxy, scene.setup_for(at("p", 1)));
  scene.until([&] { return none->closed == 1; });
}

TEST_CASE("a proxy that stops ends what passes; servers see it go") {
  Scene scene;
  scene.runtimes.reserve(8);
  const std::string proxy = scene.proxy_at("p");
  REQUIRE(scene.listen_by(*scene.server, proxy));
  const auto connection = scene.dial(scene.server->status().endpoints.at(0)).value();
  std::optional<Error> why;
  scene.on(*connection, [&] { connection->when_closed([&why](const Error& error) { why = error; }); });
  scene.proxies[0].stop(0s);
  scene.until([&] { return why.has_value() && scene.server->status().endpoints[0].protocol == "bidi"; });
  CHECK(scene.server->status().proxy_errors.at(proxy));
}

TEST_CASE("the table of servers takes so many, and so many of one") {
  services::ProxiedServers table(3);
  Scene scene;
  const auto key = scene.family.stranger()->public_key();
  const auto add = [&](std::uint8_t id) { return table.add(routing_id(id), {nullptr, {}, key, nullptr}); };
  CHECK(!add(1));
  CHECK(!add(1));
  CHECK(!add(2));
  CHECK(add(3));
  CHECK(table.find(routing_id(2), Proxied::kServer) != nullptr);
  CHECK(table.find(routing_id(2), Proxied::kProxy) == nullptr);
  CHECK(table.find(routing_id(3), Proxied::kServer) == nullptr);
}

}  // namespace
}  // namespace nb
