// Servers behind proxies, and connections to them (docs/spec/flow-protocol.md 12), with a simple relay for a proxy.
#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <nb/base/verror.h>
#include <nb/security/caveat.h>

#include "conn/live_connection.h"
#include "conn/testing/recording_network.h"
#include "conn/testing/relay.h"
#include "transport/errors.h"

using namespace nb::conn;
using namespace nb::conn::testing;
using namespace std::chrono_literals;
using nb::Bytes;
using nb::Error;
using nb::naming::Endpoint;

namespace {

// A server that listens by way of a proxy and nowhere else, and a client.
struct BehindProxy : Pair {
  explicit BehindProxy(const std::string& over = "local", std::function<void(ManagerOptions&)> adjust = {})
      : Pair(over, std::move(adjust)) {
    proxy = make(routing_id(9), family.member("proxy"));
    acceptor = [this](std::shared_ptr<Flow> flow) {
      if (flow->connection().local_endpoint().routing_id == routing_id(9)) return relay.take(flow);
      accepted.push_back(flow);
      Echo::on(std::move(flow));
    };
    const auto at = proxy->listen(protocol, protocol == "local" ? "proxy" : "127.0.0.1:0");
    REQUIRE(at);
    proxy_at = *at;
    relay.endpoints = {proxy_at};
  }
  ~BehindProxy() {
    accepted.clear();
    bool closed = false;
    if (proxy) proxy->close([&closed] { closed = true; });
    until([&] { return closed || !proxy; });
    relay = Relay();
  }

  nb::Result<void> listen_by_proxy(const std::shared_ptr<const nb::Authorizer>& authorizer = nullptr) {
    std::optional<nb::Result<void>> first;
    ProxyListen wish("the proxy", proxy_at);
    wish.authorizer = authorizer;
    server->proxy_listen(wish, [&first](nb::Result<void> result) { first = std::move(result); });
    until([&first] { return first.has_value(); });
    return *first;
  }
  Endpoint behind() {
    REQUIRE(server->status().endpoints.at(0).protocol == "bidi");
    return behind_as_well();
  }
  // When it listens elsewhere, too.
  Endpoint behind_as_well() {
    REQUIRE(listen_by_proxy());
    return server->status().endpoints.back();
  }

  std::shared_ptr<Manager> proxy;
  Endpoint proxy_at;
  Relay relay;
  std::vector<std::shared_ptr<Flow>> accepted;
};

}  // namespace

TEST_CASE("[F-2] a server listens by way of a proxy: its endpoints are the proxy's, with its own id and names") {
  BehindProxy pair;
  int changes = 0;
  const auto token = pair.server->on_endpoints_changed([&changes] { ++changes; });
  const Endpoint endpoint = pair.behind();
  CHECK(endpoint.address == pair.proxy_at.address);
  CHECK(endpoint.routing_id == routing_id(1));
  CHECK(endpoint.blessing_names == std::vector<std::string>{"family:server"});
  CHECK(changes == 1);
  REQUIRE(pair.server->status().proxy_errors.contains("the proxy"));
  CHECK(!pair.server->status().proxy_errors.at("the proxy"));
}

TEST_CASE("[F-2] [12.3] a client reaches a server behind a proxy, and both know whom they talk to") {
  std::string over;
  SUBCASE("tcp") { over = "tcp"; }
  SUBCASE("in memory") { over = "local"; }
  SUBCASE("websockets") { over = "ws"; }
  BehindProxy pair(over);
  const Endpoint endpoint = pair.behind();
  const auto dialed = pair.dial_as(*pair.client, endpoint);
  REQUIRE_MESSAGE(dialed, std::string(dialed.error().message()));
  CHECK(dialed->server.valid == std::vector<std::string>{"family:server"});
  CHECK(dialed->connection->remote_endpoint().routing_id == routing_id(1));
  CHECK(pair.relay.routes == 1);

  auto recorder = std::make_shared<Recorder>();
  const auto flow = pair.open(*dialed->connection, recorder);
  pair.on(*dialed->connection, [&] { flow->write(bytes("through and back"), false); });
  pair.until([&] { return recorder->text.size() == 16; });
  CHECK(recorder->text == "through and back");
  REQUIRE(pair.accepted.size() == 1);
  CHECK(pair.accepted[0]->connection().remote_endpoint().routing_id == routing_id(2));
  pair.on(*dialed->connection, [&] { flow->close(); });
}

