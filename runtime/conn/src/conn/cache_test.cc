// Which connection a dial gets: under which keys connections are known, and who dials (docs/spec/flow-protocol.md 11.1
// to 11.3).
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <nb/base/verror.h>

#include "conn/live_connection.h"
#include "conn/testing/pair.h"
#include "transport/errors.h"

using namespace nb::conn;
using namespace nb::conn::testing;
using namespace std::chrono_literals;
using nb::Context;
using nb::naming::Endpoint;

namespace {

Endpoint without_id(Endpoint endpoint) {
  endpoint.routing_id = {};
  return endpoint;
}

Endpoint with_id(Endpoint endpoint, std::uint8_t id) {
  endpoint.routing_id = routing_id(id);
  return endpoint;
}

// What a server does with flows whose first bytes tell it nothing, as those that try whether it is a proxy.
void close_it(const std::shared_ptr<Flow>& flow) { flow->close(); }

// Where nobody answers.
Endpoint hole(Pair& pair) {
  pair.network->swallow("hole");
  Endpoint endpoint;
  endpoint.protocol = "local";
  endpoint.address = "hole";
  endpoint.blessing_names = {"family:server"};
  return endpoint;
}

struct Answer {
  std::optional<nb::Result<Dialed>> result;
  DialDone done() {
    return [this](nb::Result<Dialed> got) {
      CHECK(!result);
      result = std::move(got);
    };
  }
};

// Dials while every batch of tasks of the loop takes this long.
std::shared_ptr<Connection> dial_slowly(Pair& pair, const Endpoint& endpoint, std::chrono::milliseconds each) {
  Answer answer;
  pair.client->dial(endpoint, {}, {}, answer.done());
  std::function<void()> tick = [&] {
    if (answer.result) return;
    pair.clock->advance(each);
    pair.loop->post(tick);
  };
  pair.loop->post(tick);
  pair.until([&] { return answer.result.has_value(); });
  return answer.result->value().connection;
}

}  // namespace

TEST_CASE("[F-8] an accepted connection is found by its peer's routing id, and not by its address") {
  Pair pair("local");
  const auto connection = pair.connect();
  Endpoint back;
  back.protocol = "bidi";
  back.routing_id = routing_id(2);
  back.blessing_names = {"family:client"};
  pair.until([&] { return Pair::dial_cached(*pair.server, back).ok(); });
  const auto accepted = Pair::dial_cached(*pair.server, back).value();
  Endpoint address = accepted->remote_endpoint();
  CHECK(address.routing_id == routing_id(2));
  address.blessing_names = {"family:client"};
  CHECK(Pair::dial_cached(*pair.server, address).value() == accepted);
  CHECK(Pair::dial_cached(*pair.server, without_id(address)).error().is(nb::transport::kBadStateId));
}

TEST_CASE("[F-6] of several connections to a server the one with the shortest round trip is taken") {
  Pair pair("local");
  const auto one = pair.listen();
  const auto other = pair.server->listen("local", "other").value();
  const bool is_first_slow = [] {
    bool slow = false;
    SUBCASE("the older one is slow") { slow = true; }
    SUBCASE("the younger one is slow") {}
    return slow;
  }();
  // By address, or the second dial would take the first connection.
  const auto first = dial_slowly(pair, without_id(one), is_first_slow ? 20ms : 1ms);
  const auto second = dial_slowly(pair, without_id(other), is_first_slow ? 1ms : 20ms);
  REQUIRE(first != second);
  const auto rtt = [](const auto& connection) { return std::static_pointer_cast<LiveConnection>(connection)->rtt(); };
  CHECK((rtt(first) > rtt(second)) == is_first_slow);
  CHECK(Pair::dial_cached(*pair.client, one).value() == (is_first_slow ? second : first));
  CHECK(pair.dial(other).value() == (is_first_slow ? second : first));
  // Round trips are measured again by health checks.
  DialOptions options;
  options.authorizer = nb::authorizer([](const Context&, const nb::SecurityCall& call) -> nb::Result<void> {
    if (call.remote_endpoint.find("@other@") == std::string::npos) return nb::verror::NoAccess("another place");
    return {};
  });
  CHECK(pair.dial(one, {}, options).value() == second);  // the first one that is trusted
}

TEST_CASE(
    "[F-6] one dial for a key at a time: a second routing id at the address waits and is then told who is there") {
  Pair pair("local");
  pair.acceptor = close_it;
  const auto endpoint = pair.listen();
  Answer right;
  Answer wrong;
  Answer bare;
  pair.client->dial(endpoint, {}, {}, right.done());
  pair.client->dial(with_id(endpoint, 7), {}, {}, wrong.done());
  pair.client->dial(without_id(endpoint), {}, {}, bare.done());
  CHECK(pair.client->status().dials_under_way == 2);  // of addresses and paths; the second makes no connection
  pair.until([&] { return right.result && wrong.result && bare.result; });
  REQUIRE(*right.result);
  CHECK(bare.result->value().connection == right.result->value().connection);
  CHECK(wrong.result->error().is(nb::transport::kDialFailedId));
  CHECK(pair.client->status().connections == 1);
  CHECK(pair.client->status().dials_under_way == 0);
}

TEST_CASE("[F-6] who dials for a routing id that is elsewhere serves those who take whoever is there") {
  Pair pair("local");
  pair.acceptor = close_it;
  const auto endpoint = pair.listen();
  Answer wrong;
  Answer bare;
  pair.client->dial(with_id(endpoint, 7), {}, {}, wrong.done());
  pair.client->dial(without_id(endpoint), {}, {}, bare.done());
  CHECK(pair.client->status().dials_under_way == 1);
  pair.until([&] { return wrong.result && bare.result; });
  CHECK(wrong.result->error().is(nb::transport::kDialFailedId));
  CHECK(bare.result->value().connection->remote_endpoint().routing_id == routing_id(1));
  CHECK(pair.client->status().connections == 1);
}

