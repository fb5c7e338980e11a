// Peers that break off, speak nonsense, or do not listen.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "conn/testing/pair.h"
#include "transport/errors.h"

using namespace nb::conn;
using namespace nb::conn::testing;

namespace {

// A client of raw bytes.
struct Raw {
  Raw(Pair& pair_, const nb::naming::Endpoint& endpoint) : pair(pair_) {
    auto known = nb::transport::Protocols::standard();
    known.add("local", {pair.network, "local"});
    auto dialing = known.find(pair.protocol)
                       ->transport->dial(pair.loop->next(), pair.protocol, endpoint.address, {},
                                         [this](auto made) { stream = made.value(); });
    pair.until([this] { return stream != nullptr; });
    read();
  }
  void read() {
    stream->read_some(buffer, [this](nb::Result<std::size_t> n) {
      if (n.value_or(0) == 0) {
        ended = true;
        return;
      }
      got.append(nb::as_text(nb::BytesView(buffer).first(*n)));
      read();
    });
  }
  void write(const nb::Bytes& what) {
    const nb::BytesView slice(what);
    REQUIRE(stream->try_write({&slice, 1}).value_or(0) == what.size());
  }

  Pair& pair;
  std::shared_ptr<nb::transport::Stream> stream;
  nb::Bytes buffer = nb::Bytes(4096);
  std::string got;
  bool ended = false;
};

}  // namespace

TEST_CASE("a peer that speaks nonsense is hung up on, and the server goes on") {
  NB_OVER_BOTH(pair);
  const auto endpoint = pair.listen();
  const std::vector<nb::Bytes> nonsense = {
      nb::Bytes(64, 0x00),                             // announces the longest frame
      nb::Bytes{0xff, 0xff, 0xfe, 0x7f},               // the invalid message
      nb::Bytes{0xff, 0xff, 0xfc, 0x7e, 0x0e, 0x80},   // Setup with a bad number
      nb::Bytes{'G', 'E', 'T', ' ', '/', '\r', '\n'},  // a browser
  };
  for (const auto& bytes : nonsense) {
    Raw raw(pair, endpoint);
    raw.write(bytes);
    pair.until([&] { return raw.ended; });
  }
  pair.until([&] { return pair.server->status().connections == 0; });
  CHECK(pair.dial(endpoint));
}

TEST_CASE("a connection that is cut in mid-stream tells the flows of both ends") {
  NB_OVER_BOTH(pair);
  // The server's end of the transport is taken over by a go-between that the test can cut.
  const auto behind = pair.listen();
  auto known = nb::transport::Protocols::standard();
  known.add("local", {pair.network, "local"});
  const auto transport = known.find(pair.protocol)->transport;
  struct Half {
    std::shared_ptr<nb::transport::Stream> from;
    std::shared_ptr<nb::transport::Stream> to;
    nb::Bytes buffer = nb::Bytes(65536);
    nb::Bytes waiting;
    void pump() {
      if (!waiting.empty()) {
        const nb::BytesView slice(waiting);
        const auto n = to->try_write({&slice, 1});
        if (!n) return;
        waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(*n));
        if (!waiting.empty()) return to->when_writable([this] { pump(); });
      }
      from->read_some(buffer, [this](nb::Result<std::size_t> n) {
        if (n.value_or(0) == 0) return;
        waiting.assign(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*n));
        pump();
      });
    }
  };
  Half up;
  Half down;
  std::shared_ptr<nb::transport::Stream> front;
  std::shared_ptr<nb::transport::Stream> back;
  nb::transport::ListenEvents events;
  events.pick_loop = [&] { return pair.loop->next(); };
  events.accepted = [&](std::shared_ptr<nb::transport::Stream> stream) { front = std::move(stream); };
  auto listener =
      transport->listen(pair.loop->next(), pair.protocol, pair.protocol == "tcp" ? "127.0.0.1:0" : "front", events);
  REQUIRE(listener);
  auto dialing =
      transport->dial(pair.loop->next(), pair.protocol, behind.address, {}, [&](auto made) { back = made.value(); });
  auto endpoint = behind;
  endpoint.address = (*listener)->address();
  std::optional<nb::Result<std::shared_ptr<Connection>>> dialed;
  pair.client->dial(endpoint, {}, {}, [&](const nb::Result<Dialed>& result) {
    REQUIRE(result);
    dialed = result->connection;
  });
  pair.until([&] { return front && back; });
  up.from = down.to = front;
  up.to = down.from = back;
  up.pump();
  down.pump();
  pair.until([&] { return dialed.has_value(); });
  REQUIRE(*dialed);
  const auto connection = **dialed;

  const auto there = std::make_shared<Recorder>();
  std::shared_ptr<Flow> accepted;
  pair.acceptor = [&](std::shared_ptr<Flow> flow) {
    accepted = flow;
    flow->listen(there);
  };
  const auto here = std::make_shared<Recorder>();
  const auto flow = pair.open(*connection, here);
  pair.on(*connection, [&] { flow->write(nb::Bytes(3'000'000, 'z'), false); });
  pair.until([&] { return there->text.size() > 100'000; });
  front->abort();
  back->abort();
  pair.until([&] { return here->closed == 1 && there->closed == 1; });
  CHECK(here->why.is(nb::transport::kNetworkId));
  CHECK(there->why.is(nb::transport::kNetworkId));
  pair.until([&] { return pair.client->status().connections == 0 && pair.server->status().connections == 0; });
  (*listener)->close({});
  pair.poll();
}

TEST_CASE("a peer that never reads its end of the connection cannot hold up the close") {
  NB_OVER_BOTH(pair);
  const auto endpoint = pair.listen();
  Raw raw(pair, endpoint);
  pair.until([&] { return pair.server->status().connections == 1; });
  bool closed = false;
  pair.server->close([&] { closed = true; });
  for (int i = 0; i < 100; ++i) pair.poll();
  pair.clock->advance(std::chrono::milliseconds(200));
  pair.until([&] { return closed; });
}
