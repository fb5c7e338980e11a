// A server's and a client's runtime on contexts that the test runs piece by piece, so that it decides what happens
// before what.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include <nb/asio.h>

#include "rpc/testing/calc_service.h"

namespace nb::rpc::testing {

class ByHand {
 public:
  explicit ByHand(const RuntimeOptions& options)
      : runtime(Runtime::make(run_on(io_.get_executor(), options, 1)).value()) {}
  // What is left may need the context: it is run until all is gone.
  ~ByHand() {
    auto work = asio::make_work_guard(io_);
    io_.restart();
    std::thread runner([this] { io_.run(); });
    runtime.reset();
    work.reset();
    runner.join();
  }
  ByHand(const ByHand&) = delete;
  ByHand& operator=(const ByHand&) = delete;

  void poll() {
    io_.restart();
    io_.poll();
  }
  // Runs f inside a turn of the one loop.
  void on_loop(std::function<void()> f) {
    bool ran = false;
    runtime->executor().post([&] {
      f();
      ran = true;
    });
    while (!ran) poll();
  }
  asio::io_context& io() { return io_; }

 private:
  asio::io_context io_;

 public:
  std::optional<Runtime> runtime;
};

struct WorldByHand {
  std::shared_ptr<Journal> journal = std::make_shared<Journal>();
  LocalNetwork network = LocalNetwork::make();
  std::shared_ptr<Clock> clock;
  std::shared_ptr<const Principal> alice = stranger("alice");
  ByHand server_side;
  ByHand client_side;
  std::shared_ptr<Calc> service = std::make_shared<Calc>();  // shared with the server
  Server server;
  calc::CalcClient client;

  explicit WorldByHand(std::shared_ptr<Clock> its_clock = system_clock())
      : clock(std::move(its_clock)),
        server_side(options()),
        client_side(options()),
        server(server_side.runtime->serve(service, ServerOptions().listen("local", "calc")).value()),
        client(*client_side.runtime, server.name()) {}
  ~WorldByHand() { end(server); }

  // Elsewhere this would wait for a loop that only the test runs.
  void end(Server& ended) {
    server_side.on_loop([&ended] { ended.stop(std::chrono::nanoseconds(0)); });
    server_side.on_loop([&ended] { ended = Server(); });
  }

  RuntimeOptions options() const {
    return RuntimeOptions()
        .log(journal)
        .clock(clock)
        .local_network(network)
        .grace(std::chrono::milliseconds(200))
        .principal(alice);
  }
  Context context() const { return client_side.runtime->context(); }
  void poll() {
    client_side.poll();
    server_side.poll();
  }
  bool poll_until(const std::function<bool()>& done) {
    return eventually([&] {
      poll();
      return done();
    });
  }
};

}  // namespace nb::rpc::testing
