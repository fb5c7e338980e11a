// Websockets and the hybrid listener over the in-memory network, and over tcp on the loopback interface.
#include "transport/websocket_protocol.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "transport/errors.h"
#include "transport/memory.h"
#include "transport/tcp.h"
#include "transport/websocket_accept.h"

using namespace nb::transport;
using namespace std::chrono_literals;

namespace {

const std::string kRequest =
    "GET / HTTP/1.1\r\nHost: h:1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

struct Net {
  std::shared_ptr<nb::HandClock> clock = std::make_shared<nb::HandClock>();
  std::shared_ptr<Loop> loop = Loop::make(clock);
  std::shared_ptr<Protocol> bytes;
  std::shared_ptr<Protocol> websocket;
  std::shared_ptr<Protocol> hybrid;
  std::string any_address;
  std::vector<std::shared_ptr<Listener>> listeners;
  std::vector<std::shared_ptr<Stream>> accepted;
  std::vector<std::shared_ptr<Dialing>> dialings;

  explicit Net(bool over_tcp = false) {
    if (over_tcp) {
      bytes = make_tcp();
      any_address = "127.0.0.1:0";
    } else {
      bytes = MemoryNetwork::make();
    }
    websocket = make_websocket(bytes, system_random());
    hybrid = make_hybrid(bytes, system_random());
  }

  ~Net() {
    for (const auto& listener : listeners) listener->close({});
    dialings.clear();
    accepted.clear();
    loop->poll();
    loop->stop();
    loop->finish();
  }

  void until(const std::function<bool()>& done) {
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    while (!done()) {
      loop->poll();
      REQUIRE(std::chrono::steady_clock::now() < give_up);
    }
  }

  std::string listen(Protocol& protocol, const std::string& name) {
    auto made = protocol.listen(
        loop, name, any_address,
        {[this] { return loop; }, [this](std::shared_ptr<Stream> s) { accepted.push_back(std::move(s)); }, {}});
    REQUIRE(made);
    CHECK((*made)->protocol() == name);
    listeners.push_back(*made);
    return (*made)->address();
  }

  nb::Result<std::shared_ptr<Stream>> dial(Protocol& protocol, const std::string& name, const std::string& address) {
    std::optional<nb::Result<std::shared_ptr<Stream>>> result;
    dialings.push_back(protocol.dial(loop, name, address, {}, [&](auto r) { result = std::move(r); }));
    until([&] { return result.has_value(); });
    return std::move(*result);
  }

  // An open websocket.
  struct Ends {
    std::shared_ptr<Stream> client;
    std::shared_ptr<Stream> server;
  };
  Ends connect() {
    const std::string address = listen(*websocket, "ws");
    auto client = dial(*websocket, "ws", address);
    REQUIRE(client);
    until([&] { return !accepted.empty(); });
    return {*client, std::exchange(accepted, {}).front()};
  }

  void write(Stream& stream, std::string_view text) {
    const nb::BytesView slice = nb::as_bytes(text);
    REQUIRE(stream.try_write({&slice, 1}).value_or(0) == text.size());
  }

  // Bytes of a raw peer: what came until the other end closed.
  std::string read_to_end(Stream& stream) {
    std::string all;
    nb::Bytes buffer(4096);
    bool has_ended = false;
    while (!has_ended) {
      bool is_read = false;
      stream.read_some(buffer, [&](const nb::Result<std::size_t>& n) {
        is_read = true;
        has_ended = n.value_or(0) == 0;
        all += nb::as_text(nb::BytesView(buffer).first(n.value_or(0)));
      });
      until([&] { return is_read; });
    }
    return all;
  }

  // The read goes on, so what it writes to lives as long as it does.
  bool is_open(Stream& stream) {
    const auto buffer = std::make_shared<nb::Bytes>(1);
    const auto has_ended = std::make_shared<bool>(false);
    stream.read_some(*buffer, [buffer, has_ended](const nb::Result<std::size_t>&) { *has_ended = true; });
    loop->poll();
    return !*has_ended;
  }

