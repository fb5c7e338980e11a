// What every transport of bytes must do; each case runs over tcp on the loopback interface, over unix sockets and over
// the in-memory network.
#include "transport/stream.h"

#include <chrono>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include <unistd.h>

#include <doctest/doctest.h>

#include "transport/errors.h"
#include "transport/memory.h"
#include "transport/tcp.h"
#include "transport/unix.h"

using namespace nb::transport;
using namespace std::chrono_literals;

namespace {

struct Net {
  std::shared_ptr<nb::HandClock> clock = std::make_shared<nb::HandClock>();
  std::shared_ptr<Loop> loop = Loop::make(clock);
  std::shared_ptr<Protocol> transport;
  std::string protocol;
  std::string any_address;
  std::shared_ptr<Listener> listener;
  std::shared_ptr<Dialing> dialing;
  std::shared_ptr<Stream> near_end;
  std::shared_ptr<Stream> far_end;

  explicit Net(std::string name) : protocol(std::move(name)) {
    if (protocol == "tcp") {
      transport = make_tcp();
      any_address = "127.0.0.1:0";
    } else if (protocol == "unix") {
      transport = make_unix();
      static int count = 0;
      any_address = "@niobium-stream-test-" + std::to_string(getpid()) + "-" + std::to_string(count++);
    } else {
      transport = MemoryNetwork::make();
    }
  }

  ~Net() {
    if (listener) listener->close({});
    dialing.reset();
    near_end.reset();
    far_end.reset();
    loop->poll();
    loop->stop();
    loop->finish();
  }

  // Sockets of this machine answer soon, but not inside one call of the system.
  void until(const std::function<bool()>& done) {
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    while (!done()) {
      loop->poll();
      REQUIRE(std::chrono::steady_clock::now() < give_up);
    }
  }

  void listen() {
    auto made = transport->listen(loop, protocol, any_address,
                                  {[this] { return loop; }, [this](std::shared_ptr<Stream> s) { far_end = s; }, {}});
    REQUIRE(made);
    listener = *made;
  }

  void connect() {
    listen();
    dialing = transport->dial(loop, protocol, listener->address(), {}, [this](Result<std::shared_ptr<Stream>> stream) {
      REQUIRE(stream);
      near_end = *stream;
    });
    until([this] { return near_end && far_end; });
  }

  template <class T>
  using Result = nb::Result<T>;

  // Reads once: the bytes, or "" for the end, or the error.
  Result<std::string> read(Stream& stream) {
    nb::Bytes buffer(1 << 16);
    std::optional<Result<std::size_t>> got;
    stream.read_some(buffer, [&got](Result<std::size_t> n) { got = std::move(n); });
    until([&got] { return got.has_value(); });
    if (!*got) return got->error();
    return std::string(nb::as_text(nb::BytesView(buffer).first(**got)));
  }

  void write(Stream& stream, std::string text) {
    const nb::BytesView slice = nb::as_bytes(text);
    REQUIRE(stream.try_write({&slice, 1}).value_or(0) == text.size());
  }
};

}  // namespace

#define FOR_BOTH(net)                       \
  std::string which;                        \
  SUBCASE("tcp") { which = "tcp"; }         \
  SUBCASE("in memory") { which = "local"; } \
  Net net(which)

#define FOR_ALL(net)                        \
  std::string which;                        \
  SUBCASE("tcp") { which = "tcp"; }         \
  SUBCASE("unix") { which = "unix"; }       \
  SUBCASE("in memory") { which = "local"; } \
  Net net(which)

TEST_CASE("bytes go both ways, gathered from several slices") {
  FOR_ALL(net);
  net.connect();
  const std::vector<nb::BytesView> slices = {nb::as_bytes("ab"), nb::as_bytes(""), nb::as_bytes("cde")};
  CHECK(net.near_end->try_write(slices).value_or(0) == 5);
  CHECK(net.read(*net.far_end).value_or("") == "abcde");
  net.write(*net.far_end, "answer");
  CHECK(net.read(*net.near_end).value_or("") == "answer");
  CHECK(net.near_end->remote_address() == net.listener->address());
}

TEST_CASE("a peeked byte stays to be read, and at the end there is none") {
  FOR_ALL(net);
  net.connect();
  std::optional<nb::Result<std::optional<std::uint8_t>>> first;
  net.far_end->peek([&](auto byte) { first = std::move(byte); });
  net.loop->poll();
  CHECK(!first);
  net.write(*net.near_end, "Go");
  net.until([&] { return first.has_value(); });
  CHECK(first->value_or(std::nullopt) == std::uint8_t{'G'});
  CHECK(net.read(*net.far_end).value_or("") == "Go");
  first.reset();
  net.far_end->peek([&](auto byte) { first = std::move(byte); });
  net.near_end->shut_down_writes();
  net.until([&] { return first.has_value(); });
  REQUIRE(first->ok());
  CHECK(!**first);
}

