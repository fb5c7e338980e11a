// For tests: two managers, a server that listens and a client, over tcp on the loopback interface or in memory, on an
// event loop that the test polls and a clock that it moves. And listeners of flows that remember or answer.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "conn/manager.h"
#include "conn/testing/family.h"
#include "transport/memory.h"

namespace nb::conn::testing {

// Keeps what the log says.
class Lines final : public LogSink {
 public:
  void log(Severity, std::string_view message) override {
    std::lock_guard lock(mutex_);
    lines_.emplace_back(message);
  }
  std::size_t count(std::string_view part) {
    std::lock_guard lock(mutex_);
    std::size_t n = 0;
    for (const auto& line : lines_) n += line.find(part) != std::string::npos ? 1 : 0;
    return n;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

// Remembers everything it is told.
class Recorder : public FlowListener {
 public:
  void on_payload(Bytes payload) override { text.append(as_text(payload)); }
  void on_drained() override { ++drained; }
  void on_closed(const Error& error) override {
    ++closed;
    why = error;
  }

  std::string text;
  int drained = 0;
  int closed = 0;
  Error why;
};

// Sends back what comes, and closes when the peer does.
class Echo final : public FlowListener {
 public:
  static void on(std::shared_ptr<Flow> flow) {
    auto echo = std::make_shared<Echo>();
    echo->flow_ = flow;
    flow->listen(echo);
    // The connection owns them, so that they go with it even when nobody is left to tell them that it has ended.
    auto& owner = flow->connection().attachment;
    if (owner == nullptr) owner = std::make_shared<std::vector<std::shared_ptr<Echo>>>();
    auto& echoes = *static_cast<std::vector<std::shared_ptr<Echo>>*>(owner.get());
    std::erase_if(echoes, [](const auto& each) { return each->flow_ == nullptr; });
    echoes.push_back(std::move(echo));
  }
  void on_payload(Bytes payload) override {
    const std::size_t n = payload.size();
    // It is no proxy (docs/spec/flow-protocol.md 11.3).
    if (std::exchange(is_first_, false) && payload.front() == 0x7e) return flow_->close();
    flow_->write(std::move(payload), false);
    flow_->consumed(n);
  }
  void on_drained() override {}
  void on_closed(const Error&) override { flow_.reset(); }

 private:
  std::shared_ptr<Flow> flow_;
  bool is_first_ = true;
};

inline naming::RoutingId routing_id(std::uint8_t n) {
  naming::RoutingId id;
  id.bytes.fill(n);
  return id;
}

inline Bytes bytes(std::string_view text) { return {text.begin(), text.end()}; }

struct Pair {
  explicit Pair(std::string protocol_, std::function<void(ManagerOptions&)> adjust = {})
      : protocol(std::move(protocol_)), adjust_(std::move(adjust)) {
    server = make(routing_id(1), family.member("server"));
    client = make(routing_id(2), family.member("client"));
  }

  ~Pair() {
    int open = 0;
    for (auto* manager : {&client, &server}) {
      if (!*manager) continue;
      ++open;
      (*manager)->close([&open] { --open; });
    }
    until([&open] { return open == 0; });
    server.reset();
    client.reset();
    loop->stop();
  }

  // On the pair's loop, or on another one, which then the test polls.
  std::shared_ptr<Manager> make(naming::RoutingId id, std::shared_ptr<const Principal> principal,
                                std::shared_ptr<EventLoop> on = nullptr) {
    ManagerOptions options(on ? std::move(on) : loop, std::move(principal));
    options.routing_id = id;
    options.log = log;
    options.protocols.add("local", {network, "local"});
    options.acceptor = [this](std::shared_ptr<Flow> flow) { acceptor(std::move(flow)); };
    if (adjust_) adjust_(options);
    return Manager::make(std::move(options));
  }

  // Sockets of this machine answer soon, but not inside one system call; so this asks again and again.
  void until(const std::function<bool()>& done) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!done()) {
      loop->poll();
      REQUIRE(std::chrono::steady_clock::now() < give_up);
    }
  }
  void poll() { loop->poll(); }
  // Runs something on the connection's executor, where all its functions belong.
  void on(Connection& connection, const std::function<void()>& what) {
    bool ran = false;
    connection.post([&] {
      what();
      ran = true;
    });
    until([&ran] { return ran; });
  }

  naming::Endpoint listen() {
    auto endpoint = server->listen(protocol, protocol == "local" ? "server" : "127.0.0.1:0");
    REQUIRE(endpoint);
    return *endpoint;
  }

  // The client dials, or whoever is given.
  Result<Dialed> dial_as(Manager& manager, const naming::Endpoint& endpoint, const DialOptions& options = {},
                         const Context& context = {}) {
    std::optional<Result<Dialed>> got;
    manager.dial(endpoint, context, options, [&got](Result<Dialed> result) { got = std::move(result); });
    until([&got] { return got.has_value(); });
    return *got;
  }
  Result<std::shared_ptr<Connection>> dial(const naming::Endpoint& endpoint, const Context& context = {},
                                           const DialOptions& options = {}) {
    const auto dialed = dial_as(*client, endpoint, options, context);
    if (!dialed) return dialed.error();
    return dialed->connection;
  }
  static Result<std::shared_ptr<Connection>> dial_cached(const Manager& manager, const naming::Endpoint& endpoint) {
    const auto dialed = manager.dial_cached(endpoint, {});
    if (!dialed) return dialed.error();
    return dialed->connection;
  }

  std::shared_ptr<Connection> connect() {
    auto connection = dial(listen());
    REQUIRE_MESSAGE(connection, std::string(connection.error().message()));
    return *connection;
  }

  std::shared_ptr<Flow> open(Connection& connection, const std::shared_ptr<FlowListener>& listener) {
    std::shared_ptr<Flow> flow;
    on(connection, [&] {
      auto opened = connection.open_flow();
      REQUIRE(opened);
      flow = *opened;
      flow->listen(listener);
    });
    return flow;
  }

  std::shared_ptr<HandClock> clock = std::make_shared<HandClock>();
  std::shared_ptr<EventLoop> loop = EventLoop::make_by_hand(clock);
  Family family;
  std::shared_ptr<Lines> log = std::make_shared<Lines>();
  std::shared_ptr<transport::MemoryNetwork> network = transport::MemoryNetwork::make();
  FlowAcceptor acceptor = Echo::on;  // of both managers
  std::string protocol;
  std::shared_ptr<Manager> server;
  std::shared_ptr<Manager> client;

 private:
  std::function<void(ManagerOptions&)> adjust_;
};

}  // namespace nb::conn::testing

// Makes a Pair, once over tcp and once in memory.
#define NB_OVER_BOTH(pair, ...)                       \
  std::string which_transport;                        \
  SUBCASE("tcp") { which_transport = "tcp"; }         \
  SUBCASE("in memory") { which_transport = "local"; } \
  ::nb::conn::testing::Pair pair(which_transport __VA_OPT__(, ) __VA_ARGS__)
