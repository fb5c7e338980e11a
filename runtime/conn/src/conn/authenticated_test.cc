// Who is trusted: dials that judge the server, connections that are judged again, and what both ends show.
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <nb/base/verror.h>
#include <nb/security/caveat.h>

#include "conn/live_connection.h"
#include "conn/testing/pair.h"
#include "transport/errors.h"

using namespace nb::conn;
using namespace nb::conn::testing;
using namespace std::chrono_literals;

namespace {

using Results = std::vector<std::optional<nb::Result<Dialed>>>;

DialOptions by(std::shared_ptr<const nb::Authorizer> authorizer) {
  DialOptions options;
  options.authorizer = std::move(authorizer);
  return options;
}

// Counts how often it is asked, and accepts whoever has the name.
struct Counting {
  explicit Counting(std::string name)
      : name(std::move(name)),
        rule(nb::authorizer([this](const nb::Context& context, const nb::SecurityCall& call) -> nb::Result<void> {
          ++asked;
          last = call;
          for (const auto& valid : nb::remote_blessing_names(context, call).valid) {
            if (valid == this->name) return {};
          }
          return nb::verror::NoAccess("not " + this->name);
        })) {}
  std::string name;
  int asked = 0;
  nb::SecurityCall last;
  std::shared_ptr<const nb::Authorizer> rule;
};

void dial(Pair& pair, Results& results, const nb::naming::Endpoint& endpoint, const DialOptions& options) {
  const std::size_t i = results.size();
  results.emplace_back();
  pair.client->dial(endpoint, {}, options, [&results, i](nb::Result<Dialed> result) {
    CHECK(!results[i]);
    results[i] = std::move(result);
  });
}

bool all(const Results& results) {
  for (const auto& result : results) {
    if (!result) return false;
  }
  return true;
}

std::string names(const nb::flow::ShownBlessings& shown) { return shown.blessings.to_string(); }

nb::naming::Endpoint back_to_client() {
  nb::naming::Endpoint back;
  back.protocol = "bidi";
  back.routing_id = routing_id(2);
  back.blessing_names = {"family:client"};
  return back;
}

}  // namespace

TEST_CASE("[F-6] [F-11] an endpoint carries the names of the server, and whoever has one of them is trusted") {
  NB_OVER_BOTH(pair);
  const auto endpoint = pair.listen();
  CHECK(endpoint.blessing_names == std::vector<std::string>{"family:server"});
  CHECK(pair.server->status().endpoints.at(0) == endpoint);
  const auto dialed = pair.dial_as(*pair.client, endpoint);
  REQUIRE(dialed);
  CHECK(dialed->server.valid == std::vector<std::string>{"family:server"});
}

TEST_CASE(
    "[A-46] a server with another name than the endpoint's, or behind an endpoint without names, is not trusted") {
  NB_OVER_BOTH(pair);
  int flows = 0;
  pair.acceptor = [&](const std::shared_ptr<Flow>&) { ++flows; };
  auto endpoint = pair.listen();
  endpoint.blessing_names = {"family:bank"};
  auto nameless = endpoint;
  nameless.blessing_names.clear();
  for (const auto& wrong : {endpoint, nameless}) {
    const auto dialed = pair.dial_as(*pair.client, wrong);
    REQUIRE(!dialed);
    CHECK(nb::verror::NotTrusted.matches(dialed.error()));
    REQUIRE(dialed.error().sub_errors().size() == 1);
    CHECK(dialed.error().sub_errors()[0].error.is("v.io/v23/security.EndpointAuthorizationFailed"));
    CHECK(dialed.error().message().find(endpoint.address) != std::string::npos);
  }
  pair.until([&] { return pair.client->status().connections == 0 && pair.server->status().connections == 0; });
  CHECK(flows == 0);
  // The server has seen nothing but a key that was made for the connection.
  CHECK(!Pair::dial_cached(*pair.server, back_to_client()));
}

