// A listener that cannot accept: it tries again, and out of descriptors connections make room
// (docs/spec/flow-protocol.md 10.4, 11.4).
#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "conn/testing/fake_listener.h"
#include "conn/testing/pair.h"
#include "transport/errors.h"

using namespace nb::conn;
using namespace nb::conn::testing;
using namespace std::chrono_literals;

namespace {

// A server with connections of several clients, and a second listener that the test plays.
struct Crowd {
  std::shared_ptr<FakeProtocol> played;
  Pair pair;
  std::vector<std::shared_ptr<Manager>> clients;
  std::vector<std::shared_ptr<Connection>> connections;  // the clients' ends, in the order of their latest use
  std::vector<std::shared_ptr<Flow>> flows;

  explicit Crowd(std::size_t size, std::chrono::nanoseconds idle_expiry = 10min)
      : pair("local", [this, idle_expiry](ManagerOptions& options) {
          if (!played) played = std::make_shared<FakeProtocol>(nb::transport::MemoryNetwork::make());
          options.protocols.add("played", {played, "played"});
          options.idle_expiry = idle_expiry;
        }) {
    const auto endpoint = pair.listen();
    REQUIRE(pair.server->listen("played", "stage"));
    for (std::size_t i = 0; i < size; ++i) {
      clients.push_back(
          pair.make(routing_id(static_cast<std::uint8_t>(10 + i)), pair.family.member("client" + std::to_string(i))));
      connections.push_back(pair.dial_as(*clients.back(), endpoint).value().connection);
      use(i);
      pair.clock->advance(1s);
    }
    settle();
  }
  ~Crowd() {
    std::size_t open = clients.size();
    for (const auto& client : clients) client->close([&open] { --open; });
    pair.until([&open] { return open == 0; });
  }

  void settle() {
    for (int i = 0; i < 200; ++i) pair.poll();
  }
  // One flow that comes and goes.
  void use(std::size_t i) {
    const auto recorder = std::make_shared<Recorder>();
    const auto flow = pair.open(*connections[i], recorder);
    pair.on(*connections[i], [&] { flow->write(bytes("x"), false); });
    pair.until([&] { return recorder->text == "x"; });
    pair.on(*connections[i], [&] { flow->close(); });
    settle();
  }
  // One that stays.
  void keep_busy(std::size_t i) {
    const auto recorder = std::make_shared<Recorder>();
    flows.push_back(pair.open(*connections[i], recorder));
    pair.on(*connections[i], [&] { flows.back()->write(bytes("x"), false); });
    pair.until([&] { return recorder->text == "x"; });
  }
  void run_out() {
    played->listener->events.trouble(nb::transport::network_error("accepting: no descriptors"), true);
    settle();
  }
  // "x.x": the second one has ended.
  std::string open() const {
    std::string text;
    for (const auto& connection : connections) text += connection->is_open() ? 'x' : '.';
    return text;
  }
};

}  // namespace

TEST_CASE("out of descriptors, one connection makes room, then two, then four: the least recently used first") {
  Crowd crowd(8);
  crowd.run_out();
  CHECK(crowd.open() == ".xxxxxxx");
  crowd.run_out();
  CHECK(crowd.open() == "...xxxxx");
  crowd.run_out();
  CHECK(crowd.open() == ".......x");
  CHECK(crowd.pair.server->status().connections == 1);
  CHECK(crowd.pair.log->count("no descriptors; ending 4 connections") == 1);
}

TEST_CASE("when one was accepted in between, counting begins anew") {
  Crowd crowd(4);
  crowd.run_out();
  auto [near_end, far_end] =
      nb::transport::MemoryNetwork::make()->connect(crowd.pair.loop->next(), crowd.pair.loop->next());
  bool ran = false;
  crowd.pair.loop->post([&, far = far_end] {
    crowd.played->listener->events.accepted(far);
    ran = true;
  });
  crowd.pair.until([&] { return ran; });
  crowd.run_out();
  CHECK(crowd.open() == "..xx");
  near_end->close();
}

TEST_CASE("connections with flows make room last, and those in a slow handshake first") {
  Crowd crowd(3);
  crowd.keep_busy(0);
  auto [near_end, far_end] =
      nb::transport::MemoryNetwork::make()->connect(crowd.pair.loop->next(), crowd.pair.loop->next());
  bool ran = false;
  crowd.pair.loop->post([&, far = far_end] {
    crowd.played->listener->events.accepted(far);
    ran = true;
  });
  crowd.pair.until([&] { return ran; });
  far_end.reset();
  CHECK(crowd.pair.server->status().connections == 4);
  crowd.pair.clock->advance(2s);
  crowd.run_out();
  CHECK(crowd.pair.server->status().connections == 3);  // the one in its handshake
  CHECK(crowd.open() == "xxx");
  crowd.run_out();
  CHECK(crowd.open() == "x..");
  crowd.run_out();
  CHECK(crowd.open() == "...");
  near_end->close();
}

TEST_CASE("another trouble with accepting ends nothing") {
  Crowd crowd(2);
  crowd.played->listener->events.trouble(nb::transport::network_error("accepting: no memory"), false);
  crowd.settle();
  CHECK(crowd.open() == "xx");
  CHECK(crowd.pair.log->count("no memory; trying again") == 1);
}
