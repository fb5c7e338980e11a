// Where things run: calls awaited on the runtime's threads, on a user's executor, in Asio's coroutines; runtimes on a
// user's executor; handlers on one.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <thread>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/use_future.hpp>

#include <nb/asio.h>

#include "rpc/handler_pool.h"
#include "rpc/testing/calc_service.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::World;

// A program's own context with its one thread. Made before the runtime, whose threads may still be leaving it when a
// test has all it waits for.
struct UserContext {
  asio::io_context io;
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  std::thread thread{[this] { io.run(); }};

  ~UserContext() {
    work.reset();
    thread.join();
  }
};

struct Places {
  std::thread::id before;
  std::thread::id after_call;
  std::thread::id after_stream;
};

Task<Result<Places>> wander(calc::CalcClient client, Context context) {
  Places places;
  places.before = std::this_thread::get_id();
  auto sum = co_await client.Add(context, 1, 2);
  if (!sum) co_return sum.error();
  places.after_call = std::this_thread::get_id();
  auto centre = client.Centre(context);
  for (int i = 0; i < 10; ++i) {
    calc::Point point(i, i);
    if (auto sent = co_await centre.send(point); !sent) co_return sent.error();
    if (auto item = co_await centre.recv(); !item) co_return item.error();
  }
  auto count = co_await centre.finish();
  if (!count) co_return count.error();
  places.after_stream = std::this_thread::get_id();
  co_return places;
}

asio::awaitable<Places> wander_in_asio(calc::CalcClient client, Context context) {
  Places places;
  places.before = std::this_thread::get_id();
  auto call = client.Add(context, 1, 2);
  auto sum = co_await async_get(std::move(call));
  CHECK(sum);
  places.after_call = std::this_thread::get_id();
  auto centre = client.Centre(context);
  auto sending = centre.send(calc::Point(1, 2));
  auto sent = co_await async_get(std::move(sending));
  CHECK(sent);
  auto receiving = centre.recv();
  auto item = co_await async_get(std::move(receiving));
  CHECK(item);
  places.after_stream = std::this_thread::get_id();
  co_return places;
}