TEST_CASE("[F-29] a connection knows its transport's far end: the socket's address, or its carrier's") {
  BehindProxy pair("tcp");
  const auto at = pair.listen();
  const Endpoint through = pair.behind_as_well();
  const auto address_of = [](Connection& connection) {
    return static_cast<LiveConnection&>(connection).remote_address();
  };
  const auto direct = pair.dial(at).value();
  const auto flow = pair.open(*direct, std::make_shared<Recorder>());
  pair.on(*direct, [&] { flow->write(bytes("x"), false); });
  pair.until([&] { return pair.accepted.size() == 1; });
  CHECK(address_of(*direct) == at.address);
  CHECK(address_of(pair.accepted[0]->connection()) == direct->local_endpoint().address);
  CHECK(address_of(*direct) != address_of(pair.accepted[0]->connection()));

  pair.on(*direct, [&] { direct->close(nb::verror::Unknown("the way through the proxy is next")); });
  pair.until([&] { return pair.client->status().connections == 0; });
  CHECK(address_of(*direct).empty());
  const auto nested = pair.dial(through).value();
  CHECK(address_of(*nested) == pair.proxy_at.address);
}

TEST_CASE("[12.3] the connection through a proxy is found again, by the server's routing id, and made once") {
  BehindProxy pair;
  const Endpoint endpoint = pair.behind();
  std::vector<std::shared_ptr<Connection>> got;
  for (int i = 0; i < 3; ++i) {
    pair.client->dial(endpoint, {}, {}, [&got](nb::Result<Dialed> dialed) {
      REQUIRE(dialed);
      got.push_back(dialed->connection);
    });
  }
  pair.until([&] { return got.size() == 3; });
  CHECK(got[0] == got[1]);
  CHECK(got[0] == got[2]);
  CHECK(pair.dial(endpoint).value() == got[0]);
  CHECK(Pair::dial_cached(*pair.client, endpoint).value() == got[0]);
  CHECK(pair.relay.routes == 1);
  CHECK(pair.client->status().connections == 2);  // the proxy's, and the one inside
}

TEST_CASE("[12.3] a second server behind the same proxy is reached over the connection that is there") {
  BehindProxy pair;
  const Endpoint endpoint = pair.behind();
  REQUIRE(pair.dial(endpoint));
  auto second = pair.make(routing_id(5), pair.family.member("second"));
  std::optional<nb::Result<void>> first;
  second->proxy_listen(ProxyListen("p", pair.proxy_at), [&first](nb::Result<void> result) { first = result; });
  pair.until([&first] { return first.has_value(); });
  REQUIRE(*first);
  const auto there = pair.dial_as(*pair.client, second->status().endpoints.at(0));
  REQUIRE(there);
  CHECK(there->server.valid == std::vector<std::string>{"family:second"});
  CHECK(pair.client->status().connections == 3);
  bool closed = false;
  second->close([&closed] { closed = true; });
  pair.until([&closed] { return closed; });
}

TEST_CASE("[12.3] the authorizer of a dial judges the server at the end, and never the proxy") {
  BehindProxy pair;
  const Endpoint endpoint = pair.behind();
  std::vector<std::string> asked;
  DialOptions options;
  options.authorizer = nb::authorizer([&asked](const nb::Context&, const nb::SecurityCall& call) -> nb::Result<void> {
    asked.push_back(call.remote_blessings.claimed_names().at(0));
    return nb::verror::NoAccess("not this one");
  });
  const auto dialed = pair.dial_as(*pair.client, endpoint, options);
  REQUIRE(!dialed);
  CHECK(nb::verror::NotTrusted.matches(dialed.error()));
  CHECK(asked == std::vector<std::string>{"family:server"});
  CHECK(pair.accepted.empty());
}

TEST_CASE("[12.3] a name behind the proxy that promises another server than answers there is not trusted") {
  BehindProxy pair;
  Endpoint endpoint = pair.behind();
  endpoint.blessing_names = {"family:somebody"};
  const auto dialed = pair.dial_as(*pair.client, endpoint);
  REQUIRE(!dialed);
  CHECK(nb::verror::NotTrusted.matches(dialed.error()));
}

TEST_CASE("[12.4] from Setup on, frames cross the carrier without a second seal, and the proxy sees nothing of them") {
  BehindProxy pair;
  const Endpoint endpoint = pair.behind();
  const auto dialed = pair.dial_as(*pair.client, endpoint);
  REQUIRE(dialed);
  auto recorder = std::make_shared<Recorder>();
  const auto flow = pair.open(*dialed->connection, recorder);
  pair.on(*dialed->connection, [&] { flow->write(bytes("secret words"), false); });
  pair.until([&] { return recorder->text.size() == 12; });
  for (const Bytes& each : pair.relay.forwarded) {
    const std::string text(each.begin(), each.end());
    CHECK(text.find("secret words") == std::string::npos);
  }
  CHECK(pair.relay.forwarded.size() > 4);
  pair.on(*dialed->connection, [&] { flow->close(); });
}