TEST_CASE("[F-6] a waiter ends with his own context, and who waited for a dial that all others left dials himself") {
  Pair pair("local");
  const auto there = hole(pair);
  auto root = Context::root(pair.loop);
  auto [context, canceler] = root.with_cancel();
  Answer first;
  Answer second;
  Answer third;
  pair.client->dial(with_id(there, 1), context, {}, first.done());
  pair.client->dial(with_id(there, 2), root.with_timeout(5s), {}, second.done());
  pair.client->dial(with_id(there, 2), root.with_timeout(2s), {}, third.done());
  CHECK(pair.client->status().dials_under_way == 2);
  pair.clock->advance(2s);
  pair.poll();
  REQUIRE(third.result);
  CHECK(nb::verror::Timeout.matches(third.result->error()));
  CHECK(!second.result);
  canceler.cancel();
  pair.poll();
  REQUIRE(first.result);
  CHECK(nb::verror::Canceled.matches(first.result->error()));
  CHECK(!second.result);
  CHECK(pair.client->status().dials_under_way == 1);
  pair.clock->advance(3s);
  pair.poll();
  REQUIRE(second.result);
  CHECK(pair.client->status().dials_under_way == 0);
}

TEST_CASE("[F-6] the failure of a dial is told to those who waited for its address, and kept for who asks later") {
  NB_OVER_BOTH(pair);
  const auto endpoint = pair.listen();
  bool stopped = false;
  pair.server->stop_listening([&] { stopped = true; });
  pair.until([&] { return stopped; });
  Answer first;
  Answer second;
  pair.client->dial(endpoint, {}, {}, first.done());
  pair.client->dial(with_id(endpoint, 7), {}, {}, second.done());
  pair.until([&] { return first.result && second.result; });
  CHECK(first.result->error().message().find("connection refused") != std::string::npos);
  CHECK(second.result->error().message().find("connection refused") != std::string::npos);
  for (const Endpoint& each : {endpoint, without_id(endpoint), with_id(endpoint, 7)}) {
    const nb::Error error = Pair::dial_cached(*pair.client, each).error();
    CHECK(error.is(nb::transport::kBadStateId));
    CHECK(error.message().find("connection refused") != std::string::npos);
    REQUIRE(error.sub_errors().size() == 1);
    CHECK(error.sub_errors()[0].error.is(nb::transport::kDialFailedId));
  }
  pair.clock->advance(5min + 1s);
  CHECK(Pair::dial_cached(*pair.client, endpoint).error().sub_errors().empty());
  // It kept nobody from trying again.
  REQUIRE(pair.server->listen(pair.protocol, endpoint.address));
  CHECK(pair.dial(endpoint));
}

TEST_CASE("[F-6] what one dial did not trust, those who waited for its address judge themselves") {
  Pair pair("local");
  const auto endpoint = pair.listen();
  DialOptions nobody;
  nobody.authorizer = nb::authorizer(
      [](const Context&, const nb::SecurityCall&) -> nb::Result<void> { return nb::verror::NoAccess("no"); });
  Answer bare;
  Answer right;
  pair.client->dial(without_id(endpoint), {}, nobody, bare.done());
  pair.client->dial(endpoint, {}, {}, right.done());
  pair.until([&] { return bare.result && right.result; });
  CHECK(nb::verror::NotTrusted.matches(bare.result->error()));
  CHECK(*right.result);
}

TEST_CASE("[F-10] when close() calls back all connections have ended, and every operation fails") {
  NB_OVER_BOTH(pair);
  const auto endpoint = pair.listen();
  const auto connection = pair.dial(endpoint).value();
  const auto recorder = std::make_shared<Recorder>();
  const auto flow = pair.open(*connection, recorder);
  pair.on(*connection, [&] { flow->write(bytes("x"), false); });
  pair.until([&] { return recorder->text == "x"; });
  bool closed = false;
  pair.client->close([&] { closed = true; });
  CHECK(!closed);
  pair.until([&] { return closed; });
  CHECK(!connection->is_open());
  CHECK(!flow->is_open());
  CHECK(recorder->closed == 1);
  CHECK(pair.client->status().connections == 0);
  CHECK(pair.dial(endpoint).error().is(nb::transport::kBadStateId));
  CHECK(Pair::dial_cached(*pair.client, endpoint).error().is(nb::transport::kBadStateId));
  CHECK(pair.client->listen(pair.protocol, "127.0.0.1:0").error().is(nb::transport::kBadStateId));
}

TEST_CASE("[F-27] all flows of a connection say that they are on it, at both ends") {
  NB_OVER_BOTH(pair);
  std::vector<std::shared_ptr<Flow>> accepted;
  pair.acceptor = [&](std::shared_ptr<Flow> flow) { accepted.push_back(std::move(flow)); };
  const auto connection = pair.connect();
  std::vector<std::shared_ptr<Flow>> flows;
  for (int i = 0; i < 3; ++i) {
    flows.push_back(pair.open(*connection, std::make_shared<Recorder>()));
    pair.on(*connection, [&] { flows.back()->write(bytes("x"), false); });
    CHECK(&flows.back()->connection() == connection.get());
  }
  pair.until([&] { return accepted.size() == 3; });
  for (const auto& flow : accepted) {
    CHECK(&flow->connection() == &accepted[0]->connection());
    CHECK(flow->connection().remote_endpoint().routing_id == routing_id(2));
  }
  accepted.clear();
}