  struct Read {
    std::vector<std::string> messages;
    nb::Result<std::size_t> result = std::size_t{0};
  };
  Read read(Stream& stream) {
    Read read;
    nb::Bytes room(1000);
    bool is_done = false;
    stream.messages()->read_messages(
        room, [&](nb::BytesView message) { read.messages.emplace_back(nb::as_text(message)); },
        [&](nb::Result<std::size_t> n) {
          read.result = std::move(n);
          is_done = true;
        });
    CHECK(!is_done);
    until([&] { return is_done; });
    CHECK(read.result.value_or(0) == read.messages.size());
    return read;
  }

  bool write_message(Stream& stream, std::string_view text) {
    const std::vector<nb::BytesView> slices = {nb::as_bytes(text.substr(0, 1)), nb::as_bytes(text.substr(1))};
    return stream.messages()->try_write_message(slices).value_or(false);
  }
};

}  // namespace

#define FOR_BOTH(net)                 \
  bool over_tcp = false;              \
  SUBCASE("tcp") { over_tcp = true; } \
  SUBCASE("in memory") {}             \
  Net net(over_tcp)

TEST_CASE("[F-1] [F-30] a websocket carries whole messages both ways and names itself ws") {
  FOR_BOTH(net);
  const auto [client, server] = net.connect();
  REQUIRE(client->messages() != nullptr);
  CHECK(client->protocol() == "ws");
  CHECK(server->protocol() == "ws");
  CHECK(client->remote_address() == server->local_address());
  CHECK(net.write_message(*client, "hello"));
  CHECK(net.write_message(*client, "again"));
  std::vector<std::string> got;
  while (got.size() < 2) {
    for (auto& message : net.read(*server).messages) got.push_back(message);
  }
  CHECK(got == std::vector<std::string>{"hello", "again"});
  CHECK(net.write_message(*server, "answer"));
  CHECK(net.read(*client).messages == std::vector<std::string>{"answer"});
}

TEST_CASE("shutting down says close: the peer reads the rest, then the end, and so do we") {
  FOR_BOTH(net);
  const auto [client, server] = net.connect();
  CHECK(net.write_message(*server, "last"));
  server->shut_down_writes();
  const nb::BytesView slice = nb::as_bytes("late");
  CHECK(!server->messages()->try_write_message({&slice, 1}));
  auto read = net.read(*client);
  CHECK(read.messages == std::vector<std::string>{"last"});
  for (int i = 0; i < 2; ++i) {
    read = net.read(*client);
    CHECK(read.messages.empty());
    CHECK(read.result.ok());
  }
  CHECK(!client->messages()->try_write_message({&slice, 1}));
  read = net.read(*server);
  CHECK(read.messages.empty());
  CHECK(read.result.ok());
}

TEST_CASE("a closed websocket tells the peer, and calls nobody back") {
  FOR_BOTH(net);
  const auto [client, server] = net.connect();
  nb::Bytes room(10);
  bool is_called = false;
  client->messages()->read_messages(
      room, [&](nb::BytesView) { is_called = true; }, [&](const nb::Result<std::size_t>&) { is_called = true; });
  CHECK(net.write_message(*client, "last"));
  client->close();
  CHECK(net.read(*server).messages == std::vector<std::string>{"last"});
  const auto read = net.read(*server);
  CHECK(read.messages.empty());
  CHECK(read.result.ok());
  CHECK(!is_called);
}

TEST_CASE("a message above the limit is an error at the reader, at once") {
  Net net;
  const auto [client, server] = net.connect();
  server->messages()->limit_messages(10);
  CHECK(net.write_message(*client, "0123456789"));
  CHECK(net.read(*server).messages.size() == 1);
  CHECK(net.write_message(*client, "0123456789a"));
  const auto read = net.read(*server);
  CHECK(read.result.error().is(kNetworkId));
  CHECK(read.result.error().message() == "the peer breaks the websocket protocol: a message that is too long");
  CHECK(net.read(*client).result.error().message() == "the peer closed the websocket with code 1009: ``");
}

