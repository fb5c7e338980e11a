// Many threads, many connections, everything at once; run under the thread sanitizer.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "conn/testing/pair.h"

using namespace nb::conn;
using namespace nb::conn::testing;

namespace {

// Two managers on an event loop with threads.
struct Busy {
  explicit Busy(std::string protocol_) : protocol(std::move(protocol_)) {
    server = make(routing_id(1), "server");
    client = make(routing_id(2), "client");
    endpoint = server->listen(protocol, protocol == "local" ? "server" : "127.0.0.1:0").value();
  }
  ~Busy() {
    close(*client);
    close(*server);
    client.reset();
    server.reset();
    loop->stop();
  }

  std::shared_ptr<Manager> make(nb::naming::RoutingId id, std::string_view name) {
    ManagerOptions options(loop, family.member(name));
    options.routing_id = id;
    options.log = std::make_shared<Lines>();
    options.protocols.add("local", {network, "local"});
    options.acceptor = Echo::on;
    return Manager::make(std::move(options));
  }

  static void close(Manager& manager) {
    std::promise<void> closed;
    manager.close([&closed] { closed.set_value(); });
    closed.get_future().wait();
  }

  std::shared_ptr<EventLoop> loop = EventLoop::make(4);
  Family family;
  std::shared_ptr<nb::transport::MemoryNetwork> network = nb::transport::MemoryNetwork::make();
  std::string protocol;
  std::shared_ptr<Manager> server;
  std::shared_ptr<Manager> client;
  nb::naming::Endpoint endpoint;
};

// One call: a flow that sends, hears its echo, and closes. Its own owner until then.
class Call final : public FlowListener, public std::enable_shared_from_this<Call> {
 public:
  Call(std::size_t size, bool gives_up, std::function<void(bool)> done)
      : size_(size), gives_up_(gives_up), done_(std::move(done)) {}

  void start(const std::shared_ptr<Connection>& connection) {
    auto flow = connection->open_flow();
    if (!flow) return done_(false);
    flow_ = *flow;
    self_ = shared_from_this();
    flow_->listen(self_);
    flow_->write(nb::Bytes(size_, 'c'), false);
    if (gives_up_) finish(true);
  }
  void on_payload(nb::Bytes payload) override {
    received_ += payload.size();
    flow_->consumed(payload.size());
    if (received_ == size_) finish(true);
  }
  void on_drained() override {}
  void on_closed(const nb::Error&) override { finish(false); }

 private:
  void finish(bool ok) {
    const auto keep = std::move(self_);
    if (!keep) return;
    flow_->close();
    flow_.reset();
    done_(ok);
  }

  const std::size_t size_;
  const bool gives_up_;
  std::function<void(bool)> done_;
  std::shared_ptr<Flow> flow_;
  std::shared_ptr<Call> self_;
  std::size_t received_ = 0;
};

struct Countdown {
  explicit Countdown(int n) : left(n) {}
  void down() {
    std::lock_guard lock(mutex);
    if (--left == 0) zero.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex);
    zero.wait(lock, [this] { return left == 0; });
  }
  std::mutex mutex;
  std::condition_variable zero;
  int left;
};

}  // namespace

#define OVER_BOTH(busy)                     \
  std::string which;                        \
  SUBCASE("tcp") { which = "tcp"; }         \
  SUBCASE("in memory") { which = "local"; } \
  Busy busy(which)

TEST_CASE("eight threads dial, call and give up at the same time") {
  OVER_BOTH(busy);
  constexpr int kThreads = 8;
  constexpr int kEach = 200;
  Countdown countdown(kThreads * kEach);
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        auto endpoint = busy.endpoint;
        if (i % 2 == 0) endpoint.routing_id = {};
        const bool gives_up = i % 5 == 0;
        busy.client->dial(endpoint, {}, {}, [&, t, i, gives_up](const nb::Result<Dialed>& dialed) {
          if (!dialed) {
            ++failed;
            return countdown.down();
          }
          CHECK(dialed->connection->in_executor());
          auto call = std::make_shared<Call>(static_cast<std::size_t>(1 + (t * 977 + i * 7919) % 100'000), gives_up,
                                             [&](bool ok) {
                                               if (!ok) ++failed;
                                               countdown.down();
                                             });
          call->start(dialed->connection);
        });
      }
    });
  }
  for (auto& thread : threads) thread.join();
  countdown.wait();
  CHECK(failed == 0);
}

