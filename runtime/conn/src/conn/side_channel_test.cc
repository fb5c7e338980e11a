// Side channels: flows that do not keep a connection from being idle (docs/spec/flow-protocol.md 11.3, 11.6).
#include <chrono>

#include <doctest/doctest.h>

#include "conn/testing/pair.h"
#include "transport/errors.h"

using namespace nb::conn;
using namespace nb::conn::testing;
using namespace std::chrono_literals;

namespace {

void expire_soon(ManagerOptions& options) { options.idle_expiry = 10s; }

void sweep(Pair& pair, int times) {
  for (; times > 0; --times) {
    pair.clock->advance(11s);
    for (int i = 0; i < 200; ++i) pair.poll();
  }
}

}  // namespace

TEST_CASE("[F-7] a side channel is dialed with blessings, its server sees them, and the connection stays idle") {
  NB_OVER_BOTH(pair, expire_soon);
  std::shared_ptr<Flow> there;
  pair.acceptor = [&](std::shared_ptr<Flow> flow) { there = std::move(flow); };
  const auto endpoint = pair.listen();
  DialOptions options;
  SUBCASE("side channel") { options.side_channel = true; }
  SUBCASE("flow") {}
  const auto dialed = pair.dial_as(*pair.client, endpoint, options).value();
  const auto recorder = std::make_shared<Recorder>();
  std::shared_ptr<Flow> flow;
  pair.on(*dialed.connection, [&] {
    flow = dialed.open_flow(dialed.connection->local_shown()).value();
    flow->listen(recorder);
    flow->write(bytes("x"), false);
  });
  pair.until([&] { return there != nullptr; });
  CHECK(there->remote_shown().blessings.claimed_names() == std::vector<std::string>{"family:client"});
  sweep(pair, 4);
  CHECK(dialed.connection->is_open() != options.side_channel);
  CHECK(recorder->closed == (options.side_channel ? 1 : 0));
  there.reset();
}

TEST_CASE("[F-7] a side channel of a connection is opened on exactly that one, or not at all") {
  Pair pair("local");
  const auto endpoint = pair.listen();
  auto elsewhere = pair.server->listen("local", "elsewhere").value();
  auto here = endpoint;
  here.routing_id = elsewhere.routing_id = {};
  const auto one = pair.dial(here).value();
  const auto other = pair.dial(elsewhere).value();
  REQUIRE(one != other);
  for (const auto& connection : {one, other}) {
    DialOptions options;
    options.side_channel = true;
    options.underlying = connection;
    CHECK(pair.client->dial_cached(endpoint, {}, options).value().connection == connection);
    CHECK(pair.dial(endpoint, {}, options).value() == connection);
  }
  DialOptions options;
  options.underlying = other;
  CHECK(pair.client->dial_cached(here, {}, options).error().is(nb::transport::kBadStateId));  // not to that address
  pair.on(*other, [&] { other->close(nb::transport::bad_state("enough")); });
  CHECK(pair.client->dial_cached(endpoint, {}, options).error().is(nb::transport::kBadStateId));
  CHECK(pair.dial(endpoint, {}, options).error().is(nb::transport::kBadStateId));
  CHECK(pair.client->status().dials_under_way == 0);
}