TEST_CASE("the limit may change between two messages that came together") {
  Net net;
  const auto ends = net.connect();
  const std::shared_ptr<Stream> server = ends.server;  // clang 14 does not let lambdas see structured bindings
  server->messages()->limit_messages(5);
  CHECK(net.write_message(*ends.client, "small"));
  CHECK(net.write_message(*ends.client, "much longer"));
  std::vector<std::string> got;
  nb::Bytes room(1000);
  server->messages()->read_messages(
      room,
      [&](nb::BytesView message) {
        got.emplace_back(nb::as_text(message));
        server->messages()->limit_messages(100);
      },
      [](const nb::Result<std::size_t>&) {});
  net.until([&] { return got.size() == 2; });
}

TEST_CASE("a full websocket takes no more messages, and says when it does again") {
  FOR_BOTH(net);
  const auto [client, server] = net.connect();
  server->messages()->limit_messages(1 << 20);
  const std::string big(100000, 'x');
  std::size_t written = 0;
  net.until([&] {  // sockets buffer a few megabytes
    if (!net.write_message(*client, big)) return true;
    ++written;
    return false;
  });
  REQUIRE(written > 0);
  bool is_writable = false;
  client->when_writable([&] { is_writable = true; });
  for (int i = 0; i < 10; ++i) net.loop->poll();
  CHECK(!is_writable);
  std::size_t count = 0;
  while (count < written) {
    for (const auto& message : net.read(*server).messages) {
      CHECK(message == big);
      ++count;
    }
  }
  net.until([&] { return is_writable; });
  CHECK(count == written);
  CHECK(net.write_message(*client, "more"));
  CHECK(net.read(*server).messages == std::vector<std::string>{"more"});
}

TEST_CASE("[F-1] one hybrid port takes websockets and bytes, and is dialed as bytes") {
  FOR_BOTH(net);
  const std::string address = net.listen(*net.hybrid, "wsh");
  auto plain = net.dial(*net.hybrid, "wsh", address);
  REQUIRE(plain);
  CHECK((*plain)->messages() == nullptr);
  net.loop->poll();
  CHECK(net.accepted.empty());
  net.write(**plain, "\xff\xff\xfe~");
  net.until([&] { return net.accepted.size() == 1; });
  CHECK(net.accepted[0]->messages() == nullptr);
  (*plain)->shut_down_writes();
  CHECK(net.read_to_end(*net.accepted[0]) == "\xff\xff\xfe~");  // the first byte was only looked at

  auto socket = net.dial(*net.websocket, "ws", address);
  REQUIRE(socket);
  net.until([&] { return net.accepted.size() == 2; });
  REQUIRE(net.accepted[1]->messages() != nullptr);
  CHECK(net.accepted[1]->protocol() == "wsh");
  CHECK(net.write_message(**socket, "hello"));
  CHECK(net.read(*net.accepted[1]).messages == std::vector<std::string>{"hello"});
}

TEST_CASE("[F-31] a hybrid listener waits 10 s for the first byte, and others do not wait for that") {
  Net net;
  const std::string address = net.listen(*net.hybrid, "wsh");
  auto slow = net.dial(*net.bytes, "tcp", address);
  REQUIRE(slow);
  net.loop->poll();
  auto quick = net.dial(*net.bytes, "tcp", address);
  net.write(**quick, "x");
  net.until([&] { return net.accepted.size() == 1; });
  net.clock->advance(9999ms);
  net.loop->poll();
  net.clock->advance(1ms);
  net.loop->poll();
  CHECK(!net.is_open(**slow));
  CHECK(net.is_open(**quick));
  CHECK(net.accepted.size() == 1);
}

TEST_CASE("[F-31] an HTTP head has 1 s, however its bytes drip in") {
  for (const bool is_hybrid : {false, true}) {
    CAPTURE(is_hybrid);
    Net net;
    const std::string address = is_hybrid ? net.listen(*net.hybrid, "wsh") : net.listen(*net.websocket, "ws");
    auto peer = net.dial(*net.bytes, "tcp", address);
    REQUIRE(peer);
    if (is_hybrid) {
      net.loop->poll();
      net.clock->advance(9s);
      net.loop->poll();
    }
    for (int i = 0; i < 9; ++i) {
      net.write(**peer, kRequest.substr(static_cast<std::size_t>(i), 1));
      net.loop->poll();
      net.clock->advance(110ms);
      net.loop->poll();
    }
    net.write(**peer, "x");
    net.loop->poll();
    net.clock->advance(10ms);
    net.loop->poll();
    CHECK(!net.is_open(**peer));
    CHECK(net.accepted.empty());
  }
}

