#include "conn/pinned_connection.h"

#include <chrono>
#include <optional>

#include <doctest/doctest.h>

#include "conn/testing/pair.h"
#include "transport/errors.h"

using namespace nb::conn;
using namespace nb::conn::testing;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<PinnedConnection> pin(Pair& pair, const nb::naming::Endpoint& endpoint) {
  std::optional<nb::Result<std::shared_ptr<PinnedConnection>>> got;
  pair.client->pin(endpoint, {}, {}, [&](nb::Result<std::shared_ptr<PinnedConnection>> result) { got = result; });
  pair.until([&] { return got.has_value(); });
  return got->value();
}

void settle(Pair& pair) {
  for (int i = 0; i < 200; ++i) pair.poll();
}

void expire_soon(ManagerOptions& options) {
  // The server's end would be idle all the same.
  options.idle_expiry = options.routing_id == routing_id(2) ? 10s : 0s;
}

}  // namespace

TEST_CASE("[F-19] a pinned connection is never idle; once it is unpinned it is") {
  NB_OVER_BOTH(pair, expire_soon);
  const auto pinned = pin(pair, pair.listen());
  const auto connection = pinned->connection();
  for (int i = 0; i < 5; ++i) {
    pair.clock->advance(11s);
    settle(pair);
  }
  CHECK(connection->is_open());
  pinned->unpin();
  pinned->unpin();
  for (int i = 0; i < 5; ++i) {
    pair.clock->advance(11s);
    settle(pair);
  }
  CHECK(!connection->is_open());
  CHECK(pinned->connection() == connection);
}

TEST_CASE("[F-19] a pinned connection that breaks is dialed again, later each time that fails") {
  Pair pair("local");
  const auto endpoint = pair.listen();
  const auto pinned = pin(pair, endpoint);
  auto connection = pinned->connection();
  const auto break_it = [&] {
    pair.on(*connection, [&] { connection->close(nb::transport::bad_state("enough")); });
    settle(pair);
  };
  break_it();
  CHECK(pinned->connection() == connection);
  pair.clock->advance(49ms);
  settle(pair);
  CHECK(pinned->connection() == connection);
  pair.clock->advance(1ms);
  pair.until([&] { return pinned->connection() != connection; });
  connection = pinned->connection();
  CHECK(connection->is_open());

  bool stopped = false;
  pair.server->stop_listening([&] { stopped = true; });
  pair.until([&] { return stopped; });
  break_it();
  for (const auto pause : {50ms, 100ms, 200ms, 400ms}) {
    pair.clock->advance(pause);
    settle(pair);
    CHECK(pinned->connection() == connection);
  }
  REQUIRE(pair.server->listen("local", endpoint.address));
  pair.clock->advance(799ms);
  settle(pair);
  CHECK(pinned->connection() == connection);
  pair.clock->advance(1ms);
  pair.until([&] { return pinned->connection() != connection; });
  CHECK(pinned->connection()->is_open());
}

TEST_CASE("[F-19] while it is pinned its health is checked as often as the pin asks, and not after that") {
  Pair pair("local");
  // A server that stops answering when its loop is not polled any more.
  const auto server_loop = EventLoop::make_by_hand(pair.clock);
  const auto server = pair.make(routing_id(3), pair.family.member("server"), server_loop);
  const auto endpoint = server->listen("local", "mute").value();
  DialOptions options;
  options.channel_timeout = 4s;
  std::optional<nb::Result<std::shared_ptr<PinnedConnection>>> got;
  pair.client->pin(endpoint, {}, options, [&](nb::Result<std::shared_ptr<PinnedConnection>> result) { got = result; });
  const auto both_until = [&](const std::function<bool()>& done) {
    pair.until([&] {
      server_loop->poll();
      return done();
    });
  };
  both_until([&] { return got.has_value(); });
  const auto connection = got->value()->connection();
  bool is_pinned = true;
  SUBCASE("pinned") {}
  SUBCASE("unpinned") {
    got->value()->unpin();
    is_pinned = false;
  }
  // As long as it answers, all is well.
  for (int i = 0; i < 6; ++i) {
    pair.clock->advance(1s);
    for (int n = 0; n < 20; ++n) {
      pair.poll();
      server_loop->poll();
    }
  }
  CHECK(connection->is_open());
  for (int i = 0; i < 4; ++i) {
    pair.clock->advance(1s);
    settle(pair);
  }
  CHECK(connection->is_open() != is_pinned);
  got->value()->unpin();
  bool closed = false;
  server->close([&] { closed = true; });
  both_until([&] { return closed; });
  server_loop->stop();
}

TEST_CASE("[F-19] a pin that is dropped while its connection is made again leaves nothing behind") {
  Pair pair("local");
  const auto endpoint = pair.listen();
  auto pinned = pin(pair, endpoint);
  const auto connection = pinned->connection();
  pair.on(*connection, [&] { connection->close(nb::transport::bad_state("enough")); });
  settle(pair);
  SUBCASE("before the pause is over") {}
  SUBCASE("while it is dialed") { pair.clock->advance(50ms); }
  pinned.reset();
  pair.clock->advance(1s);
  settle(pair);
  CHECK(pair.client->status().connections == 0);
  CHECK(pair.client->status().dials_under_way == 0);
}