TEST_CASE("[12.4] the TearDown of a handshake that got no keys crosses the carrier under its seal") {
  const auto ear = std::make_shared<RecordingNetwork>();
  BehindProxy pair("local", [&](ManagerOptions& options) {
    options.protocols.add("local", {ear, "local"});
    options.versions = {13, 14};
    if (options.routing_id == routing_id(1)) options.versions = {14, 14};
    if (options.routing_id == routing_id(2)) options.versions = {13, 13};
  });
  const auto dialed = pair.dial_as(*pair.client, pair.behind());
  REQUIRE(!dialed);
  const std::string words = "no common protocol version";
  CHECK(std::string(dialed.error().message()).find(words) != std::string::npos);
  // Each end says so to the other one; both have read the other's Setup, and sealed nothing.
  const auto passed = [&] {
    return std::count_if(pair.relay.forwarded.begin(), pair.relay.forwarded.end(),
                         [&](const Bytes& each) { return nb::as_text(each).find(words) != std::string::npos; });
  };
  pair.until([&] { return passed() > 0; });
  for (int i = 0; i < 100; ++i) pair.poll();
  CHECK(ear->recordings().size() == 2);
  CHECK(ear->count("proxy", bytes(words)) == 0);
}

TEST_CASE("[12.4] much data goes through in both directions, in messages that fit the carrier") {
  BehindProxy pair;
  const Endpoint endpoint = pair.behind();
  const auto connection = pair.dial(endpoint).value();
  CHECK(static_cast<LiveConnection&>(*connection).mtu() <= 65536 - 32);
  struct Reader final : Recorder {
    void on_payload(Bytes payload) override {
      size += payload.size();
      flow->consumed(payload.size());
    }
    std::size_t size = 0;
    std::shared_ptr<Flow> flow;
  };
  auto reader = std::make_shared<Reader>();
  reader->flow = pair.open(*connection, reader);
  constexpr std::size_t kSize = 8u << 20;
  pair.on(*connection, [&] { reader->flow->write(Bytes(kSize, 7), false); });
  pair.until([&] { return reader->size == kSize; });
  std::size_t longest = 0;
  for (const Bytes& each : pair.relay.forwarded) longest = std::max(longest, each.size());
  CHECK(longest <= 65536);
  CHECK(longest > 60000);
  pair.on(*connection, [&] { reader->flow->close(); });
  reader->flow.reset();
}

TEST_CASE("[12.4] a reader at the far end that does not read stops the writer, with bounded memory on the way") {
  BehindProxy pair;
  const Endpoint endpoint = pair.behind();
  auto silent = std::make_shared<Recorder>();
  std::shared_ptr<Flow> far;
  pair.acceptor = [&, before = pair.acceptor](std::shared_ptr<Flow> flow) {
    if (flow->connection().local_endpoint().routing_id == routing_id(9)) return before(flow);
    far = flow;
    flow->listen(silent);
  };
  const auto connection = pair.dial(endpoint).value();
  const auto flow = pair.open(*connection, std::make_shared<Recorder>());
  pair.on(*connection, [&] { flow->write(Bytes(16u << 20, 1), false); });
  pair.poll();
  pair.until([&] { return silent->text.size() == 1u << 20; });
  pair.poll();
  CHECK(silent->text.size() == 1u << 20);  // the window
  CHECK(flow->pending() == 15u << 20);     // the rest has not left
  pair.on(far->connection(), [&] { far->consumed(1u << 20); });
  pair.until([&] { return silent->text.size() == 2u << 20; });
  pair.on(*connection, [&] { flow->close(); });
  far.reset();
}

TEST_CASE("the end of the carrier is the end of what it carries, and the other way round") {
  BehindProxy pair;
  const Endpoint endpoint = pair.behind();
  const auto connection = pair.dial(endpoint).value();
  auto recorder = std::make_shared<Recorder>();
  const auto flow = pair.open(*connection, recorder);
  pair.on(*connection, [&] { flow->write(bytes("x"), false); });
  pair.until([&] { return recorder->text == "x"; });
  std::optional<Error> why;
  pair.on(*connection, [&] { connection->when_closed([&why](const Error& error) { why = error; }); });

  SUBCASE("the proxy closes the route") {
    pair.on(*pair.proxy->dial_cached(pair.proxy_at, {}).value_or(Dialed(connection, {}, {})).connection,
            [&] { pair.relay.end_routes(); });
    pair.until([&] { return why.has_value(); });
    CHECK(recorder->closed == 1);
  }
  SUBCASE("the proxy goes") {
    bool closed = false;
    pair.proxy->close([&closed] { closed = true; });
    pair.until([&] { return why.has_value() && closed; });
    CHECK(recorder->closed == 1);
  }
  SUBCASE("the client closes the connection: the server's words say so") {
    std::optional<Error> told;
    auto& there = pair.accepted.at(0)->connection();
    there.when_closed([&told](const Error& error) { told = error; });
    pair.on(*connection, [&] { connection->close(nb::verror::Unknown("enough of it")); });
    pair.until([&] { return told.has_value(); });
    CHECK(std::string(told->message()).find("enough of it") != std::string::npos);
    pair.until([&] { return pair.client->status().connections == 1; });  // the carrier stays
  }
}