// A coroutine that knows no executor.
struct Bare {
  struct promise_type {
    Bare get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

Bare bare(calc::CalcClient client, Context context, Executor runtime,
          std::shared_ptr<PendingState<Result<bool>>> on_runtime) {
  auto sum = co_await client.Add(context, 1, 2);
  on_runtime->complete(sum.ok() && runtime.is_current());
}

}  // namespace

TEST_CASE("the same call, awaited on a user's executor and on the runtime's, resumes where it was awaited") {
  UserContext user;
  World w("tcp", in_place(), 1);
  const auto on_user = start(on(user.io.get_executor()), wander(w.client, w.context())).get();
  REQUIRE(on_user);
  CHECK(on_user->before == user.thread.get_id());
  CHECK(on_user->after_call == user.thread.get_id());
  CHECK(on_user->after_stream == user.thread.get_id());

  // The client's runtime has one thread.
  auto runtime_thread = make_pending<PendingState<Result<std::thread::id>>>(w.client_runtime.executor());
  w.client_runtime.executor().post([runtime_thread] { runtime_thread->complete(std::this_thread::get_id()); });
  const auto expected = *Pending<Result<std::thread::id>>(runtime_thread).get();
  const auto on_runtime = start(w.client_runtime.executor(), wander(w.client, w.context())).get();
  REQUIRE(on_runtime);
  CHECK(on_runtime->before == expected);
  CHECK(on_runtime->after_call == expected);
  CHECK(on_runtime->after_stream == expected);
}

TEST_CASE("Asio's coroutines await calls and stay on their executor") {
  UserContext user;
  World w("tcp");
  auto future = asio::co_spawn(user.io, wander_in_asio(w.client, w.context()), asio::use_future);
  const Places places = future.get();
  CHECK(places.before == user.thread.get_id());
  CHECK(places.after_call == user.thread.get_id());
  CHECK(places.after_stream == user.thread.get_id());
}

TEST_CASE("a coroutine without an executor resumes on the runtime") {
  World w("tcp");
  auto state = make_pending<PendingState<Result<bool>>>(Executor());
  bare(w.client, w.context(), w.client_runtime.executor(), state);
  CHECK(testing::eventually([&] { return state->is_done(); }));
  CHECK(*state->take());
}

TEST_CASE("then(executor, f) calls back there") {
  UserContext user;
  World w("tcp");
  std::atomic<std::thread::id> where{};
  w.client.Add(w.context(), 1, 2).then(on(user.io.get_executor()), [&where](Result<std::int32_t>) {
    where = std::this_thread::get_id();
  });
  CHECK(testing::eventually([&] { return where.load() == user.thread.get_id(); }));
}

TEST_CASE("methods run on a user's executor") {
  UserContext user;
  World w("tcp", on(user.io.get_executor()));
  CHECK(*w.client.Add(w.context(), 1, 2).get() == 3);
  CHECK(w.service->thread.load() == user.thread.get_id());
  auto centre = w.client.Centre(w.context());
  CHECK(centre.send(calc::Point(1, 2)).get());
  CHECK(*centre.recv().get() == calc::Point(1, 2));
  centre.close_send();
  CHECK(*centre.finish().get() == 1);
}

TEST_CASE("a runtime lives on a user's executor, and get() inside it is refused") {
  UserContext user;
  World w("tcp");
  auto runtime = Runtime::make(run_on(user.io.get_executor(), w.options(0))).value();
  calc::CalcClient client(runtime, w.server.name());
  CHECK(*client.Add(runtime.context(), 1, 2).get() == 3);
  auto server = runtime.serve(w.service, ServerOptions().listen("tcp", "127.0.0.1:0")).value();
  CHECK(*calc::CalcClient(w.client_runtime, server.name()).Add(w.context(), 3, 4).get() == 7);
  CHECK(w.service->thread.load() == user.thread.get_id());

  std::atomic<int> refused = -1;
  asio::post(user.io, [&] { refused = client.Add(runtime.context(), 1, 2).get() ? 0 : 1; });
  CHECK(testing::eventually([&] { return refused >= 0; }));
  CHECK(refused == 1);
  server.stop();
  CHECK(runtime.shutdown(0ns));
}

TEST_CASE("a runtime that is destroyed on a thread of its own does not wait, and what it leaves does not hang") {
  World w("tcp");
  Server orphan;
  calc::CalcClient client(w.client_runtime, w.server.name());
  {
    auto runtime = std::make_shared<std::optional<Runtime>>(Runtime::make(w.options(1)).value());
    orphan = (*runtime)->serve(w.service, ServerOptions().listen("tcp", "127.0.0.1:0")).value();
    client = calc::CalcClient(**runtime, w.server.name());
    CHECK(client.Add((*runtime)->context(), 1, 2).get());
    auto gone = make_pending<PendingState<Result<bool>>>(w.client_runtime.executor());
    (*runtime)->executor().post([runtime, gone] {
      runtime->reset();
      gone->complete(true);
    });
    CHECK(Pending<Result<bool>>(gone).get());
  }
  CHECK(client.Add(w.context(), 1, 2).get().error());
  orphan.stop();
}

TEST_CASE("what a callback throws is logged and goes no further: on the runtime, on a user's executor, in a pool") {
  UserContext user;
  World w("local");
  HandlerPool threads(1);
  const auto throwing = [](const Result<std::int32_t>&) { throw std::runtime_error("thrown by a callback"); };
  w.client.Add(w.context(), 1, 2).then(throwing);
  CHECK(testing::eventually([&] { return w.journal->count("thrown by a callback") == 1; }));
  CHECK(*w.client.Add(w.context(), 1, 2).get() == 3);

  w.client.Add(w.context(), 1, 2).then(on(user.io.get_executor()), throwing);
  std::atomic<bool> went_on = false;
  w.client.Add(w.context(), 1, 2).then(on(user.io.get_executor()), [&](const auto&) { went_on = true; });
  CHECK(testing::eventually([&] { return went_on.load(); }));

  std::atomic<bool> pool_went_on = false;
  threads.post([] { throw 7; });
  threads.post([&] { pool_went_on = true; });
  CHECK(testing::eventually([&] { return pool_went_on.load(); }));
}

}  // namespace nb::rpc