TEST_CASE("[F-12] an authorizer is told who the server is, and of no method; it is asked once for each dial") {
  NB_OVER_BOTH(pair);
  const auto endpoint = pair.listen();
  Counting counting("family:server");
  REQUIRE(pair.dial_as(*pair.client, endpoint, by(counting.rule)));
  CHECK(counting.asked == 1);
  CHECK(counting.last.method.empty());
  CHECK(counting.last.suffix.empty());
  CHECK(counting.last.remote_endpoint_names == endpoint.blessing_names);
  CHECK(counting.last.remote_endpoint == nb::naming::to_string(endpoint));
  CHECK(counting.last.remote_blessings.to_string() == "family:server");
  REQUIRE(counting.last.local_principal);
  REQUIRE(pair.dial_as(*pair.client, endpoint, by(counting.rule)));
  CHECK(counting.asked == 2);
  CHECK(counting.last.local_blessings.to_string() == "family:client");
  REQUIRE(pair.client->dial_cached(endpoint, {}, by(counting.rule)));
  CHECK(counting.asked == 3);
}

TEST_CASE(
    "[A-47] [F-12] dials to one address at once are each judged by their own authorizer, and get one connection") {
  NB_OVER_BOTH(pair);
  const auto endpoint = pair.listen();
  Counting right("family:server");
  Counting wrong("family:bank");
  Results results;
  results.reserve(4);
  dial(pair, results, endpoint, by(right.rule));
  dial(pair, results, endpoint, by(wrong.rule));
  dial(pair, results, endpoint, by(nb::allow_everyone()));
  dial(pair, results, endpoint, {});
  CHECK(pair.client->status().dials_under_way == 1);
  pair.until([&] { return all(results); });
  CHECK(right.asked == 1);
  CHECK(wrong.asked == 1);
  REQUIRE(*results[0]);
  CHECK(nb::verror::NotTrusted.matches(results[1]->error()));
  REQUIRE(*results[2]);
  REQUIRE(*results[3]);
  CHECK((*results[0])->connection == (*results[3])->connection);
  CHECK(pair.client->status().connections == 1);
}

TEST_CASE("[A-47] a connection that one authorizer was content with is judged again for the next") {
  NB_OVER_BOTH(pair);
  const auto endpoint = pair.listen();
  REQUIRE(pair.dial_as(*pair.client, endpoint, by(nb::allow_everyone())));
  Counting strict("family:bank");
  CHECK(nb::verror::NotTrusted.matches(pair.dial_as(*pair.client, endpoint, by(strict.rule)).error()));
  CHECK(nb::verror::NotTrusted.matches(pair.client->dial_cached(endpoint, {}, by(strict.rule)).error()));
  CHECK(strict.asked == 2);
  // Nor does that harm the connection.
  CHECK(pair.dial_as(*pair.client, endpoint));
  CHECK(pair.client->status().connections == 1);
}

TEST_CASE("[F-12] when nobody trusts the server, the connection ends, and the next dial makes another one") {
  NB_OVER_BOTH(pair);
  const auto endpoint = pair.listen();
  Counting one("family:bank");
  Counting two("family:shop");
  Results results;
  results.reserve(2);
  dial(pair, results, endpoint, by(one.rule));
  dial(pair, results, endpoint, by(two.rule));
  pair.until([&] { return all(results); });
  for (const auto& result : results) CHECK(nb::verror::NotTrusted.matches(result->error()));
  CHECK(results[0]->error().message().find("not family:bank") != std::string::npos);
  CHECK(results[1]->error().message().find("not family:shop") != std::string::npos);
  pair.until([&] { return pair.client->status().connections == 0 && pair.server->status().connections == 0; });
  CHECK(pair.dial(endpoint));
}

TEST_CASE("an authorizer that throws trusts nobody") {
  NB_OVER_BOTH(pair);
  const auto endpoint = pair.listen();
  const auto thrower = nb::authorizer(
      [](const nb::Context&, const nb::SecurityCall&) -> nb::Result<void> { throw std::runtime_error("oh"); });
  const auto refused = pair.dial_as(*pair.client, endpoint, by(thrower));
  REQUIRE(!refused);
  CHECK(nb::verror::NotTrusted.matches(refused.error()));
  CHECK(refused.error().message().find("oh") != std::string::npos);
}

