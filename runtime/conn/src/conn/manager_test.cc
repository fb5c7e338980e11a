#include "conn/manager.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "conn/testing/pair.h"
#include "transport/errors.h"

using namespace nb::conn;
using namespace nb::conn::testing;
using namespace std::chrono_literals;
using nb::Context;

namespace {

struct Dials {
  std::vector<std::optional<nb::Result<std::shared_ptr<Connection>>>> results;
  explicit Dials(std::size_t n) : results(n) {}
  void start(Manager& manager, std::size_t i, const nb::naming::Endpoint& endpoint, const Context& context = {}) {
    manager.dial(endpoint, context, {}, [this, i](const nb::Result<Dialed>& result) {
      CHECK(!results[i]);
      if (result) {
        results[i] = result->connection;
      } else {
        results[i] = result.error();
      }
    });
  }
  bool all() const {
    for (const auto& result : results) {
      if (!result) return false;
    }
    return true;
  }
};

// What a server does with flows whose first bytes tell it nothing.
void close_it(const std::shared_ptr<Flow>& flow) { flow->close(); }

// A context whose deadlines follow the pair's clock.
Context root(Pair& pair) { return Context::root(pair.loop); }

}  // namespace

TEST_CASE("two dials to one place are one connection, at once or one after the other, with and without routing id") {
  NB_OVER_BOTH(pair);
  const auto endpoint = pair.listen();
  auto bare = endpoint;
  bare.routing_id = {};
  Dials dials(6);
  for (std::size_t i = 0; i < 6; ++i) dials.start(*pair.client, i, i % 2 == 0 ? endpoint : bare);
  CHECK(pair.client->status().dials_under_way == 1);
  pair.until([&] { return dials.all(); });
  for (const auto& result : dials.results) {
    REQUIRE(*result);
    CHECK(**result == **dials.results[0]);
  }
  CHECK(pair.dial(endpoint).value() == **dials.results[0]);
  CHECK(pair.dial(bare).value() == **dials.results[0]);
  CHECK(Pair::dial_cached(*pair.client, bare).value() == **dials.results[0]);
  CHECK(pair.client->status().connections == 1);
  CHECK(pair.client->status().dials_under_way == 0);
}

TEST_CASE("a cached dial without a connection is a BadState error and dials nothing") {
  NB_OVER_BOTH(pair);
  const auto endpoint = pair.listen();
  const auto cached = Pair::dial_cached(*pair.client, endpoint);
  REQUIRE(!cached);
  CHECK(cached.error().is(nb::transport::kBadStateId));
  CHECK(pair.client->status().dials_under_way == 0);
}

TEST_CASE("the server opens flows back on the connection that the client dialed, found by routing id") {
  NB_OVER_BOTH(pair);
  const auto connection = pair.connect();
  pair.until([&] { return pair.server->status().connections == 1; });
  nb::naming::Endpoint back;
  back.protocol = "bidi";
  back.routing_id = routing_id(2);
  back.blessing_names = {"family:client"};
  pair.until([&] { return static_cast<bool>(Pair::dial_cached(*pair.server, back)); });
  const auto got = pair.dial_as(*pair.server, back);
  REQUIRE(got);
  const auto recorder = std::make_shared<Recorder>();
  const auto flow = pair.open(*got->connection, recorder);
  CHECK(flow->id() == 11);
  pair.on(*got->connection, [&] { flow->write(bytes("back"), false); });
  pair.until([&] { return recorder->text == "back"; });
}

TEST_CASE("a refused dial says where and why, to everybody who waits, and the next dial tries again") {
  NB_OVER_BOTH(pair);
  auto endpoint = pair.listen();
  bool stopped = false;
  pair.server->stop_listening([&] { stopped = true; });
  pair.until([&] { return stopped; });
  Dials dials(3);
  for (std::size_t i = 0; i < 3; ++i) dials.start(*pair.client, i, endpoint);
  pair.until([&] { return dials.all(); });
  for (const auto& result : dials.results) {
    REQUIRE(!*result);
    CHECK((*result).error().is(nb::transport::kDialFailedId));
    CHECK((*result).error().message().find("connection refused") != std::string::npos);
    CHECK((*result).error().message().find(endpoint.address) != std::string::npos);
  }
  auto again = pair.server->listen(pair.protocol, endpoint.address);
  REQUIRE(again);
  CHECK(pair.dial(endpoint));
}

