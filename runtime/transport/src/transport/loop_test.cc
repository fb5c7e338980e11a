#include "transport/loop.h"

#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <asio/execution/outstanding_work.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/prefer.hpp>
#include <asio/strand.hpp>
#include <asio/thread_pool.hpp>

#include "transport/loop_asio.h"

using namespace std::chrono_literals;
using nb::transport::Loop;

namespace {

struct HandLoop {
  std::shared_ptr<nb::HandClock> clock = std::make_shared<nb::HandClock>();
  std::shared_ptr<Loop> loop = Loop::make(clock);
  ~HandLoop() {
    loop->stop();
    loop->finish();
  }
};

// Keeps what the log says.
class Lines final : public nb::LogSink {
 public:
  void log(nb::Severity, std::string_view message) override { lines.emplace_back(message); }
  std::vector<std::string> lines;
};

}  // namespace

TEST_CASE("posted tasks run in order, deferred ones at the end of the turn") {
  HandLoop hand;
  std::string order;
  hand.loop->post([&] {
    order += "a";
    hand.loop->defer([&] { order += "d"; });
    hand.loop->post([&] { order += "e"; });
  });
  hand.loop->post([&] { order += "b"; });
  CHECK(hand.loop->poll());
  CHECK(order == "abde");
  CHECK(!hand.loop->poll());
}

TEST_CASE("timers fire on the loop when the clock moved by hand has passed their time, earliest first") {
  HandLoop hand;
  std::string order;
  hand.loop->call_after(2s, [&] { order += "2"; });
  hand.loop->call_after(1s, [&] {
    CHECK(hand.loop->is_current());
    order += "1";
  });
  const auto gone = hand.loop->call_after(1s, [&] { order += "x"; });
  hand.loop->forget(gone);
  hand.loop->poll();
  CHECK(order.empty());
  hand.clock->advance(1s);
  hand.loop->poll();
  CHECK(order == "1");
  hand.clock->advance(5s);
  hand.loop->poll();
  CHECK(order == "12");
}

TEST_CASE("a timer that was forgotten on the loop after its time has come does not run") {
  HandLoop hand;
  bool ran = false;
  const auto timer = hand.loop->call_after(1s, [&] { ran = true; });
  hand.loop->post([&] { hand.loop->forget(timer); });
  hand.clock->advance(1s);
  hand.loop->poll();
  CHECK(!ran);
}

TEST_CASE("timers of the system's clock fire, also when an earlier one is set later from another thread") {
  auto loop = Loop::make(nb::system_clock());
  std::thread thread([&] {
    loop->run();
    loop->finish();
  });
  std::promise<std::string> fired;
  std::string order;
  loop->call_after(40ms, [&] {
    order += "b";
    fired.set_value(order);
  });
  loop->call_after(1ms, [&] { order += "a"; });
  CHECK(fired.get_future().get() == "ab");
  loop->stop();
  thread.join();
}

TEST_CASE("a stopped loop refuses tasks, and runs those that were posted before") {
  auto loop = Loop::make(nb::system_clock());
  int ran = 0;
  CHECK(loop->post([&] { ++ran; }));
  loop->stop();
  CHECK(!loop->post([&] { ++ran; }));
  loop->finish();
  CHECK(ran == 1);
}

TEST_CASE("tasks posted from many threads all run, on one thread") {
  auto loop = Loop::make(nb::system_clock());
  std::thread runner([&] {
    loop->run();
    loop->finish();
  });
  constexpr int kThreads = 4;
  constexpr int kEach = 5000;
  int ran = 0;  // only touched on the loop
  std::promise<void> all;
  std::vector<std::thread> posters;
  for (int t = 0; t < kThreads; ++t) {
    posters.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        loop->post([&] {
          if (++ran == kThreads * kEach) all.set_value();
        });
      }
    });
  }
  all.get_future().wait();
  for (auto& poster : posters) poster.join();
  loop->stop();
  runner.join();
  CHECK(ran == kThreads * kEach);
}

TEST_CASE("on an executor of many threads the turns of one loop do not overlap") {
  asio::thread_pool pool(4);
  auto loop = nb::transport::make_loop_on(pool.get_executor(), nb::system_clock());
  std::atomic<int> inside = 0;
  std::atomic<bool> overlapped = false;
  std::promise<void> all;
  int ran = 0;
  for (int i = 0; i < 1000; ++i) {
    loop->post([&] {
      if (++inside != 1) overlapped = true;
      CHECK(loop->is_current());
      --inside;
      if (++ran == 1000) all.set_value();
    });
  }
  all.get_future().wait();
  CHECK(!overlapped);
  loop->stop();
  pool.join();
}

namespace {

// Whether a loop on `executor` knows that a task posted to `task_executor` runs on a thread it needs.
bool knows_inside(const asio::any_io_executor& executor, const asio::any_io_executor& task_executor) {
  auto loop = nb::transport::make_loop_on(executor, nb::system_clock());
  CHECK(!loop->would_block());
  std::promise<bool> inside;
  asio::post(task_executor, [&] { inside.set_value(loop->would_block()); });
  const bool knows = inside.get_future().get();
  loop->stop();
  return knows;
}

}  // namespace