TEST_CASE("[F-8] a dial that may only use what is there makes no connection") {
  NB_OVER_BOTH(pair);
  const auto endpoint = pair.listen();
  DialOptions cached;
  cached.cached_only = true;
  CHECK(pair.dial_as(*pair.client, endpoint, cached).error().is(nb::transport::kBadStateId));
  CHECK(pair.client->status().connections == 0);
  REQUIRE(pair.dial_as(*pair.client, endpoint));
  CHECK(pair.dial_as(*pair.client, endpoint, cached));
}

TEST_CASE("[F-26] [F-14] both ends know what both show on a flow and on the connection") {
  NB_OVER_BOTH(pair);
  const auto endpoint = pair.listen();
  std::shared_ptr<Flow> accepted;
  pair.acceptor = [&](std::shared_ptr<Flow> flow) { accepted = std::move(flow); };
  const auto principal = pair.family.member("visitor");
  const auto visitor = pair.make({}, principal);  // a pure client
  const auto dialed = pair.dial_as(*visitor, endpoint);
  REQUIRE(dialed);
  Connection& connection = *dialed->connection;
  CHECK(names(connection.remote_shown()) == "family:server");
  CHECK(connection.local_shown().blessings.is_nameless());

  const auto special = pair.family.blessings(*principal, "guest");
  std::shared_ptr<Flow> flow;
  const auto open = [&](nb::flow::ShownBlessings shown) {
    accepted = nullptr;
    pair.on(connection, [&] {
      flow = dialed->open_flow(std::move(shown)).value();
      flow->write(bytes("x"), false);
    });
    pair.until([&] { return accepted != nullptr; });
  };
  open(nb::flow::ShownBlessings(special));
  CHECK(names(flow->local_shown()) == "family:guest");
  CHECK(names(flow->remote_shown()) == "family:server");
  CHECK(names(accepted->remote_shown()) == "family:guest");
  CHECK(names(accepted->local_shown()) == "family:server");
  CHECK(accepted->remote_shown().blessings.public_key() == principal->public_key());
  CHECK(accepted->connection().remote_shown().blessings.is_nameless());
  open({});
  CHECK(flow->local_shown().blessings.is_nameless());
  CHECK(accepted->remote_shown().blessings.is_nameless());
  CHECK(accepted->remote_shown().blessings.public_key() == principal->public_key());
  pair.on(connection, [&] {
    const auto stolen = pair.family.blessings(*pair.family.stranger(), "thief");
    CHECK(!dialed->open_flow(nb::flow::ShownBlessings(stolen)));
  });
  bool closed = false;
  visitor->close([&] { closed = true; });
  pair.until([&] { return closed; });
}

TEST_CASE("[F-3] [F-14] new default blessings are in the endpoints and on connections; open flows keep what they had") {
  std::shared_ptr<const nb::Principal> principal;
  NB_OVER_BOTH(pair, [&](ManagerOptions& options) {
    if (options.routing_id == routing_id(1)) principal = options.principal;
  });
  int changes = 0;
  const auto watch = pair.server->on_endpoints_changed([&] { ++changes; });
  const auto endpoint = pair.listen();
  CHECK(changes == 1);
  const auto dialed = pair.dial_as(*pair.client, endpoint);
  REQUIRE(dialed);
  const auto recorder = std::make_shared<Recorder>();
  const auto flow = pair.open(*dialed->connection, recorder);
  pair.family.name_member(*principal, "renamed");
  CHECK(changes == 2);
  const auto now = pair.server->status().endpoints.at(0);
  CHECK(now.blessing_names == std::vector<std::string>{"family:renamed"});
  pair.until([&] { return names(dialed->connection->remote_shown()) == "family:renamed"; });
  CHECK(names(flow->remote_shown()) == "family:server");
  const auto later = pair.open(*dialed->connection, recorder);
  CHECK(names(later->remote_shown()) == "family:renamed");
  // Cached, and not what it was.
  CHECK(nb::verror::NotTrusted.matches(pair.dial_as(*pair.client, endpoint).error()));
  CHECK(pair.dial(now).value() == dialed->connection);
  // A client says that it opens no more flows once those that it has begun are opened or closed.
  pair.on(*dialed->connection, [&] {
    flow->close();
    later->close();
  });
  bool stopped = false;
  pair.server->stop_listening([&] { stopped = true; });
  pair.until([&] { return stopped; });
  CHECK(changes == 3);
}

