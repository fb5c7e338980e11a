#include "conn/event_loop.h"

#include <atomic>
#include <chrono>
#include <future>
#include <set>
#include <string>
#include <thread>

#include <doctest/doctest.h>
#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include "conn/event_loop_asio.h"

using namespace nb::conn;
using namespace std::chrono_literals;

TEST_CASE("an event loop knows its own threads") {
  const auto loop = EventLoop::make(2);
  CHECK(!loop->is_loop_thread());
  for (int i = 0; i < 2; ++i) {
    std::promise<bool> inside;
    loop->post([&] { inside.set_value(loop->is_loop_thread()); });
    CHECK(inside.get_future().get());
  }
}

TEST_CASE("the loops take turns") {
  const auto loop = EventLoop::make(3);
  std::set<Loop*> seen;
  for (int i = 0; i < 3; ++i) seen.insert(loop->next().get());
  CHECK(seen.size() == 3);
}

TEST_CASE("on the user's executor, the thread that runs it counts as a loop thread") {
  asio::io_context context;
  const auto loop = make_event_loop_on(context.get_executor());
  CHECK(!loop->is_loop_thread());
  bool in_handler = false;
  bool in_task = false;
  asio::post(context, [&] { in_handler = loop->is_loop_thread(); });
  loop->post([&] { in_task = loop->is_loop_thread(); });
  context.run();
  CHECK(in_handler);
  CHECK(in_task);
}

TEST_CASE("timers of an event loop fire, and can be forgotten") {
  auto clock = std::make_shared<nb::HandClock>();
  const auto loop = EventLoop::make_by_hand(clock);
  std::string fired;
  loop->call_at(clock->now() + 1s, [&] { fired += "a"; });
  const auto forgotten = loop->call_at(clock->now() + 1s, [&] { fired += "x"; });
  loop->call_at(clock->now() + 2s, [&] { fired += "b"; });
  loop->forget(forgotten);
  loop->forget(nb::TimerId::kNone);
  clock->advance(1s);
  loop->poll();
  CHECK(fired == "a");
  clock->advance(1s);
  loop->poll();
  CHECK(fired == "ab");
}

TEST_CASE("after stop tasks are refused; what was posted before has run") {
  auto loop = EventLoop::make(2);
  std::atomic<int> ran = 0;
  for (int i = 0; i < 1000; ++i) loop->post([&] { ++ran; });
  loop->stop();
  CHECK(ran == 1000);
  CHECK(!loop->post([&] { ++ran; }));
  loop->stop();
}

TEST_CASE("an event loop may be let go on its own thread") {
  auto loop = EventLoop::make(1);
  std::promise<void> gone;
  auto* raw = loop.get();
  raw->post([&gone, held = std::make_shared<std::shared_ptr<EventLoop>>(std::move(loop))]() mutable {
    held->reset();
    gone.set_value();
  });
  gone.get_future().wait();
}