TEST_CASE("[12.1] what the proxy says later takes the place of what it said first") {
  BehindProxy pair;
  (void)pair.behind();
  int changes = 0;
  const auto token = pair.server->on_endpoints_changed([&changes] { ++changes; });
  Endpoint other = pair.proxy_at;
  other.address = "elsewhere";
  pair.relay.endpoints.push_back(other);
  pair.clock->advance(1s);
  pair.on(pair.relay.servers.at(routing_id(1))->connection(), [&] { pair.relay.say(routing_id(1)); });
  pair.until([&] { return changes == 1; });
  REQUIRE(pair.server->status().endpoints.size() == 2);
  CHECK(pair.server->status().endpoints[1].address == "elsewhere");
  CHECK(pair.server->status().endpoints[1].routing_id == routing_id(1));
  pair.relay.endpoints.clear();
  pair.clock->advance(1s);
  pair.on(pair.relay.servers.at(routing_id(1))->connection(), [&] { pair.relay.say(routing_id(1)); });
  pair.until([&] { return changes == 2; });
  CHECK(pair.server->status().endpoints[0].protocol == "bidi");
}

TEST_CASE("[12.1] a proxy that says one thing after the other is listened to once a second, and the latest counts") {
  BehindProxy pair;
  (void)pair.behind();
  int changes = 0;
  const auto token = pair.server->on_endpoints_changed([&changes] { ++changes; });
  const auto say = [&pair](const std::string& address) {
    pair.relay.endpoints[0].address = address;
    pair.on(pair.relay.servers.at(routing_id(1))->connection(), [&pair] { pair.relay.say(routing_id(1)); });
    for (int i = 0; i < 20; ++i) pair.poll();
  };
  const auto address = [&pair] { return pair.server->status().endpoints.at(0).address; };
  for (int i = 0; i < 100; ++i) say("place " + std::to_string(i));
  CHECK(changes == 0);
  CHECK(address() == "proxy");
  pair.clock->advance(1s);
  pair.until([&] { return changes > 0; });
  CHECK(changes == 1);
  CHECK(address() == "place 99");
  say("last place");
  CHECK(changes == 1);
  pair.clock->advance(999ms);
  pair.poll();
  CHECK(changes == 1);
  pair.clock->advance(1ms);
  pair.until([&] { return changes == 2; });
  CHECK(address() == "last place");
  // What has not been told when the proxy goes is not told any more.
  say("too late");
  bool closed = false;
  pair.proxy->close([&closed] { closed = true; });
  pair.until([&] { return closed && pair.server->status().proxy_errors.at("the proxy"); });
  pair.clock->advance(1s);
  for (int i = 0; i < 20; ++i) pair.poll();
  CHECK(pair.server->status().endpoints.at(0).protocol == "bidi");
}

TEST_CASE("[12.5] a proxy keeps no ways on which somebody comes twice, or that are longer than others follow") {
  BehindProxy pair;
  const auto id = [](std::uint8_t n) { return nb::naming::to_string(routing_id(n)); };
  const auto way = [&](std::uint8_t first, std::vector<std::string> routes) {
    Endpoint endpoint = pair.proxy_at;
    endpoint.routing_id = routing_id(first);
    endpoint.routes = std::move(routes);
    endpoint.routes.push_back(id(1));
    return endpoint;
  };
  const auto of_length = [&](std::uint8_t n) {
    std::vector<std::string> routes;
    for (std::uint8_t i = 1; i < n; ++i) routes.push_back(id(static_cast<std::uint8_t>(100 + i)));
    return way(9, std::move(routes));
  };
  const std::vector<Endpoint> straight{way(9, {}), way(9, {id(4), id(5)}), of_length(32)};
  std::vector<Endpoint> all{way(1, {}),    way(9, {id(1)}),   way(9, {id(4), id(4)}), way(9, {id(9)}),
                            of_length(33), way(9, {"no id"}), way(1, {id(4)})};
  all.insert(all.end(), straight.begin(), straight.end());
  pair.relay.answer = proxy_answer(all);
  ProxyListen wish("the proxy", pair.proxy_at);
  wish.as = Proxied::kProxy;
  bool answered = false;
  pair.server->proxy_listen(wish, [&answered](const nb::Result<void>& result) { answered = result.ok(); });
  pair.until([&answered] { return answered; });
  const auto kept = pair.server->status().upstream_endpoints;
  REQUIRE(kept.size() == straight.size());
  for (std::size_t i = 0; i < kept.size(); ++i) CHECK(kept[i].routes == straight[i].routes);
}

