#include "transport/tcp.h"

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "transport/errors.h"
#include "transport/protocols.h"

using namespace nb::transport;
using namespace std::chrono_literals;

namespace {

struct Tcp {
  std::shared_ptr<nb::HandClock> clock = std::make_shared<nb::HandClock>();
  std::shared_ptr<Loop> loop = Loop::make(clock);
  std::shared_ptr<Protocol> tcp = make_tcp();
  ~Tcp() {
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
  nb::Error dial_error(const std::string& protocol, const std::string& address) {
    std::optional<nb::Error> error;
    auto dialing = tcp->dial(loop, protocol, address, {}, [&](auto r) { error = r.error(); });
    until([&] { return error.has_value(); });
    return *error;
  }
  nb::Error listen_error(const std::string& protocol, const std::string& address) {
    return tcp->listen(loop, protocol, address, {}).error();
  }
};

}  // namespace

TEST_CASE("both families and names of this machine can be dialed") {
  Tcp net;
  for (const auto& row : std::vector<std::array<std::string, 3>>{
           {"tcp", "127.0.0.1:0", "127.0.0.1"}, {"tcp4", "localhost:0", "localhost"}, {"tcp6", "[::1]:0", "[::1]"}}) {
    // Not a structured binding: clang 14 does not let lambdas, and so CAPTURE, see those.
    const std::string& protocol = row[0];
    const std::string& listen_at = row[1];
    const std::string& host = row[2];
    CAPTURE(protocol);
    std::shared_ptr<Stream> accepted;
    std::shared_ptr<Stream> dialed;
    auto listener = net.tcp->listen(net.loop, protocol, listen_at,
                                    {[&] { return net.loop; }, [&](std::shared_ptr<Stream> s) { accepted = s; }, {}});
    if (!listener && protocol == "tcp6") continue;  // a machine without IPv6
    REQUIRE(listener);
    const std::string port = (*listener)->address().substr((*listener)->address().rfind(':'));
    CHECK(port != ":0");
    auto dialing = net.tcp->dial(net.loop, protocol, host + port, {}, [&](auto r) {
      REQUIRE(r);
      dialed = *r;
    });
    net.until([&] { return dialed && accepted; });
    CHECK(dialed->local_address() == accepted->remote_address());
    (*listener)->close({});
    net.loop->poll();
  }
}

TEST_CASE("what cannot be dialed is told apart") {
  Tcp net;
  CHECK(net.dial_error("tcp", "no port").is(kBadArgId));
  CHECK(net.dial_error("tcp", "127.0.0.1:0").is(kDialFailedId));
  CHECK(net.dial_error("tcp6", "127.0.0.1:1").is(kDialFailedId));
  const auto unresolved = net.dial_error("tcp", "no-such-host.invalid:1");
  CHECK(unresolved.is(kResolveFailedId));
  CHECK(unresolved.message().find("no-such-host.invalid:1") != std::string::npos);
}

TEST_CASE("what cannot be listened on is told apart") {
  Tcp net;
  CHECK(net.listen_error("tcp", "127.0.0.1").is(kBadArgId));
  CHECK(net.listen_error("tcp", "example.org:0").is(kBadArgId));
  CHECK(net.listen_error("tcp4", "[::1]:0").is(kBadArgId));
  CHECK(net.listen_error("tcp", "192.0.2.1:0").is(kNetworkId));  // an address of no machine
}

TEST_CASE("out of file descriptors the listener pauses, longer each time, and goes on when there are some") {
  Tcp net;
  std::vector<std::shared_ptr<Stream>> accepted;
  int troubles = 0;
  auto listener = net.tcp->listen(
      net.loop, "tcp", "127.0.0.1:0",
      {[&] { return net.loop; }, [&](std::shared_ptr<Stream> s) { accepted.push_back(s); },
       [&](const nb::Error&, bool is_out_of_descriptors) { troubles += is_out_of_descriptors ? 1 : 0; }});
  REQUIRE(listener);
  net.loop->poll();
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  // The dialed socket takes the last free descriptor, so that none is left for the accepted one.
  const int next_free = dup(0);
  REQUIRE(next_free >= 0);
  close(next_free);
  rlimit tight = before;
  tight.rlim_cur = static_cast<rlim_t>(next_free) + 1;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &tight) == 0);
  std::shared_ptr<Stream> dialed;
  std::optional<nb::Error> failed;
  auto dialing = net.tcp->dial(net.loop, "tcp", (*listener)->address(), {}, [&](auto r) {
    if (r) {
      dialed = *r;
    } else {
      failed = r.error();
    }
  });
  net.until([&] { return troubles == 1 && (dialed || failed); });
  for (int i = 0; i < 100; ++i) net.loop->poll();
  CHECK(troubles == 1);  // no spinning
  net.clock->advance(5ms);
  net.until([&] { return troubles == 2; });
  net.clock->advance(5ms);
  for (int i = 0; i < 100; ++i) net.loop->poll();
  CHECK(troubles == 2);  // the second pause is longer
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  net.clock->advance(5ms);
  net.until([&] { return accepted.size() == 1; });
  (*listener)->close({});
  net.loop->poll();
}

TEST_CASE("the standard protocols dial wsh and the unknown protocol as tcp, and name what they know") {
  const auto known = Protocols::standard();
  CHECK(known.find("")->dial_as == "tcp");
  CHECK(known.find("wsh6")->dial_as == "tcp6");
  CHECK(known.find("ws6")->dial_as == "ws6");
  CHECK(known.find("unix")->dial_as == "unix");
  CHECK(known.find("")->transport == known.find("wsh")->transport);
  const auto unknown = known.find("carrier-pigeon");
  REQUIRE(!unknown);
  CHECK(unknown.error().is(kBadArgId));
  CHECK(unknown.error().message().find("tcp4") != std::string::npos);
}
