// What a connection and a flow cost while nothing happens on them. Counted exactly, so only where the allocator counts.
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "conn/testing/pair.h"

#if defined(__SANITIZE_ADDRESS__)

// Of the sanitizer, whose header is not everywhere where it is.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();

using namespace nb::conn;
using namespace nb::conn::testing;

namespace {

std::size_t heap() { return __sanitizer_get_current_allocated_bytes(); }

}  // namespace

TEST_CASE("an idle connection takes less than 16000 bytes at each end, and an idle flow at most 1 KB") {
  Pair pair("tcp");
  const auto endpoint = pair.listen();
  constexpr std::size_t kConnections = 50;
  constexpr std::size_t kFlows = 2000;
  std::vector<std::shared_ptr<Manager>> clients;
  std::vector<std::shared_ptr<Connection>> connections;
  const auto connect = [&](std::uint8_t id) {
    const auto client = pair.make(routing_id(id), pair.family.member("client"));
    const std::size_t before = heap();
    connections.push_back(pair.dial_as(*client, endpoint).value().connection);
    const auto at_server = [&] { return pair.server->status().connections; };
    pair.until([&] { return at_server() == connections.size(); });
    for (int i = 0; i < 50; ++i) pair.poll();
    clients.push_back(client);
    return heap() - before;
  };
  connect(100);  // what is made once
  std::size_t sum = 0;
  for (std::size_t i = 1; i <= kConnections; ++i) sum += connect(static_cast<std::uint8_t>(100 + i));
  const std::size_t connection = sum / kConnections / 2;
  INFO("bytes a connection: ", connection);
  CHECK(connection < 16'000);

  const auto recorder = std::make_shared<Recorder>();
  std::vector<std::shared_ptr<Flow>> flows;
  flows.reserve(kFlows);
  std::size_t accepted = 0;
  std::vector<std::shared_ptr<Flow>> there;
  there.reserve(kFlows);
  pair.acceptor = [&](std::shared_ptr<Flow> flow) {
    ++accepted;
    flow->consumed(flow->take_first().size());
    there.push_back(std::move(flow));
  };
  const std::size_t before = heap();
  for (std::size_t i = 0; i < kFlows; ++i) {
    auto flow = pair.open(*connections[0], recorder);
    pair.on(*connections[0], [&] { flow->write(bytes("x"), false); });
    flows.push_back(std::move(flow));
  }
  pair.until([&] { return accepted == kFlows; });
  for (int i = 0; i < 50; ++i) pair.poll();
  const std::size_t flow = (heap() - before) / kFlows / 2;
  INFO("bytes a flow: ", flow);
  CHECK(flow <= 1024);
  MESSAGE("an idle connection takes ", connection, " bytes, an idle flow ", flow);
  flows.clear();
  there.clear();
  int open = static_cast<int>(clients.size());
  for (const auto& client : clients) client->close([&open] { --open; });
  pair.until([&] { return open == 0; });
}
#endif