TEST_CASE("[F-2] a proxy that refuses is told as the error, and asked again after growing pauses") {
  BehindProxy pair;
  pair.relay.answer = proxy_refusal("you are not one of us");
  const auto first = pair.listen_by_proxy();
  REQUIRE(!first);
  CHECK(std::string(first.error().message()).find("you are not one of us") != std::string::npos);
  CHECK(pair.server->status().proxy_errors.at("the proxy").message() == first.error().message());
  CHECK(pair.server->status().endpoints[0].protocol == "bidi");
  CHECK(pair.relay.requests == 1);
  pair.poll();
  CHECK(pair.relay.requests == 1);
  pair.clock->advance(50ms);
  pair.until([&] { return pair.relay.requests == 2; });
  pair.poll();
  pair.clock->advance(50ms);
  pair.poll();
  CHECK(pair.relay.requests == 2);
  pair.clock->advance(50ms);
  pair.until([&] { return pair.relay.requests == 3; });
  pair.poll();
  pair.relay.answer.clear();
  pair.clock->advance(200ms);
  pair.until([&] { return !pair.server->status().proxy_errors.at("the proxy"); });
  CHECK(pair.server->status().endpoints[0].routing_id == routing_id(1));
}

TEST_CASE("[F-2] a proxy that goes away takes its endpoints with it, and gives them again when it is back") {
  BehindProxy pair;
  const Endpoint endpoint = pair.behind();
  int changes = 0;
  const auto token = pair.server->on_endpoints_changed([&changes] { ++changes; });
  bool closed = false;
  pair.proxy->close([&closed] { closed = true; });
  pair.until([&] { return closed && changes > 0; });
  CHECK(pair.server->status().endpoints[0].protocol == "bidi");
  CHECK(pair.server->status().proxy_errors.at("the proxy"));
  pair.proxy = pair.make(routing_id(9), pair.family.member("proxy"));
  REQUIRE(pair.proxy->listen("local", "proxy"));
  pair.until([&] {
    pair.clock->advance(50ms);
    return !pair.server->status().proxy_errors.at("the proxy");
  });
  CHECK(pair.server->status().endpoints[0] == endpoint);
  CHECK(pair.dial(endpoint));
}

TEST_CASE("[12.1] answers that are none, and endpoints that lead elsewhere, are errors") {
  BehindProxy pair;
  Endpoint stranger = pair.proxy_at;
  std::string part;
  SUBCASE("another message") {
    pair.relay.answer = bytes("\x73");
    part = "a message of another type";
  }
  SUBCASE("no message") {
    pair.relay.answer = bytes("\x01xyz");
    part = "a bad answer";
  }
  SUBCASE("another server's routing id") {
    stranger.routing_id = routing_id(4);
    pair.relay.answer = proxy_answer({stranger});
    part = "does not lead here";
  }
  SUBCASE("line ends") {
    stranger.protocol = "x\nniobium: error: y";
    pair.relay.answer = proxy_answer({stranger});
    part = "@6@x?niobium: error: y@";
  }
  SUBCASE("very many") {
    stranger.routing_id = routing_id(1);
    pair.relay.answer = proxy_answer(std::vector<Endpoint>(kMostProxyEndpoints + 1, stranger));
    part = "more than 256";
  }
  const auto first = pair.listen_by_proxy();
  REQUIRE(!first);
  CHECK_MESSAGE(std::string(first.error().message()).find(part) != std::string::npos,
                std::string(first.error().message()));
  CHECK(std::string(first.error().id()) == nb::transport::kBadArgId);
  CHECK(pair.server->status().endpoints[0].protocol == "bidi");
  CHECK(pair.log->count("\n") == 0);
}

TEST_CASE("[12.1] a proxy that says nothing is given up after a minute, and one that is not trusted is not asked") {
  BehindProxy pair;
  SUBCASE("mute") {
    std::optional<nb::Result<void>> first;
    pair.acceptor = [&](const std::shared_ptr<Flow>& flow) { pair.accepted.push_back(flow); };
    pair.server->proxy_listen(ProxyListen("p", pair.proxy_at), [&first](nb::Result<void> result) { first = result; });
    pair.until([&] { return !pair.accepted.empty(); });
    pair.poll();
    CHECK(!first);
    pair.clock->advance(60s);
    pair.until([&first] { return first.has_value(); });
    CHECK(!*first);
  }
  SUBCASE("not trusted") {
    const auto first = pair.listen_by_proxy(nb::authorizer(
        [](const nb::Context&, const nb::SecurityCall&) -> nb::Result<void> { return nb::verror::NoAccess("no"); }));
    REQUIRE(!first);
    CHECK(nb::verror::NotTrusted.matches(first.error()));
    CHECK(pair.relay.requests == 0);
  }
}

