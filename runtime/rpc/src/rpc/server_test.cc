// Servers: dispatchers that misbehave, full pools, and ways to stop.
#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <stdexcept>
#include <thread>
#include <vector>

#include <nb/base/verror.h>

#include "rpc/testing/calc_service.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::eventually;
using testing::World;

ServerOptions local(std::string address) { return ServerOptions().listen("local", std::move(address)); }

}  // namespace

TEST_CASE("what a dispatcher throws is the answer to that call, and the server goes on") {
  class Throwing final : public Dispatcher {
   public:
    Result<Dispatched> lookup(const Context&, std::string_view suffix) override {
      if (suffix != "there") throw std::out_of_range("no such shelf");
      return Dispatched(std::make_shared<testing::Calc>());
    }
  };
  World w("local");
  auto server = w.server_runtime.serve(std::make_shared<Throwing>(), local("throwing")).value();
  const calc::CalcClient missing(w.client_runtime, server.name("elsewhere"));
  const Error error = missing.Add(w.context(), 1, 2).get().error();
  CHECK(error);
  CHECK(error.message().find("no such shelf") != std::string_view::npos);
  const calc::CalcClient there(w.client_runtime, server.name("there"));
  CHECK(*there.Add(w.context(), 1, 2).get() == 3);
}

TEST_CASE("a call that ended while it waited for a thread of the pool is never run") {
  World w("local", pool(1));
  auto blocking = w.client.Sleep(w.context(), 300ms);  // holds the only thread
  auto late = w.client.Add(w.context(100ms), 1, 2);
  CHECK(verror::Timeout.matches(late.get().error()));
  CHECK(blocking.get());
  const auto thread_of_add = w.service->thread.load();
  CHECK(*w.client.Div(w.context(), 4, 2).get() == calc::CalcDivResults(2, 0));  // behind it in the queue
  CHECK(thread_of_add == std::thread::id());                                    // Add was not run
}

TEST_CASE("a server stops at the shorter of two graces") {
  World w("local");
  auto waiting = w.client.Wait(w.context());
  REQUIRE(eventually([&] { return w.service->waiting.load() == 1; }));
  std::thread patient([&] { (void)w.server.stop(1h); });
  (void)w.server.stop(50ms);
  patient.join();
  CHECK(waiting.get().error());
}

TEST_CASE("two threads may stop a server with a pool at once") {
  World w("local", pool(2));
  CHECK(*w.client.Add(w.context(), 1, 2).get() == 3);
  std::thread other([&] { (void)w.server.stop(1s); });
  (void)w.server.stop(1s);
  other.join();
  CHECK(w.client.Add(w.context(200ms), 1, 2).get().error());
}

TEST_CASE("calls sent before a graceful stop are answered") {
  World w("local");
  CHECK(*w.client.Add(w.context(), 1, 1).get() == 2);  // there is a connection
  std::vector<Call<std::int32_t>> calls;
  // With retries those that come too late would look for another server until their deadline (rpc.md 4.11).
  for (int i = 0; i < 50; ++i) calls.push_back(w.client.Add(w.context(1h), i, 1, CallOptions().no_retry()));
  REQUIRE(eventually([&] { return w.service->calls.load() > 1; }));
  (void)w.server.stop(5s);
  int answered = 0;
  for (int i = 0; i < 50; ++i) {
    CAPTURE(i);
    auto& call = calls[static_cast<std::size_t>(i)];
    REQUIRE(eventually([&] { return call.is_done(); }));
    const auto sum = call.get();
    if (sum) {
      CHECK(*sum == i + 1);
      ++answered;
    } else {
      // It had not left when the server asked for no more calls.
      CHECK_MESSAGE(verror::NoServers.matches(sum.error()), sum.error().message());
    }
  }
  CHECK(answered == w.service->calls.load() - 1);  // whatever ran was answered
}

TEST_CASE("a method that runs on although it was cancelled is named once while the server stops, with the way out") {
  class Stubborn final : public testing::Calc {
   public:
    Reply<void> Wait(ServerCall&) override {
      ++waiting;
      released.wait();
      return {};
    }
    std::promise<void> release;
    std::shared_future<void> released{release.get_future()};
  };
  for (const bool pooled : {false, true}) {
    CAPTURE(pooled);
    World w("local");
    const auto clock = std::make_shared<HandClock>();
    auto runtime = Runtime::make(w.options(1).clock(clock)).value();
    const auto stubborn = std::make_shared<Stubborn>();
    auto server = runtime.serve(stubborn, local("stubborn").handlers(pooled ? pool(2) : in_place())).value();
    const calc::CalcClient client(w.client_runtime, server.name());
    auto one = client.Wait(w.context());
    auto other = client.Wait(w.context());
    REQUIRE(eventually([&] { return stubborn->waiting == (pooled ? 2 : 1); }));
    std::thread stopping([&] { server.stop(0ns); });
    CHECK(eventually([&] {
      clock->advance(500ms);
      return w.journal->count("method Wait runs on") > 0;
    }));
    clock->advance(5s);
    stubborn->release.set_value();
    stopping.join();
    CHECK(w.journal->count("method Wait runs on") == 1);
    CHECK(w.journal->count("ServerCall::cancelled()") == 1);
  }
}

TEST_CASE("methods that end when they are cancelled are not named") {
  World w("local");
  const auto clock = std::make_shared<HandClock>();
  auto runtime = Runtime::make(w.options(1).clock(clock)).value();
  auto server = runtime.serve(w.service, local("obedient")).value();
  const calc::CalcClient client(w.client_runtime, server.name());
  auto waiting = client.Wait(w.context());
  REQUIRE(eventually([&] { return w.service->waiting == 1; }));
  std::thread stopping([&] { server.stop(0ns); });
  stopping.join();
  clock->advance(5s);
  CHECK(waiting.get().error());
  CHECK(eventually([&] { return w.service->ended == 1; }));
  CHECK(w.journal->count("runs on") == 0);
}

}  // namespace nb::rpc