TEST_CASE("dials are cancelled while they are under way, and each is answered once") {
  OVER_BOTH(busy);
  constexpr int kThreads = 4;
  constexpr int kEach = 100;
  Countdown countdown(kThreads * kEach);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const auto root = nb::Context::root(busy.loop);
      for (int i = 0; i < kEach; ++i) {
        auto [context, canceler] = root.with_cancel();
        auto endpoint = busy.endpoint;
        endpoint.routing_id = {};
        if (busy.protocol == "tcp" && (t + i) % 3 == 0) endpoint.address = "localhost" + endpoint.address.substr(9);
        busy.client->dial(endpoint, context, {}, [&](const nb::Result<Dialed>& dialed) {
          // Connections do not stay, so that there is something to dial.
          if (dialed) dialed->connection->close(nb::Error("test.Enough", nb::NoRetry, "enough"));
          countdown.down();
        });
        if (i % 2 == 0) canceler.cancel();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  countdown.wait();
}

namespace {

// Calls begin on one thread; when half of them have, `end` is called; each call hears its end.
void end_amid_calls(Busy& busy, const std::function<void(std::thread& caller)>& end) {
  constexpr int kCalls = 400;
  Countdown countdown(kCalls);
  std::atomic<int> begun = 0;
  std::promise<void> half;
  std::thread caller([&] {
    for (int i = 0; i < kCalls; ++i) {
      busy.client->dial(busy.endpoint, {}, {}, [&](const nb::Result<Dialed>& dialed) {
        if (++begun == kCalls / 2) half.set_value();
        if (!dialed) return countdown.down();
        auto call = std::make_shared<Call>(500'000, false, [&](bool) { countdown.down(); });
        call->start(dialed->connection);
      });
    }
  });
  half.get_future().wait();
  end(caller);
  if (caller.joinable()) caller.join();
  countdown.wait();
}

}  // namespace

TEST_CASE("when the client's manager is closed amid calls, every call hears its end") {
  OVER_BOTH(busy);
  end_amid_calls(busy, [&](std::thread&) { Busy::close(*busy.client); });
}

TEST_CASE("when the server's manager is closed amid calls, every call hears its end") {
  OVER_BOTH(busy);
  end_amid_calls(busy, [&](std::thread&) { Busy::close(*busy.server); });
}

TEST_CASE("when the client's manager is destroyed amid calls, every call hears its end") {
  OVER_BOTH(busy);
  end_amid_calls(busy, [&](std::thread& caller) {
    caller.join();  // it uses the manager
    busy.client.reset();
    busy.client = busy.make(routing_id(3), "client");
  });
}

TEST_CASE("handles are dropped on other threads than the connection's") {
  OVER_BOTH(busy);
  std::vector<std::thread> threads;
  for (int i = 0; i < 50; ++i) {
    std::promise<std::shared_ptr<Flow>> opened;
    busy.client->dial(busy.endpoint, {}, {}, [&](const nb::Result<Dialed>& dialed) {
      auto flow = dialed.value().open_flow().value();
      flow->write(nb::Bytes(10'000, 'h'), false);
      opened.set_value(std::move(flow));
    });
    auto flow = opened.get_future().get();
    threads.emplace_back([flow = std::move(flow)]() mutable {
      auto* connection = &flow->connection();
      std::promise<void> closed;
      connection->post([&] {
        flow->close();
        closed.set_value();
      });
      closed.get_future().wait();
      flow.reset();
    });
  }
  for (auto& thread : threads) thread.join();
}