TEST_CASE("[12.1] somebody who claims the proxy's routing id does not get what is for the proxy") {
  BehindProxy pair;
  const auto at = pair.listen();
  auto mallory = pair.make(routing_id(9), pair.family.member("mallory"));
  REQUIRE(pair.dial_as(*mallory, at));
  Endpoint claimed;
  claimed.protocol = "bidi";
  claimed.routing_id = routing_id(9);
  claimed.blessing_names = {"family:mallory"};
  pair.until([&] { return Pair::dial_cached(*pair.server, claimed).ok(); });
  REQUIRE(pair.listen_by_proxy());
  REQUIRE(pair.relay.servers.contains(routing_id(1)));
  CHECK(pair.relay.servers.at(routing_id(1))->connection().remote_shown().blessings.to_string() == "family:server");
  CHECK(pair.proxy->status().connections == 1);
  bool closed = false;
  mallory->close([&closed] { closed = true; });
  pair.until([&closed] { return closed; });
}

TEST_CASE("[12.1] a proxy that cannot be asked, for discharges that never come, is an error after a minute") {
  const auto discharger = *nb::Principal::make(nb::KeyType::kEd25519);
  const auto caveat =
      nb::third_party_caveat(discharger->public_key(), "nowhere", {}, {nb::unconstrained_use()}).value();
  std::shared_ptr<const nb::Principal> own;
  std::vector<std::function<void(nb::PreparedDischarges)>> asked;
  BehindProxy pair("local", [&](ManagerOptions& options) {
    if (options.routing_id != routing_id(1)) return;
    own = options.principal;
    options.prepare_discharges = [&](const nb::Blessings&, std::function<void(nb::PreparedDischarges)> done) {
      asked.push_back(std::move(done));
    };
  });
  SUBCASE("the proxy's") {
    const auto principal = pair.family.member("needy");
    pair.family.name_member(*principal, "needy", caveat);
    auto needy = pair.make(routing_id(9), principal);
    pair.proxy_at = needy->listen("local", "needy").value();
    std::swap(needy, pair.proxy);
    bool closed = false;
    needy->close([&closed] { closed = true; });
    pair.until([&closed] { return closed; });
  }
  SUBCASE("the server's") {
    REQUIRE(own->store().set(pair.family.blessings(*own, "guest", caveat), nb::BlessingPattern("family:proxy")));
  }
  std::optional<nb::Result<void>> first;
  pair.server->proxy_listen(ProxyListen("p", pair.proxy_at), [&first](nb::Result<void> result) { first = result; });
  for (int i = 0; i < 200; ++i) pair.poll();
  CHECK(!first);
  CHECK(pair.relay.requests == 0);
  pair.clock->advance(60s);
  pair.until([&first] { return first.has_value(); });
  REQUIRE(!*first);
  CHECK(std::string(first->error().message()).find("within a minute") != std::string::npos);
  // What comes too late is of no use, and the next attempt is one.
  for (const auto& done : std::exchange(asked, {})) done({});
  for (int i = 0; i < 200; ++i) pair.poll();
  CHECK(pair.relay.requests == 0);
  if (own->store().for_peer({"family:proxy"}).third_party_caveats().empty()) return;
  pair.clock->advance(50ms);
  pair.until([&] { return !asked.empty(); });
  for (const auto& done : std::exchange(asked, {})) done({});
  pair.until([&] { return pair.relay.requests == 1; });
}

TEST_CASE("[F-4] a server that stops listening leaves its proxies; what runs on its connections goes on") {
  BehindProxy pair;
  const Endpoint endpoint = pair.behind();
  const auto connection = pair.dial(endpoint).value();
  auto recorder = std::make_shared<Recorder>();
  const auto flow = pair.open(*connection, recorder);
  pair.on(*connection, [&] { flow->write(bytes("a"), false); });
  pair.until([&] { return recorder->text == "a"; });
  bool stopped = false;
  pair.server->stop_listening([&stopped] { stopped = true; });
  pair.until([&stopped] { return stopped; });
  CHECK(pair.server->status().endpoints[0].protocol == "bidi");
  CHECK(pair.server->status().proxy_errors.empty());
  CHECK(!connection->can_open_flows());
  pair.on(*connection, [&] { flow->write(bytes("b"), false); });
  pair.until([&] { return recorder->text == "ab"; });
  CHECK(!pair.dial(endpoint));
  CHECK(pair.listen_by_proxy());  // again
  pair.on(*connection, [&] { flow->close(); });
}

TEST_CASE("only managers that can be dialed listen by way of proxies, by each name once, and not after the end") {
  BehindProxy pair;
  const auto why = [&](const std::shared_ptr<Manager>& manager, const std::string& name) {
    std::optional<nb::Result<void>> first;
    manager->proxy_listen(ProxyListen(name, pair.proxy_at), [&first](nb::Result<void> result) { first = result; });
    pair.until([&first] { return first.has_value(); });
    return first->ok() ? std::string() : std::string(first->error().id());
  };
  CHECK(why(pair.server, "p") == "");
  CHECK(why(pair.server, "p") == nb::transport::kBadArgId);
  auto other = pair.make({}, pair.family.stranger());
  CHECK(why(other, "p") == nb::transport::kBadStateId);
  bool closed = false;
  other->close([&closed] { closed = true; });
  pair.until([&closed] { return closed; });
  auto last = pair.make(routing_id(7), pair.family.stranger());
  closed = false;
  last->close([&closed] { closed = true; });
  pair.until([&closed] { return closed; });
  CHECK(why(last, "p") == nb::transport::kBadStateId);
}