TEST_CASE("what cannot be dialed is told apart") {
  Pair pair("tcp");
  nb::naming::Endpoint endpoint;
  endpoint.protocol = "carrier-pigeon";
  endpoint.address = "roof:1";
  CHECK(pair.dial(endpoint).error().is(nb::transport::kBadArgId));
  endpoint.protocol = "bidi";
  endpoint.routing_id = routing_id(9);
  CHECK(pair.dial(endpoint).error().is(nb::transport::kDialFailedId));
}

TEST_CASE("a server with another routing id than the one dialed is refused, and stays usable under its own") {
  NB_OVER_BOTH(pair);
  pair.acceptor = close_it;
  const auto endpoint = pair.listen();
  auto other = endpoint;
  other.routing_id = routing_id(7);
  const auto wrong = pair.dial(other);
  REQUIRE(!wrong);
  CHECK(wrong.error().is(nb::transport::kDialFailedId));
  CHECK(wrong.error().message().find(nb::naming::to_string(routing_id(1))) != std::string::npos);
  CHECK(Pair::dial_cached(*pair.client, endpoint));
}

TEST_CASE("dialing again and again for a server that has been replaced leaves one connection, not one each time") {
  NB_OVER_BOTH(pair);
  pair.acceptor = close_it;
  auto stale = pair.listen();
  stale.routing_id = routing_id(7);
  for (int i = 0; i < 5; ++i) CHECK(!pair.dial(stale));
  pair.until([&] { return pair.client->status().connections == 1 && pair.server->status().connections == 1; });
  auto current = stale;
  current.routing_id = routing_id(1);
  CHECK(pair.dial(current));
  CHECK(pair.client->status().connections == 1);
}

TEST_CASE("a dial ends at its context's deadline, by the clock") {
  Pair pair("local");
  pair.network->swallow("hole");
  nb::naming::Endpoint hole;
  hole.protocol = "local";
  hole.address = "hole";
  Dials dials(2);
  dials.start(*pair.client, 0, hole, root(pair).with_timeout(2s));
  dials.start(*pair.client, 1, hole, root(pair).with_timeout(5s));
  pair.clock->advance(2s);
  pair.poll();
  REQUIRE(dials.results[0]);
  CHECK(dials.results[0]->error().is("v.io/v23/verror.Timeout"));
  CHECK(dials.results[0]->error().message().find("hole") != std::string::npos);
  CHECK(!dials.results[1]);
  CHECK(pair.client->status().dials_under_way == 1);
  pair.clock->advance(3s);
  pair.poll();
  REQUIRE(dials.results[1]);
  CHECK(pair.client->status().dials_under_way == 0);
}

TEST_CASE("a dial that no context ends is given up after the manager's dial time-out") {
  Pair pair("local", [](ManagerOptions& options) { options.dial_timeout = 20s; });
  pair.network->swallow("hole");
  nb::naming::Endpoint hole;
  hole.protocol = "local";
  hole.address = "hole";
  Dials dials(2);
  dials.start(*pair.client, 0, hole);
  dials.start(*pair.client, 1, hole, root(pair).with_timeout(30s));
  pair.poll();
  pair.clock->advance(19s);
  pair.poll();
  CHECK(!dials.results[0]);
  pair.clock->advance(1s);
  pair.poll();
  REQUIRE(dials.all());
  for (const auto& result : dials.results) {
    CHECK(result->error().is("v.io/v23/verror.Timeout"));
    CHECK(result->error().message().find("hole") != std::string::npos);
  }
  CHECK(pair.client->status().dials_under_way == 0);
}

TEST_CASE("a dial's own deadline ends it for its caller, unless the connection or the context's end is there first") {
  Pair pair("local");
  const auto endpoint = pair.listen();
  pair.network->swallow("hole");
  nb::naming::Endpoint hole;
  hole.protocol = "local";
  hole.address = "hole";
  std::string heard;
  const auto dial = [&](const nb::naming::Endpoint& where, const Context& context, std::chrono::seconds left,
                        std::string who) {
    DialOptions options;
    options.deadline = pair.clock->now() + left;
    pair.client->dial(where, context, options, [&heard, who](auto result) {
      heard += who + (result ? " ok " : result.error().is("v.io/v23/verror.Timeout") ? " timeout " : " other ");
    });
  };
  dial(hole, {}, 3s, "a");
  dial(hole, root(pair).with_timeout(2s), 3s, "b");
  dial(endpoint, {}, 3s, "c");
  pair.until([&] { return heard == "c ok "; });
  pair.clock->advance(2s);
  pair.poll();
  CHECK(heard == "c ok b timeout ");
  CHECK(pair.client->status().dials_under_way == 1);
  pair.clock->advance(1s);
  pair.poll();
  CHECK(heard == "c ok b timeout a timeout ");
  CHECK(pair.client->status().dials_under_way == 0);
}