TEST_CASE("[F-1] raw HTTP on a websocket port is answered and closed, and what hurries ahead too") {
  struct Row {
    std::string sent;
    std::string answer;
  };
  std::string endless = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 100; ++i) endless += "A: b\r\n";
  const Row rows[] = {
      {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"},
      {"GARBAGE\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"},
      {"G" + std::string(5000, 'x'), "HTTP/1.1 400 Bad Request\r\n"},
      {endless, "HTTP/1.1 400 Bad Request\r\n"},
      {"POST / HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 405 Method Not Allowed\r\n"},
      {kRequest + "x", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.sent);
    Net net;
    const std::string address = net.listen(*net.websocket, "ws");
    auto peer = net.dial(*net.bytes, "tcp", address);
    REQUIRE(peer);
    net.write(**peer, row.sent);
    const std::string answer = net.read_to_end(**peer);
    CHECK(answer.substr(0, answer.find('\n') + 1) == row.answer);
    // Who stays after that is dropped a second later.
    net.clock->advance(1s);
    net.loop->poll();
    const nb::BytesView more = nb::as_bytes("x");
    CHECK(!(*peer)->try_write({&more, 1}));
    CHECK(net.accepted.empty());
  }
}

TEST_CASE("[F-31] when very many are on their way, the one that has been here longest goes") {
  Net net;
  WebSocketAccepts::Options options;
  options.is_hybrid = true;
  options.random = system_random();
  options.most = 2;
  int accepted = 0;
  options.accepted = [&](const std::shared_ptr<Stream>&) { ++accepted; };
  const auto accepts = std::make_shared<WebSocketAccepts>(options);
  std::vector<std::shared_ptr<Stream>> peers;
  for (int i = 0; i < 3; ++i) {
    auto [near_end, far_end] = static_cast<MemoryNetwork&>(*net.bytes).connect(net.loop, net.loop);
    peers.push_back(near_end);
    accepts->add(far_end);
  }
  net.loop->poll();
  CHECK(accepts->size() == 2);
  CHECK(!net.is_open(*peers[0]));
  CHECK(net.is_open(*peers[1]));
  net.write(*peers[2], "x");
  net.loop->poll();
  CHECK(accepted == 1);
  CHECK(accepts->size() == 1);
  accepts->close();
  net.loop->poll();
  CHECK(accepts->size() == 0);
}

TEST_CASE("closing the listener drops those that are on their way") {
  Net net;
  const std::string address = net.listen(*net.websocket, "ws");
  auto peer = net.dial(*net.bytes, "tcp", address);
  REQUIRE(peer);
  net.loop->poll();
  net.listeners[0]->close({});
  net.loop->poll();
  CHECK(!net.is_open(**peer));
}

TEST_CASE("a websocket dial tells what the server says in place of agreeing") {
  Net net;
  const auto raw_server = [&](const std::string& answer, bool hangs_up) {
    const std::string address = net.listen(*net.bytes, "local");
    std::optional<nb::Error> error;
    net.dialings.push_back(net.websocket->dial(net.loop, "ws", address, {}, [&](auto r) { error = r.error(); }));
    net.until([&] { return !net.accepted.empty(); });
    const auto server = std::exchange(net.accepted, {}).front();
    net.write(*server, answer);
    if (hangs_up) server->close();
    net.until([&] { return error.has_value(); });
    CHECK(error->is(kDialFailedId));
    const std::string prefix = "dialing ws " + address + ": ";
    CHECK(error->message().substr(0, prefix.size()) == prefix);
    return std::string(error->message().substr(prefix.size()));
  };
  CHECK(raw_server("HTTP/1.1 404 Not Found\r\n\r\n", false) ==
        "the server does not upgrade to a websocket, it says `HTTP/1.1 404 Not Found`");
  CHECK(raw_server("\xff\xff\x8b~no\n\n", false) == "malformed HTTP: the first line is not ASCII");
  CHECK(raw_server("HTTP/1.1 101 x\r\n", true) == "the server hangs up in place of upgrading to a websocket");
  CHECK(raw_server(std::string(9000, 'x'), false) == "malformed HTTP: a line is too long");
  CHECK(raw_server("HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                   "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
                   false) == "the server's answer to the websocket key is wrong");
}