TEST_CASE("[11.3] somebody with another routing id who is no proxy is a clear error, soon") {
  BehindProxy pair;
  // The proxy's manager, but it knows no such server.
  Endpoint wanted = pair.proxy_at;
  wanted.routing_id = routing_id(1);
  wanted.blessing_names = {"family:server"};
  const auto dialed = pair.dial_as(*pair.client, wanted);
  REQUIRE(!dialed);
  CHECK(std::string(dialed.error().id()) == nb::transport::kDialFailedId);
  CHECK_MESSAGE(std::string(dialed.error().message()).find("leads no further") != std::string::npos,
                std::string(dialed.error().message()));
}

TEST_CASE("[12.3] a dial whose context ends ends the handshake behind the proxy at once; a mute one ends by itself") {
  BehindProxy pair;
  const Endpoint endpoint = pair.behind();
  pair.relay.is_mute = true;
  SUBCASE("cancelled") {
    auto [context, canceler] = nb::Context::root(pair.loop).with_cancel();
    std::optional<nb::Result<Dialed>> got;
    pair.client->dial(endpoint, context, {}, [&got](nb::Result<Dialed> result) { got = std::move(result); });
    pair.until([&] { return pair.relay.routes == 1; });
    canceler.cancel();
    pair.until([&] { return got && pair.client->status().connections == 1; });
    CHECK(nb::verror::Canceled.matches(got->error()));
  }
  SUBCASE("mute") {
    std::optional<nb::Result<Dialed>> got;
    pair.client->dial(endpoint, {}, {}, [&got](nb::Result<Dialed> result) { got = std::move(result); });
    pair.until([&] { return pair.relay.routes == 1; });
    pair.poll();
    pair.clock->advance(10s);
    pair.until([&] { return got.has_value(); });
    CHECK(!*got);
  }
}

TEST_CASE("[12.3] a carrier that ends just before it is used fails nobody: the way is looked for again") {
  BehindProxy pair;
  const Endpoint endpoint = pair.behind();
  Endpoint carrier = pair.proxy_at;
  carrier.routing_id = {};
  const auto there = pair.dial(carrier).value();
  std::optional<nb::Result<Dialed>> got;
  pair.on(*there, [&] {
    there->close(nb::verror::Unknown("at this moment"));
    pair.client->dial(endpoint, {}, {}, [&got](nb::Result<Dialed> result) { got = std::move(result); });
  });
  pair.until([&] { return got.has_value(); });
  REQUIRE_MESSAGE(*got, std::string(got->error().message()));
  CHECK((*got)->server.valid == std::vector<std::string>{"family:server"});
}

TEST_CASE("[12.3] a carrier in lame duck leads nobody on: the proxy is dialed anew") {
  BehindProxy pair;
  const Endpoint endpoint = pair.behind();
  std::vector<std::shared_ptr<Flow>> at_proxy;
  pair.acceptor = [&, before = pair.acceptor](std::shared_ptr<Flow> flow) {
    if (flow->connection().remote_endpoint().routing_id == routing_id(2)) at_proxy.push_back(flow);
    before(std::move(flow));
  };
  Endpoint carrier = pair.proxy_at;
  carrier.routing_id = {};
  const auto there = pair.dial(carrier).value();
  const auto flow = pair.open(*there, std::make_shared<Recorder>());
  pair.on(*there, [&] { flow->write(bytes("x"), false); });
  pair.until([&] { return at_proxy.size() == 1; });
  auto& far = static_cast<LiveConnection&>(at_proxy[0]->connection());
  SUBCASE("known before") {
    pair.on(far, [&] { far.enter_lame_duck(); });
    pair.until([&] { return !there->can_open_flows(); });
  }
  SUBCASE("on its way") {
    pair.on(far, [&] { far.enter_lame_duck(); });
  }
  const auto dialed = pair.dial_as(*pair.client, endpoint);
  REQUIRE_MESSAGE(dialed, std::string(dialed.error().message()));
  CHECK(dialed->server.valid == std::vector<std::string>{"family:server"});
  CHECK(there->is_open());
  pair.on(*there, [&] { flow->close(); });
  at_proxy.clear();
}

