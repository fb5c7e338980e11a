// A kitchen on an event loop of its own: one thread, in which everything takes turns. Prints its name; ends at Ctrl-C.
#include <nb/asio.h>
#include <nb/rpc/server.h>

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <iostream>
#include <memory>
#include <optional>

#include "kitchen/kitchen.rpc.h"

using namespace std::chrono_literals;

namespace {

// Something of the program's that takes time, as something that coroutines can wait for.
nb::Pending<nb::Result<void>> pause(asio::io_context& loop, std::chrono::milliseconds time) {
  auto done = nb::make_pending<nb::PendingState<nb::Result<void>>>(nb::on(loop.get_executor()));
  auto timer = std::make_shared<asio::steady_timer>(loop, time);
  timer->async_wait([timer, done](const std::error_code&) { done->complete(nb::Result<void>()); });
  return nb::Pending<nb::Result<void>>(done);
}

class Kitchen final : public kitchen::KitchenServer {
 public:
  explicit Kitchen(asio::io_context& loop) : loop_(loop) {}

  // While one call waits, the others go on; after each co_await it is on the loop's thread again, so dishes_ needs no
  // lock.
  nb::Reply<std::string> Cook(nb::ServerCall& call, std::string dish, std::int32_t milliseconds) override {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
    while (std::chrono::steady_clock::now() < until) {
      if (call.cancelled()) co_return nb::verror::Canceled(dish + " is not wanted any more");
      auto waited = pause(loop_, 5ms);
      (void)co_await std::move(waited);
    }
    ++dishes_;
    co_return "a plate of " + dish;
  }

  nb::Reply<void> Menu(nb::ServerCall&, nb::ServerStream<void, std::string>& stream) override {
    for (const char* dish : {"soup", "rice", "fish"}) {
      auto sent = co_await stream.send(dish);
      if (!sent) co_return sent.error();
    }
    co_return {};
  }

 private:
  asio::io_context& loop_;
  int dishes_ = 0;
};

}  // namespace

int main() {
  asio::io_context loop;
  // Connections, calls and methods all run there; the runtime has no threads.
  auto made = nb::Runtime::make(nb::run_on(loop.get_executor()));
  if (!made) return std::cerr << made.error().message() << '\n', 1;
  std::optional<nb::Runtime> runtime(*std::move(made));

  auto served = runtime->serve(std::make_shared<Kitchen>(loop),
                               nb::ServerOptions().listen("tcp", "127.0.0.1:0").handlers(nb::on(loop.get_executor())));
  if (!served) return std::cerr << served.error().message() << '\n', 1;
  std::optional<nb::Server> server(*std::move(served));
  std::cout << server->name() << std::endl;

  asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&](const std::error_code&, int) {
    server.reset();  // inside the loop both only begin to end; run() returns when they have
    runtime.reset();
  });
  loop.run();
  return 0;
}