TEST_CASE("a dial to a peer that accepts and says nothing ends with the handshake's time") {
  NB_OVER_BOTH(pair, [](ManagerOptions& options) { options.idle_expiry = 0s; });
  std::vector<std::shared_ptr<nb::transport::Stream>> mute;
  nb::transport::ListenEvents events;
  events.pick_loop = [&] { return pair.loop->next(); };
  events.accepted = [&](std::shared_ptr<nb::transport::Stream> stream) { mute.push_back(std::move(stream)); };
  auto entry = nb::transport::Protocols::standard();
  entry.add("local", {pair.network, "local"});
  auto listener = entry.find(pair.protocol)
                      ->transport->listen(pair.loop->next(), pair.protocol,
                                          pair.protocol == "tcp" ? "127.0.0.1:0" : "mute", events);
  REQUIRE(listener);
  nb::naming::Endpoint endpoint;
  endpoint.protocol = pair.protocol;
  endpoint.address = (*listener)->address();
  Dials dials(1);
  dials.start(*pair.client, 0, endpoint);
  pair.until([&] { return mute.size() == 1 && pair.client->status().connections == 1; });
  pair.clock->advance(61s);
  pair.until([&] { return dials.all(); });
  REQUIRE(!*dials.results[0]);
  CHECK(dials.results[0]->error().is("v.io/v23/verror.Timeout"));
  CHECK(dials.results[0]->error().message().find(endpoint.address) != std::string::npos);
  mute.clear();
  (*listener)->close({});
  pair.until([&] { return pair.client->status().connections == 0; });
}

TEST_CASE("one waiter's cancel does not harm the others, and the last one's ends the dial") {
  NB_OVER_BOTH(pair);
  const auto endpoint = pair.listen();
  auto [first, cancel_first] = root(pair).with_cancel();
  Dials dials(2);
  dials.start(*pair.client, 0, endpoint, first);
  dials.start(*pair.client, 1, endpoint);
  cancel_first.cancel();
  pair.until([&] { return dials.all(); });
  REQUIRE(!*dials.results[0]);
  CHECK(dials.results[0]->error().is("v.io/v23/verror.Canceled"));
  CHECK(*dials.results[1]);

  pair.network->swallow("hole");
  nb::naming::Endpoint hole;
  hole.protocol = "local";
  hole.address = "hole";
  auto [only, cancel_only] = root(pair).with_cancel();
  Dials lonely(2);
  lonely.start(*pair.client, 0, hole, only);
  pair.poll();
  CHECK(pair.client->status().dials_under_way == 1);
  cancel_only.cancel();
  CHECK(pair.client->status().dials_under_way == 0);
  lonely.start(*pair.client, 1, hole, only);  // a context that has ended already
  pair.until([&] { return lonely.all(); });
  CHECK(lonely.results[1]->error().is("v.io/v23/verror.Canceled"));
}

namespace {

// Runs `what` so many batches of posted tasks later.
void after_batches(Pair& pair, int batches, const std::function<void()>& what) {
  if (batches == 0) return what();
  pair.loop->post([&pair, batches, what] { after_batches(pair, batches - 1, what); });
}

}  // namespace

TEST_CASE("a connection that comes when everybody has left does not end the next dial to the same place") {
  for (int leave = 1; leave < 12; ++leave) {
    for (int join = 1; join < 12; ++join) {
      Pair pair("local");
      const auto endpoint = pair.listen();
      auto [context, canceler] = root(pair).with_cancel();
      Dials dials(3);
      dials.start(*pair.client, 0, endpoint, context);
      after_batches(pair, leave, [&, cancel = canceler]() mutable {
        cancel.cancel();
        dials.start(*pair.client, 1, endpoint);
        after_batches(pair, join, [&] { dials.start(*pair.client, 2, endpoint); });
      });
      pair.until([&] { return dials.all(); });
      REQUIRE(*dials.results[1]);
      REQUIRE(*dials.results[2]);
      CHECK(**dials.results[1] == **dials.results[2]);
      CHECK(pair.client->status().dials_under_way == 0);
    }
  }
}

