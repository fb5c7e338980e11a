#include "transport/unix.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "transport/errors.h"
#include "transport/unix_socket.h"

using namespace nb::transport;
using namespace std::chrono_literals;

namespace {

struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "nb-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file(const std::string& name) const { return (path / name).string(); }
};

struct Net {
  std::shared_ptr<nb::HandClock> clock = std::make_shared<nb::HandClock>();
  std::shared_ptr<Loop> loop = Loop::make(clock);
  std::shared_ptr<Protocol> transport = make_unix();
  std::vector<std::shared_ptr<Stream>> accepted;

  ~Net() {
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

  nb::Result<std::shared_ptr<Listener>> listen(const std::string& address) {
    return transport->listen(
        loop, "unix", address,
        {[this] { return loop; }, [this](std::shared_ptr<Stream> s) { accepted.push_back(s); }, {}});
  }

  void close(Listener& listener) {
    bool closed = false;
    listener.close([&] { closed = true; });
    until([&] { return closed; });
  }

  nb::Result<std::shared_ptr<Stream>> dial(const std::string& address) {
    std::optional<nb::Result<std::shared_ptr<Stream>>> result;
    const auto dialing = transport->dial(loop, "unix", address, {}, [&](auto r) { result = std::move(r); });
    until([&] { return result.has_value(); });
    return std::move(*result);
  }
};

// As a killed program leaves it.
void leave_dead_socket(const std::string& path) {
  const auto address = parse_unix_address(path);
  REQUIRE(address);
  const Descriptor socket = open_unix_socket();
  REQUIRE(bind(socket.get(), address->get(), address->size) == 0);
}

}  // namespace

TEST_CASE("a unix socket's file is for its owner only, and goes with the listener") {
  const Folder folder;
  Net net;
  const std::string path = folder.file("socket");
  auto listener = net.listen(path);
  REQUIRE(listener);
  struct stat found {};
  REQUIRE(lstat(path.c_str(), &found) == 0);
  CHECK(S_ISSOCK(found.st_mode));
  CHECK((found.st_mode & 0777) == 0600);
  CHECK((*listener)->protocol() == "unix");
  CHECK((*listener)->address() == path);
  auto dialed = net.dial(path);
  REQUIRE(dialed);
  net.until([&] { return !net.accepted.empty(); });
  CHECK((*dialed)->protocol() == "unix");
  CHECK((*dialed)->remote_address() == path);
  CHECK(net.accepted[0]->local_address() == path);
  net.close(**listener);
  CHECK(!std::filesystem::exists(path));
}

TEST_CASE("a dead socket is replaced, a live one is not") {
  const Folder folder;
  Net net;
  const std::string path = folder.file("socket");
  leave_dead_socket(path);
  CHECK(net.dial(path).error().message() == "dialing unix " + path + ": connection refused");
  auto listener = net.listen(path);
  REQUIRE(listener);
  const auto second = net.listen(path);
  REQUIRE(!second);
  CHECK(second.error().is(kNetworkId));
  CHECK(second.error().message() == "listening on unix " + path + ": address already in use");
  CHECK(net.dial(path));
  net.close(**listener);
}

TEST_CASE("what is no socket, or no socket of streams, is left alone") {
  const Folder folder;
  Net net;
  const std::string file = folder.file("file");
  std::ofstream(file) << "precious";
  const auto at_file = net.listen(file);
  REQUIRE(!at_file);
  CHECK(at_file.error().message() == "listening on unix " + file + ": there is a file that is no socket");
  const std::string link = folder.file("link");
  leave_dead_socket(folder.file("dead"));
  std::filesystem::create_symlink(folder.file("dead"), link);
  CHECK(!net.listen(link));
  CHECK(std::filesystem::is_symlink(link));
  const std::string datagrams = folder.file("datagrams");
  const auto address = parse_unix_address(datagrams);
  const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  REQUIRE(bind(socket.get(), address->get(), address->size) == 0);
  CHECK(!net.listen(datagrams));
  CHECK(std::filesystem::exists(datagrams));
  CHECK(std::filesystem::exists(file));
}

TEST_CASE("a listener that closes leaves another one's file alone") {
  const Folder folder;
  Net net;
  const std::string path = folder.file("socket");
  auto listener = net.listen(path);
  REQUIRE(listener);
  REQUIRE(unlink(path.c_str()) == 0);
  auto other = net.listen(path);
  REQUIRE(other);
  net.close(**listener);
  CHECK(net.dial(path));
  net.close(**other);
}

TEST_CASE("an address that no unix socket can have is told apart") {
  const Folder folder;
  Net net;
  for (const std::string& bad : {std::string(), std::string("@"), std::string("a\0b", 3), std::string(108, 'x')}) {
    CAPTURE(bad);
    CHECK(net.listen(bad).error().is(kBadArgId));
    CHECK(net.dial(bad).error().is(kBadArgId));
  }
  CHECK(parse_unix_address(std::string(107, 'x')));
  CHECK(net.dial(folder.file("nothing")).error().is(kDialFailedId));
  CHECK(net.listen(folder.file("no/folder")).error().is(kNetworkId));
}

TEST_CASE("a dial waits while the listener's queue is full, until its deadline") {
  const Folder folder;
  Net net;
  const std::string path = folder.file("socket");
  // Listens and never accepts; a queue of this length holds one more.
  const auto address = parse_unix_address(path);
  const Descriptor full = open_unix_socket();
  REQUIRE(bind(full.get(), address->get(), address->size) == 0);
  REQUIRE(listen(full.get(), 0) == 0);
  const auto first = net.dial(path);
  REQUIRE(first);
  std::optional<nb::Error> error;
  DialOptions options;
  options.deadline = net.clock->now() + 15ms;
  const auto dialing = net.transport->dial(net.loop, "unix", path, options, [&](auto r) { error = r.error(); });
  net.loop->poll();
  CHECK(!error);
  net.clock->advance(10ms);
  net.loop->poll();
  CHECK(!error);
  net.clock->advance(10ms);
  net.until([&] { return error.has_value(); });
  CHECK(error->is("v.io/v23/verror.Timeout"));
}