TEST_CASE("after the writes are shut down the peer reads the rest and then the end, and can still answer") {
  FOR_ALL(net);
  net.connect();
  net.write(*net.near_end, "last");
  net.near_end->shut_down_writes();
  CHECK(net.read(*net.far_end).value_or("") == "last");
  CHECK(net.read(*net.far_end).value_or("x").empty());
  net.write(*net.far_end, "bye");
  CHECK(net.read(*net.near_end).value_or("") == "bye");
}

TEST_CASE("an abrupt end is an error at the peer") {
  FOR_BOTH(net);  // unix sockets know no reset
  net.connect();
  net.near_end->abort();
  const auto got = net.read(*net.far_end);
  REQUIRE(!got);
  CHECK(got.error().is(kNetworkId));
  CHECK(got.error().message().find(net.far_end->remote_address()) != std::string::npos);
}

TEST_CASE("a closed stream calls nobody back") {
  FOR_ALL(net);
  net.connect();
  nb::Bytes buffer(16);
  bool called = false;
  net.near_end->read_some(buffer, [&](nb::Result<std::size_t>) { called = true; });
  net.near_end->close();
  const nb::BytesView slice = nb::as_bytes("x");
  (void)net.far_end->try_write({&slice, 1});  // tcp notices later that nobody reads
  net.loop->poll();
  CHECK(!called);
}

TEST_CASE("a full stream takes no more, and says when it does again") {
  FOR_ALL(net);
  net.connect();
  nb::Bytes much(1 << 20);
  std::iota(much.begin(), much.end(), std::uint8_t{0});
  const nb::BytesView slice(much);
  std::size_t written = 0;
  while (true) {  // sockets buffer a few megabytes
    const auto n = net.near_end->try_write({&slice, 1});
    REQUIRE(n);
    if (*n == 0) break;
    written += *n;
    REQUIRE(written < (1u << 28));
  }
  bool writable = false;
  net.near_end->when_writable([&] { writable = true; });
  net.loop->poll();
  CHECK(!writable);
  std::size_t read = 0;
  while (read < written) {
    const auto got = net.read(*net.far_end);
    REQUIRE(got);
    read += got->size();
  }
  net.until([&] { return writable; });
  CHECK(read == written);
}

TEST_CASE("dialing where nobody listens is refused, with the address in the error") {
  FOR_ALL(net);
  net.listen();
  const std::string address = net.listener->address();
  bool closed = false;
  net.listener->close([&] { closed = true; });
  net.until([&] { return closed; });
  std::optional<nb::Error> error;
  net.dialing = net.transport->dial(net.loop, net.protocol, address, {}, [&](auto r) { error = r.error(); });
  net.until([&] { return error.has_value(); });
  CHECK(error->is(kDialFailedId));
  CHECK(error->message() == "dialing " + net.protocol + " " + address + ": connection refused");
}

TEST_CASE("an address that is taken cannot be listened on, and can be again after the listener is closed") {
  FOR_ALL(net);
  net.listen();
  const std::string address = net.listener->address();
  auto second = net.transport->listen(net.loop, net.protocol, address, {});
  REQUIRE(!second);
  CHECK(second.error().is(kNetworkId));
  CHECK(second.error().message().find("address already in use") != std::string::npos);
  bool closed = false;
  net.listener->close([&] { closed = true; });
  net.until([&] { return closed; });
  net.any_address = address;
  net.listen();
}

TEST_CASE("a dial that was dropped calls nobody back") {
  FOR_ALL(net);
  net.listen();
  bool called = false;
  net.dialing = net.transport->dial(net.loop, net.protocol, net.listener->address(), {}, [&](auto) { called = true; });
  net.dialing.reset();
  net.loop->poll();
  CHECK(!called);
}

TEST_CASE("a dial that nobody answers ends at its deadline by the clock") {
  Net net("local");
  static_cast<MemoryNetwork&>(*net.transport).swallow("hole");
  std::optional<nb::Error> error;
  DialOptions options;
  options.deadline = net.clock->now() + 5s;
  net.dialing = net.transport->dial(net.loop, "local", "hole", options, [&](auto r) { error = r.error(); });
  net.clock->advance(4999ms);
  net.loop->poll();
  CHECK(!error);
  net.clock->advance(1ms);
  net.loop->poll();
  REQUIRE(error);
  CHECK(error->is("v.io/v23/verror.Timeout"));
  CHECK(error->message().find("hole") != std::string::npos);
}