TEST_CASE("a thread that runs the user's context would hold up the loop by waiting, whatever the executor looks like") {
  asio::io_context io;
  auto work = asio::make_work_guard(io);
  std::thread runner([&] { io.run(); });
  asio::thread_pool pool(1);
  const asio::any_io_executor plain[] = {io.get_executor(), pool.get_executor()};
  const asio::any_io_executor strands[] = {asio::make_strand(io), asio::make_strand(pool)};
  for (int i = 0; i < 2; ++i) {
    CHECK(knows_inside(plain[i], plain[i]));
    CHECK(knows_inside(strands[i], strands[i]));
    CHECK(knows_inside(strands[i], plain[i]));
    CHECK(knows_inside(asio::make_strand(plain[i]), strands[i]));
    CHECK(knows_inside(asio::make_strand(strands[i]), plain[i]));
    const auto tracked = asio::prefer(plain[i], asio::execution::outstanding_work.tracked);
    CHECK(knows_inside(tracked, plain[i]));
    CHECK(!knows_inside(plain[i], plain[1 - i]));
    CHECK(!knows_inside(strands[i], strands[1 - i]));
  }
  work.reset();
  runner.join();
  pool.join();
}

TEST_CASE("a task, a deferred task, a timer or a turn that throws is reported, and everything else runs") {
  HandLoop hand;
  const auto log = std::make_shared<Lines>();
  hand.loop->log_to(log);
  std::string order;
  hand.loop->post([&] {
    hand.loop->defer([] { throw std::runtime_error("deferred"); });
    hand.loop->defer([&] { order += "d"; });
    throw std::runtime_error("posted");
  });
  hand.loop->post([&] { order += "p"; });
  hand.loop->poll();
  CHECK(order == "pd");
  CHECK(!hand.loop->is_current());
  hand.loop->call_after(1s, [] { throw 1; });
  hand.loop->call_after(1s, [&] { order += "t"; });
  hand.clock->advance(1s);
  hand.loop->poll();
  hand.loop->turn([] { throw std::runtime_error("turn"); });
  CHECK(!hand.loop->is_current());
  hand.loop->post([&] { order += "e"; });
  hand.loop->poll();
  CHECK(order == "pdte");
  REQUIRE(log->lines.size() == 4);
  CHECK(log->lines[0].find("posted") != std::string::npos);
  CHECK(log->lines[1].find("deferred") != std::string::npos);
  CHECK(log->lines[3].find("turn") != std::string::npos);
}

TEST_CASE("on the user's context a task that throws neither leaves run() nor stops the loop") {
  asio::io_context context;
  auto loop = nb::transport::make_loop_on(context.get_executor(), nb::system_clock());
  loop->log_to(std::make_shared<Lines>());
  bool ran = false;
  loop->post([] { throw std::runtime_error("oops"); });
  CHECK_NOTHROW(context.run());
  context.restart();
  loop->post([&] { ran = true; });
  context.run();
  CHECK(ran);
  loop->stop();
}

TEST_CASE("a last task runs on the loop also after stop, and at once when the last turn is over") {
  auto loop = Loop::make(nb::system_clock());
  std::string order;
  loop->stop();
  loop->post_last([&] {
    CHECK(loop->is_current());
    order += "a";
    loop->post_last([&] { order += "b"; });
  });
  CHECK(order.empty());
  loop->finish();
  CHECK(order == "ab");
  loop->post_last([&] { order += "c"; });
  CHECK(order == "abc");
}

TEST_CASE("on many threads a last task waits for the turn that runs") {
  asio::thread_pool pool(2);
  auto loop = nb::transport::make_loop_on(pool.get_executor(), nb::system_clock());
  std::promise<void> inside;
  std::promise<void> go_on;
  std::atomic<bool> in_turn = true;
  std::promise<bool> overlapped;
  loop->post([&] {
    inside.set_value();
    go_on.get_future().wait();
    in_turn = false;
  });
  inside.get_future().wait();
  loop->stop();
  CHECK(!loop->post([] {}));
  loop->post_last([&] { overlapped.set_value(in_turn); });
  std::this_thread::sleep_for(5ms);
  go_on.set_value();
  CHECK(!overlapped.get_future().get());
  pool.join();
}

TEST_CASE("on a context that nobody runs, the last task runs when the context goes, and nothing keeps itself alive") {
  std::weak_ptr<Loop> gone;
  bool ran = false;
  {
    asio::io_context context;
    auto loop = nb::transport::make_loop_on(context.get_executor(), nb::system_clock());
    gone = loop;
    loop->post([loop] {});
    loop->stop();
    loop->post_last([&ran, loop] { ran = true; });
    loop.reset();
    CHECK(!ran);
    CHECK(!gone.expired());
  }
  CHECK(ran);
  CHECK(gone.expired());
}