TEST_CASE("a connection that broke is not found any more, and the next dial makes a new one") {
  NB_OVER_BOTH(pair);
  const auto endpoint = pair.listen();
  const auto first = pair.dial(endpoint).value();
  pair.on(*first, [&] { first->close(nb::transport::bad_state("enough")); });
  const auto second = pair.dial(endpoint).value();
  CHECK(second != first);
  CHECK(second->is_open());
}

TEST_CASE("the status tells where a manager listens, and the bidi endpoint when nowhere") {
  NB_OVER_BOTH(pair);
  CHECK(pair.server->status().endpoints.at(0).protocol == "bidi");
  const auto one = pair.listen();
  const auto two = pair.server->listen(pair.protocol, pair.protocol == "tcp" ? "[::1]:0" : "another");
  const auto status = pair.server->status();
  CHECK(status.endpoints.at(0) == one);
  if (two) {
    CHECK(status.endpoints.at(1) == *two);
    CHECK(pair.dial(*two));
  }
}

TEST_CASE("a manager without routing id cannot listen, one that is closed can do nothing") {
  NB_OVER_BOTH(pair);
  const auto endpoint = pair.listen();
  auto pure_client = pair.make({}, pair.family.member("pure"));
  CHECK(pure_client->listen(pair.protocol, "127.0.0.1:0").error().is(nb::transport::kBadStateId));
  bool closed = false;
  pure_client->close([&] { closed = true; });
  pair.until([&] { return closed; });
  std::optional<nb::Error> error;
  pure_client->dial(endpoint, {}, {}, [&](auto result) { error = result.error(); });
  pair.until([&] { return error.has_value(); });
  CHECK(error->is(nb::transport::kBadStateId));
  closed = false;
  pure_client->close([&] { closed = true; });  // again
  pair.until([&] { return closed; });
}

TEST_CASE("a pure client calls and its peer cannot open flows to it") {
  NB_OVER_BOTH(pair);
  const auto endpoint = pair.listen();
  pair.client = pair.make({}, pair.family.member("pure"));
  const auto connection = pair.dial(endpoint).value();
  const auto recorder = std::make_shared<Recorder>();
  const auto flow = pair.open(*connection, recorder);
  pair.on(*connection, [&] { flow->write(bytes("hello"), false); });
  pair.until([&] { return recorder->text == "hello"; });
}

TEST_CASE("stop_listening lets running flows go on, and new dials go elsewhere; listening again is fine") {
  NB_OVER_BOTH(pair);
  const auto endpoint = pair.listen();
  const auto connection = pair.dial(endpoint).value();
  const auto recorder = std::make_shared<Recorder>();
  const auto flow = pair.open(*connection, recorder);
  pair.on(*connection, [&] { flow->write(bytes("a"), false); });
  pair.until([&] { return recorder->text == "a"; });
  bool stopped = false;
  pair.server->stop_listening([&] { stopped = true; });
  pair.until([&] { return stopped; });
  pair.on(*connection, [&] {
    CHECK(!connection->can_open_flows());
    flow->write(bytes("b"), false);
  });
  pair.until([&] { return recorder->text == "ab"; });
  CHECK(!pair.dial(endpoint));
  const auto again = pair.listen();
  CHECK(pair.dial(again).value() != connection);
}

namespace {

void expire_soon(ManagerOptions& options) { options.idle_expiry = 10s; }

void sweep(Pair& pair, int times) {
  for (; times > 0; --times) {
    pair.clock->advance(11s);
    for (int i = 0; i < 200; ++i) pair.poll();
  }
}

}  // namespace

TEST_CASE("a connection with a flow on it is not idle; without, it ends at the second sweep") {
  NB_OVER_BOTH(pair, expire_soon);
  const auto connection = pair.connect();
  const auto recorder = std::make_shared<Recorder>();
  const auto flow = pair.open(*connection, recorder);
  pair.on(*connection, [&] { flow->write(bytes("a"), false); });
  pair.until([&] { return recorder->text == "a"; });
  sweep(pair, 4);
  CHECK(connection->is_open());
  pair.on(*connection, [&] { flow->close(); });
  sweep(pair, 4);
  CHECK(!connection->is_open());
  pair.until([&] { return pair.client->status().connections == 0 && pair.server->status().connections == 0; });
}

