// Managers that are destroyed after their event loop has stopped, on executors of the user's.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include <doctest/doctest.h>
#include <asio/io_context.hpp>
#include <asio/thread_pool.hpp>

#include "conn/event_loop_asio.h"
#include "conn/testing/pair.h"

using namespace nb::conn;
using namespace nb::conn::testing;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<Manager> make(const std::shared_ptr<EventLoop>& loop, std::uint8_t id) {
  static const Family family;
  ManagerOptions options(loop, family.member("any"));
  options.routing_id = routing_id(id);
  options.log = std::make_shared<Lines>();
  options.acceptor = Echo::on;
  return Manager::make(std::move(options));
}

// Something for Connection::attachment: tells when the connection lets go of it.
std::shared_ptr<void> told_when_gone(std::function<void()> tell) {
  return {nullptr, [tell = std::move(tell)](void*) { tell(); }};
}

}  // namespace

TEST_CASE(
    "a turn on another thread keeps its connection when the loop is stopped and the manager destroyed meanwhile") {
  asio::thread_pool pool(4);
  auto loop = make_event_loop_on(pool.get_executor(), 2);
  auto server = make(loop, 1);
  auto client = make(loop, 2);
  std::promise<std::shared_ptr<Connection>> dialed;
  client->dial(server->listen("tcp", "127.0.0.1:0").value(), {}, {},
               [&](auto got) { dialed.set_value(got.value().connection); });
  auto connection = dialed.get_future().get();

  std::promise<void> inside;
  std::promise<void> go_on;
  std::promise<void> turn_ended;
  std::promise<void> gone;
  std::atomic<bool> is_gone = false;
  bool was_gone_inside = true;
  connection->post([&, connection] {
    connection->attachment = told_when_gone([&] {
      is_gone = true;
      gone.set_value();
    });
    inside.set_value();
    go_on.get_future().wait();
    was_gone_inside = is_gone;
    turn_ended.set_value();
  });
  inside.get_future().wait();
  loop->stop();
  client.reset();
  server.reset();
  std::this_thread::sleep_for(5ms);
  go_on.set_value();
  turn_ended.get_future().wait();
  CHECK(!was_gone_inside);
  CHECK(gone.get_future().wait_for(30s) == std::future_status::ready);
  connection.reset();
  loop.reset();
  pool.join();
}

TEST_CASE("what is left on a context that nobody runs any more goes with the context") {
  std::weak_ptr<Connection> left;
  bool is_gone = false;
  {
    asio::io_context io;
    auto loop = make_event_loop_on(io.get_executor(), 1);
    auto server = make(loop, 1);
    auto client = make(loop, 2);
    std::shared_ptr<Connection> connection;
    client->dial(server->listen("tcp", "127.0.0.1:0").value(), {}, {},
                 [&](auto got) { connection = got.value().connection; });
    while (!connection) io.run_one();
    const auto recorder = std::make_shared<Recorder>();
    connection->post([&] {
      auto flow = connection->open_flow().value();
      flow->listen(recorder);
      flow->write(bytes("hello"), false);
      connection->attachment = told_when_gone([&] { is_gone = true; });
    });
    while (recorder->text.empty()) io.run_one();
    left = connection;
    connection.reset();
    bool closed = false;
    client->close([&] { closed = true; });
    CHECK(!closed);
    loop->stop();
    client.reset();
    server.reset();
    loop.reset();
    CHECK(!is_gone);
  }
  CHECK(is_gone);
  CHECK(left.expired());
}