TEST_CASE("[12.3] a carrier that is in lame duck from its beginning fails the dial at once") {
  BehindProxy pair;
  const Endpoint endpoint = pair.behind();
  std::optional<nb::Result<Dialed>> got;
  pair.client->dial(endpoint, {}, {}, [&got](nb::Result<Dialed> result) { got = std::move(result); });
  // It is in its handshake, and asked to lame duck when that is done.
  pair.until([&] { return pair.proxy->status().connections == 2; });
  bool stopped = false;
  pair.proxy->stop_listening([&stopped] { stopped = true; });
  pair.until([&] { return got && stopped; });
  if (!*got) CHECK(std::string(got->error().id()) == nb::transport::kDialFailedId);
}

TEST_CASE("[12.3] who goes through a carrier that awaits discharges waits for them, and no longer than the carrier") {
  BehindProxy pair;
  const Endpoint endpoint = pair.behind();
  const auto discharger = *nb::Principal::make(nb::KeyType::kEd25519);
  const auto caveat =
      nb::third_party_caveat(discharger->public_key(), "nowhere", {}, {nb::unconstrained_use()}).value();
  const auto principal = pair.family.member("needy");
  pair.family.name_member(*principal, "needy", caveat);
  auto needy = pair.make(routing_id(7), principal);
  Endpoint carrier = needy->listen("local", "needy").value();
  carrier.routing_id = {};
  DialOptions anybody;
  anybody.authorizer = nb::allow_everyone();
  auto [context, canceler] = nb::Context::root(pair.loop).with_cancel();
  std::optional<nb::Result<Dialed>> first;
  std::optional<nb::Result<Dialed>> got;
  pair.client->dial(carrier, context, anybody, [&first](nb::Result<Dialed> result) { first = std::move(result); });
  for (int i = 0; i < 200; ++i) pair.poll();
  CHECK(!first);
  Endpoint through = endpoint;
  through.address = "needy";
  pair.client->dial(through, {}, {}, [&got](nb::Result<Dialed> result) { got = std::move(result); });
  for (int i = 0; i < 200; ++i) pair.poll();
  CHECK(!got);
  bool closed = false;
  needy->close([&closed] { closed = true; });
  pair.until([&] { return closed && got; });
  CHECK(!*got);  // nobody listens there any more
  canceler.cancel();
  pair.until([&] { return first.has_value(); });
}

TEST_CASE("an idle connection behind a proxy ends, and then the one that carried it") {
  BehindProxy pair;
  const Endpoint endpoint = pair.behind();
  const auto connection = pair.dial(endpoint).value();
  CHECK(pair.client->status().connections == 2);
  for (int i = 0; i < 30 && pair.client->status().connections > 0; ++i) {
    pair.clock->advance(5min);
    pair.poll();
    pair.poll();
  }
  pair.until([&] {
    pair.clock->advance(1s);
    return pair.client->status().connections == 0;
  });
  CHECK(!connection->is_open());
  CHECK(!pair.server->status().proxy_errors.at("the proxy"));  // the server's flow to the proxy keeps its connection
}

TEST_CASE("a connection whose far end is dead ends by its own health checks, while its carrier lives") {
  BehindProxy pair;
  const Endpoint endpoint = pair.behind();
  DialOptions options;
  const auto connection = pair.dial(endpoint).value();
  auto recorder = std::make_shared<Recorder>();
  std::shared_ptr<Flow> flow;
  pair.on(*connection, [&] {
    auto opened = connection->open_flow({}, 10s);
    REQUIRE(opened);
    flow = *opened;
    flow->listen(recorder);
    flow->write(bytes("x"), false);
  });
  pair.until([&] { return recorder->text == "x"; });
  pair.relay.cut = true;
  for (int i = 0; i < 4 && recorder->closed == 0; ++i) {
    pair.clock->advance(5s);
    pair.poll();
  }
  pair.until([&] { return recorder->closed == 1; });
  CHECK(pair.client->status().connections >= 1);
}

TEST_CASE("[12.4] blessings that are longer than what the carrier takes at once pass in parts") {
  BehindProxy pair;
  const auto principal = pair.family.member("large");
  std::vector<std::string> methods;
  for (int i = 0; i < 4000; ++i) methods.push_back("AMethodWithALongishName" + std::to_string(i));
  methods.push_back("");  // what a client asks about a server
  pair.family.name_member(*principal, "large", nb::method_caveat(methods));
  auto large = pair.make(routing_id(5), principal);
  std::optional<nb::Result<void>> first;
  large->proxy_listen(ProxyListen("p", pair.proxy_at), [&first](nb::Result<void> result) { first = result; });
  pair.until([&first] { return first.has_value(); });
  REQUIRE(*first);
  const auto dialed = pair.dial_as(*pair.client, large->status().endpoints.at(0));
  REQUIRE_MESSAGE(dialed, std::string(dialed.error().message()));
  std::size_t size = 0;
  for (const Bytes& each : pair.relay.forwarded) size += each.size();
  CHECK(size > 100'000);
  bool closed = false;
  large->close([&closed] { closed = true; });
  pair.until([&closed] { return closed; });
}