TEST_CASE("a connection with only a side channel is idle") {
  NB_OVER_BOTH(pair, expire_soon);
  const auto connection = pair.connect();
  std::shared_ptr<Flow> flow;
  const auto recorder = std::make_shared<Recorder>();
  pair.on(*connection, [&] {
    flow = connection->open_side_channel().value();
    flow->listen(recorder);
    flow->write(bytes("t"), false);
  });
  pair.until([&] { return recorder->text == "t"; });
  sweep(pair, 4);
  CHECK(!connection->is_open());
  CHECK(recorder->closed == 1);
}

TEST_CASE("with an expiry of zero nothing is ever idle") {
  NB_OVER_BOTH(pair, [](ManagerOptions& options) { options.idle_expiry = 0s; });
  const auto connection = pair.connect();
  for (int i = 0; i < 4; ++i) {
    pair.clock->advance(10min);
    for (int n = 0; n < 200; ++n) pair.poll();
  }
  CHECK(connection->is_open());
}

namespace {

// `pair` takes two connections in their handshake.
void check_that_the_third_is_dropped(Pair& pair) {
  const auto endpoint = pair.listen();
  auto known = nb::transport::Protocols::standard();
  known.add("local", {pair.network, "local"});
  const auto transport = known.find(pair.protocol)->transport;
  std::vector<std::shared_ptr<nb::transport::Dialing>> dialings;
  std::vector<std::shared_ptr<nb::transport::Stream>> mute;
  for (int i = 0; i < 5; ++i) {
    dialings.push_back(transport->dial(pair.loop->next(), pair.protocol, endpoint.address, {},
                                       [&](auto stream) { mute.push_back(stream.value()); }));
  }
  pair.until([&] { return pair.log->count("in their handshake") == 3; });
  CHECK(pair.server->status().connections == 2);
  CHECK(!pair.dial(endpoint));
  pair.until([&] { return mute.size() == 5; });
  mute.clear();
  pair.until([&] { return pair.server->status().connections == 0; });
  CHECK(pair.dial(endpoint));
}

}  // namespace

TEST_CASE("[15.2] more connections in their handshake than allowed are dropped, and others get in later") {
  NB_OVER_BOTH(pair, [](ManagerOptions& options) { options.max_unauthenticated = 2; });
  check_that_the_third_is_dropped(pair);
}

TEST_CASE("[15.2] so are more of them from one source than allowed") {
  NB_OVER_BOTH(pair, [](ManagerOptions& options) { options.max_unauthenticated_of_one_source = 2; });
  check_that_the_third_is_dropped(pair);
  CHECK(pair.log->count("in their handshake from") > 0);
}

TEST_CASE("close ends dials, connections and listeners, tells everybody, and leaves nothing") {
  NB_OVER_BOTH(pair);
  const auto endpoint = pair.listen();
  const auto connection = pair.dial(endpoint).value();
  std::vector<std::shared_ptr<Recorder>> recorders;
  std::vector<std::shared_ptr<Flow>> flows;
  for (int i = 0; i < 20; ++i) {
    recorders.push_back(std::make_shared<Recorder>());
    flows.push_back(pair.open(*connection, recorders.back()));
    pair.on(*connection, [&] { flows.back()->write(nb::Bytes(2'000'000), false); });
  }
  pair.network->swallow("hole");
  nb::naming::Endpoint hole;
  hole.protocol = "local";
  hole.address = "hole";
  Dials dials(1);
  dials.start(*pair.client, 0, hole);
  bool closed = false;
  pair.client->close([&] { closed = true; });
  pair.until([&] { return closed; });
  CHECK(pair.client->status().connections == 0);
  REQUIRE(dials.all());
  CHECK(dials.results[0]->error().is(nb::transport::kBadStateId));
  for (const auto& recorder : recorders) CHECK(recorder->closed == 1);
  pair.until([&] { return pair.server->status().connections == 0; });
}

TEST_CASE("a manager that is destroyed without being closed takes everything along") {
  NB_OVER_BOTH(pair);
  const auto endpoint = pair.listen();
  const auto connection = pair.dial(endpoint).value();
  const auto recorder = std::make_shared<Recorder>();
  const auto flow = pair.open(*connection, recorder);
  Dials dials(1);
  pair.network->swallow("hole");
  nb::naming::Endpoint hole;
  hole.protocol = "local";
  hole.address = "hole";
  dials.start(*pair.client, 0, hole);
  pair.client.reset();
  pair.until([&] { return dials.all() && recorder->closed == 1; });
  pair.until([&] { return pair.server->status().connections == 0; });
}
