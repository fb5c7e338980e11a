// Connections over every kind of transport that the standard protocols know: byte streams, and websockets, which keep
// messages apart.
#include <filesystem>
#include <string>
#include <vector>

#include <unistd.h>

#include <doctest/doctest.h>

#include "conn/testing/pair.h"
#include "transport/errors.h"
#include "transport/websocket_protocol.h"

using namespace nb::conn;
using nb::conn::testing::Pair;
using nb::conn::testing::Recorder;

namespace {

std::string abstract_address() {
  static int count = 0;
  return "@niobium-transports-test-" + std::to_string(getpid()) + "-" + std::to_string(count++);
}

// Opens a flow to an echo, sends megabytes and small pieces, and wants the same back.
void check_echo(Pair& pair, Connection& connection) {
  const auto recorder = std::make_shared<Recorder>();
  const auto flow = pair.open(connection, recorder);
  std::string sent;
  for (int i = 0; i < 300; ++i) {
    const std::string part(static_cast<std::size_t>(i % 10 == 0 ? 100'000 : i), static_cast<char>('a' + i % 26));
    sent += part;
    pair.on(connection, [&] { flow->write(nb::conn::testing::bytes(part), false); });
  }
  std::size_t consumed = 0;
  pair.until([&] {
    pair.on(connection, [&] {
      if (consumed == recorder->text.size()) return;
      flow->consumed(recorder->text.size() - consumed);
      consumed = recorder->text.size();
    });
    return recorder->text.size() >= sent.size();
  });
  CHECK(recorder->text == sent);
  pair.on(connection, [&] { flow->close(); });
}

}  // namespace

TEST_CASE("[F-1] flows work over every standard protocol, under every name") {
  struct Row {
    std::string listen, dial, address, remote_protocol;
  };
  for (const Row& row : std::vector<Row>{{"tcp", "tcp", "127.0.0.1:0", "tcp"},
                                         {"ws", "ws", "127.0.0.1:0", "ws"},
                                         {"ws4", "ws", "127.0.0.1:0", "ws"},
                                         {"wsh", "wsh", "127.0.0.1:0", "tcp"},
                                         {"wsh", "ws", "127.0.0.1:0", "ws"},
                                         {"wsh4", "tcp4", "127.0.0.1:0", "tcp4"},
                                         {"", "", "127.0.0.1:0", "tcp"},
                                         {"", "ws4", "127.0.0.1:0", "ws4"},
                                         {"unix", "unix", abstract_address(), "unix"}}) {
    CAPTURE(row.listen);
    CAPTURE(row.dial);
    Pair pair(row.listen);
    auto endpoint = pair.server->listen(row.listen, row.address);
    REQUIRE(endpoint);
    CHECK(endpoint->protocol == row.listen);
    endpoint->protocol = row.dial;
    const auto connection = pair.dial(*endpoint);
    REQUIRE_MESSAGE(connection, std::string(connection.error().message()));
    check_echo(pair, **connection);
  }
}

TEST_CASE("over a websocket too the peer hears why a connection ends, and idle ones go away quietly") {
  Pair pair("ws");
  const auto connection = pair.connect();
  const auto recorder = std::make_shared<Recorder>();
  const auto flow = pair.open(*connection, recorder);
  pair.on(*connection, [&] { flow->write(nb::conn::testing::bytes("x"), false); });
  pair.until([&] { return recorder->text == "x"; });
  bool is_closed = false;
  pair.server->close([&] { is_closed = true; });
  pair.until([&] { return is_closed && recorder->closed == 1; });
  CHECK(recorder->why.message().find("the connection manager was closed") != std::string::npos);
  pair.server.reset();
  CHECK(pair.client->status().connections == 0);
}

TEST_CASE("names of one hybrid port share a connection, a websocket to it is another one") {
  Pair pair("wsh");
  auto endpoint = pair.listen();
  endpoint.routing_id = {};
  const auto first = pair.dial(endpoint);
  REQUIRE(first);
  endpoint.protocol = "tcp";
  CHECK(*pair.dial(endpoint) == *first);
  endpoint.protocol = "ws";
  const auto socket = pair.dial(endpoint);
  REQUIRE(socket);
  CHECK(*socket != *first);
}

TEST_CASE("a websocket whose first message is longer than a Setup may be is refused before the rest of it comes") {
  Pair pair("ws");
  const auto endpoint = pair.listen();
  const auto loop = pair.loop->next();
  std::shared_ptr<nb::transport::Stream> stream;
  const auto dialing = nb::transport::Protocols::standard().find("ws")->transport->dial(loop, "ws", endpoint.address,
                                                                                        {}, [&](auto dialed) {
                                                                                          REQUIRE(dialed);
                                                                                          stream = *dialed;
                                                                                        });
  pair.until([&] { return stream != nullptr; });
  stream->messages()->limit_messages(1 << 20);
  const nb::Bytes big(65537);
  const nb::BytesView slice = big;
  REQUIRE(stream->messages()->try_write_message({&slice, 1}).value_or(false));
  nb::Bytes room(4096);
  std::optional<nb::Error> why;
  const std::function<void()> read = [&] {
    stream->messages()->read_messages(
        room, [](std::span<std::uint8_t>) {},
        [&](const nb::Result<std::size_t>& n) {
          if (!n) {
            why = n.error();
          } else if (*n == 0) {
            why = nb::Error();
          } else {
            read();
          }
        });
  };
  read();
  pair.until([&] { return why.has_value(); });
  CHECK(why->message() == "the peer closed the websocket with code 1009: ``");
  pair.until([&] { return pair.server->status().connections == 0; });
}