TEST_CASE("a server that never answers the upgrade is given up at the deadline, and a dropped dial calls nobody") {
  Net net;
  const std::string address = net.listen(*net.bytes, "local");
  std::optional<nb::Error> error;
  DialOptions options;
  options.deadline = net.clock->now() + 5s;
  net.dialings.push_back(net.websocket->dial(net.loop, "ws", address, options, [&](auto r) { error = r.error(); }));
  bool is_called = false;
  auto dropped = net.websocket->dial(net.loop, "ws", address, options, [&](auto) { is_called = true; });
  net.until([&] { return net.accepted.size() == 2; });
  net.clock->advance(4s);
  net.loop->poll();
  CHECK(!error);
  dropped.reset();
  net.clock->advance(1s);
  net.loop->poll();
  REQUIRE(error);
  CHECK(error->is("v.io/v23/verror.Timeout"));
  CHECK(!is_called);
  for (const auto& server : net.accepted) CHECK(net.read_to_end(*server).starts_with("GET / HTTP/1.1\r\n"));
}

TEST_CASE("a family in the name goes down to tcp") {
  Net net(true);
  CHECK(net.websocket->listen(net.loop, "ws4", "[::1]:0", {}).error().is(kBadArgId));
  CHECK(net.hybrid->listen(net.loop, "wsh6", "127.0.0.1:0", {}).error().is(kBadArgId));
  const std::string address = net.listen(*net.websocket, "ws4");
  CHECK(net.dial(*net.websocket, "ws4", address));
  CHECK(net.dial(*net.websocket, "ws6", address).error().is(kDialFailedId));
}

TEST_CASE("an address of a websocket resolves as ws, one of a hybrid as tcp, with the addresses of its host") {
  Net net(true);
  const auto resolve = [&](Protocol& protocol, const std::string& name, const std::string& address) {
    std::optional<nb::Result<Resolved>> result;
    const auto resolving = protocol.resolve(net.loop, name, address, [&](auto r) { result = std::move(r); });
    CHECK(!result);
    net.until([&] { return result.has_value(); });
    return std::move(*result);
  };
  const std::vector<std::string> here = {"127.0.0.1:80"};
  for (const auto& [protocol, name, expected] :
       std::vector<std::tuple<Protocol*, std::string, std::string>>{{net.websocket.get(), "ws", "ws"},
                                                                    {net.websocket.get(), "ws4", "ws"},
                                                                    {net.hybrid.get(), "wsh", "tcp"},
                                                                    {net.hybrid.get(), "wsh4", "tcp4"},
                                                                    {net.bytes.get(), "tcp", "tcp"}}) {
    const std::string wanted = name;  // clang 14 does not let CAPTURE see structured bindings
    CAPTURE(wanted);
    const auto resolved = resolve(*protocol, name, "127.0.0.1:80");
    REQUIRE(resolved);
    CHECK(resolved->protocol == expected);
    CHECK(resolved->addresses == here);
  }
  CHECK(resolve(*net.bytes, "tcp6", "[::1]:80")->addresses == std::vector<std::string>{"[::1]:80"});
  CHECK(resolve(*net.bytes, "tcp4", ":80")->addresses == here);
  CHECK(resolve(*net.bytes, "tcp4", "localhost:80")->addresses == here);
  CHECK(resolve(*net.bytes, "tcp4", "[::1]:80").error().is(kResolveFailedId));
  CHECK(resolve(*net.bytes, "tcp", "no-such-host.invalid:1").error().is(kResolveFailedId));
  CHECK(resolve(*net.websocket, "ws", "no port").error().is(kBadArgId));
}