namespace {

// A third party whose word somebody's name needs.
struct ThirdParty {
  std::shared_ptr<const nb::Principal> discharger = *nb::Principal::make(nb::KeyType::kEd25519);
  nb::Caveat caveat =
      nb::third_party_caveat(discharger->public_key(), "discharger", {}, {nb::unconstrained_use()}).value();
  int asked = 0;
  std::vector<std::function<void()>> answers;  // that nobody has given yet

  PrepareDischarges prepare(std::optional<nb::Time> refresh = std::nullopt) {
    return [this, refresh](const nb::Blessings&, std::function<void(nb::PreparedDischarges)> done) {
      ++asked;
      answers.emplace_back([this, refresh, done = std::move(done)] {
        nb::PreparedDischarges prepared;
        // Each time another one: what is shown already would not be sent again.
        const nb::Time last(nb::Time::kUnixEpoch + 4'000'000'000, asked);
        prepared.discharges = {discharger->mint_discharge(caveat, nb::expiry_caveat(last)).value()};
        prepared.refresh = refresh;
        done(prepared);
      });
    };
  }
  void answer() {
    for (const auto& one : std::exchange(answers, {})) one();
  }
};

}  // namespace

TEST_CASE("a server whose name needs a discharge answers nobody before it has it, and then shows it") {
  ThirdParty third;
  NB_OVER_BOTH(pair, [&](ManagerOptions& options) { options.prepare_discharges = third.prepare(); });
  const auto principal = pair.family.member("temporary");
  pair.family.name_member(*principal, "needy", third.caveat);
  const auto needy = pair.make(routing_id(5), principal);
  const auto endpoint = needy->listen(pair.protocol, pair.protocol == "local" ? "needy" : "127.0.0.1:0").value();
  auto named = endpoint;
  named.blessing_names = {"family:needy"};
  Results results;
  results.reserve(1);
  dial(pair, results, named, {});
  for (int i = 0; i < 200; ++i) pair.poll();
  CHECK(!results[0]);
  CHECK(third.asked == 1);
  third.answer();
  pair.until([&] { return all(results); });
  REQUIRE(*results[0]);
  CHECK((*results[0])->server.valid == std::vector<std::string>{"family:needy"});
  CHECK(needy->status().endpoints.at(0).blessing_names == named.blessing_names);
  bool closed = false;
  needy->close([&] { closed = true; });
  pair.until([&] { return closed; });
}

TEST_CASE("discharges of default blessings are fetched again when it is time, and shown on open connections") {
  ThirdParty third;
  NB_OVER_BOTH(pair);
  const auto principal = pair.family.member("temporary");
  pair.family.name_member(*principal, "needy", third.caveat);
  ManagerOptions options(pair.loop, principal);
  options.log = pair.log;
  options.routing_id = routing_id(5);
  options.protocols.add("local", {pair.network, "local"});
  options.acceptor = Echo::on;
  options.prepare_discharges = third.prepare(nb::Time::from(pair.clock->wall_now() + 10min));
  const auto needy = Manager::make(std::move(options));
  third.answer();
  const auto endpoint = needy->listen(pair.protocol, pair.protocol == "local" ? "needy" : "127.0.0.1:0").value();
  const auto dialed = pair.dial_as(*pair.client, endpoint);
  REQUIRE(dialed);
  const auto before = dialed->connection->remote_shown().discharges;
  REQUIRE(before);
  pair.clock->advance(10min);
  pair.until([&] { return third.asked == 2; });
  third.answer();
  pair.until([&] { return dialed->connection->remote_shown().discharges != before; });
  CHECK(dialed->connection->remote_shown().has_discharges());
  bool closed = false;
  needy->close([&] { closed = true; });
  pair.until([&] { return closed; });
}

TEST_CASE("[F-14] who dials back waits for the discharges of a peer whose names need them") {
  ThirdParty third;
  NB_OVER_BOTH(pair);
  const auto endpoint = pair.listen();
  const auto principal = pair.family.member("temporary");
  pair.family.name_member(*principal, "needy", third.caveat);
  ManagerOptions options(pair.loop, principal);
  options.log = pair.log;
  options.routing_id = routing_id(5);
  options.protocols.add("local", {pair.network, "local"});
  options.acceptor = Echo::on;
  options.idle_expiry = 0s;
  const auto needy = Manager::make(std::move(options));  // shows its blessings without discharges
  REQUIRE(pair.dial_as(*needy, endpoint));
  nb::naming::Endpoint back;
  back.protocol = "bidi";
  back.routing_id = routing_id(5);
  back.blessing_names = {"family:needy"};
  Counting counting("family:needy");
  std::optional<nb::Result<Dialed>> first;
  std::optional<nb::Result<Dialed>> second;
  auto [context, canceler] = nb::Context::root(pair.loop).with_cancel();
  pair.until([&] { return pair.server->status().connections == 1; });
  for (int i = 0; i < 200; ++i) pair.poll();
  CHECK(!pair.server->dial_cached(back, {}, by(counting.rule)));
  pair.server->dial(back, context, by(counting.rule), [&](nb::Result<Dialed> result) { first = std::move(result); });
  pair.server->dial(back, {}, by(counting.rule), [&](nb::Result<Dialed> result) { second = std::move(result); });
  for (int i = 0; i < 200; ++i) pair.poll();
  CHECK(!first);
  CHECK(!second);
  CHECK(counting.asked == 0);
  canceler.cancel();
  pair.until([&] { return first.has_value(); });
  CHECK(nb::verror::Canceled.matches(first->error()));
  const auto there = pair.dial_as(*needy, endpoint).value().connection;
  pair.on(*there, [&] {
    nb::Discharges discharges = {third.discharger->mint_discharge(third.caveat, nb::unconstrained_use()).value()};
    const auto shown = nb::flow::ShownBlessings(principal->store().default_blessings(), std::move(discharges));
    REQUIRE(std::static_pointer_cast<LiveConnection>(there)->show(shown));
  });
  pair.until([&] { return second.has_value(); });
  REQUIRE(*second);
  CHECK((*second)->server.valid == back.blessing_names);
  CHECK(counting.asked == 1);
  bool closed = false;
  needy->close([&] { closed = true; });
  pair.until([&] { return closed; });
}

TEST_CASE("[F-4] a connection that is in its handshake when its server stops listening is of no use after it") {
  NB_OVER_BOTH(pair);
  const auto endpoint = pair.listen();
  bool stopped = false;
  const auto rule = nb::authorizer([&](const nb::Context&, const nb::SecurityCall&) -> nb::Result<void> {
    pair.server->stop_listening([&] { stopped = true; });
    return {};
  });
  const auto dialed = pair.dial_as(*pair.client, endpoint, by(rule));
  REQUIRE(dialed);
  pair.until([&] { return stopped; });
  CHECK(!dialed->connection->can_open_flows());
  CHECK(!pair.dial(endpoint));
}

TEST_CASE("[F-6] another address of a server that a connection is there to leads to that connection") {
  Pair pair("tcp");
  auto endpoint = pair.listen();
  endpoint.routing_id = {};
  const auto first = pair.dial(endpoint).value();
  auto by_name = endpoint;
  by_name.address = "localhost" + endpoint.address.substr(endpoint.address.find(':'));
  CHECK(pair.dial(by_name).value() == first);
  CHECK(pair.client->status().connections == 1);
  CHECK(Pair::dial_cached(*pair.client, by_name).value() == first);
}

TEST_CASE("[F-6] a server that is dialed by a name first is known by its address, too") {
  Pair pair("tcp");
  auto endpoint = pair.listen();
  endpoint.routing_id = {};
  auto by_name = endpoint;
  by_name.address = "localhost" + endpoint.address.substr(endpoint.address.find(':'));
  const auto first = pair.dial(by_name).value();
  CHECK(Pair::dial_cached(*pair.client, endpoint).value() == first);
}
