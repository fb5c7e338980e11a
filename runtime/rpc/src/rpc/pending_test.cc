#include <nb/rpc/pending.h>

#include <doctest/doctest.h>

#include <deque>
#include <thread>

#include <nb/rpc/next.h>
#include <nb/rpc/task.h>

namespace {

// Tasks run when the test says so, on the test's thread; it counts as a thread of the runtime while `is_ours`.
class Queue final : public nb::Executor::Place {
 public:
  void post(std::function<void()> task) override { tasks.push_back(std::move(task)); }
  bool is_current() const override { return is_ours; }
  void run() {
    while (!tasks.empty()) {
      const auto task = std::move(tasks.front());
      tasks.pop_front();
      task();
    }
  }
  std::deque<std::function<void()>> tasks;
  bool is_ours = false;
};

using IntState = nb::PendingState<nb::Result<int>>;

nb::Task<nb::Result<int>> doubled(nb::Pending<nb::Result<int>> pending) {
  const auto value = co_await pending;
  if (!value) co_return value.error();
  co_return 2 * *value;
}

nb::Task<nb::Result<int>> doubled_twice(nb::Pending<nb::Result<int>> pending) {
  auto inner = doubled(pending);
  const auto value = co_await inner;
  co_return 2 * *value;
}

nb::Task<int> throwing() {
  if (true) throw std::runtime_error("as expected");
  co_return 1;
}

}  // namespace

TEST_CASE("get() waits for another thread to complete it") {
  auto home = std::make_shared<Queue>();
  auto state = nb::make_pending<IntState>(nb::Executor(home));
  nb::Pending<nb::Result<int>> pending(state);
  std::thread other([state] { state->complete(7); });
  CHECK(*pending.get() == 7);
  other.join();
}

TEST_CASE("get() on a thread of the runtime answers at once with an error that names the ways out") {
  auto home = std::make_shared<Queue>();
  home->is_ours = true;
  nb::Pending<nb::Result<int>> pending(nb::make_pending<IntState>(nb::Executor(home)));
  const auto result = pending.get();
  CHECK(nb::verror::BadState.matches(result.error()));
  CHECK(result.error().message().find("co_await") != std::string_view::npos);
  pending.state()->complete(7);
  CHECK(*pending.get() == 7);  // what is there already may be taken anywhere
}

TEST_CASE("only the first completion counts") {
  auto home = std::make_shared<Queue>();
  auto state = nb::make_pending<IntState>(nb::Executor(home));
  CHECK(state->complete(1));
  CHECK_FALSE(state->complete(2));
  CHECK(*nb::Pending<nb::Result<int>>(state).get() == 1);
}

TEST_CASE("then() runs on home, or where it was told, and also when it is done already") {
  auto home = std::make_shared<Queue>();
  auto elsewhere = std::make_shared<Queue>();
  int seen = 0;
  auto first = nb::make_pending<IntState>(nb::Executor(home));
  nb::Pending<nb::Result<int>>(first).then([&seen](nb::Result<int> r) { seen = *r; });
  first->complete(3);
  CHECK(seen == 0);
  home->run();
  CHECK(seen == 3);

  auto second = nb::make_pending<IntState>(nb::Executor(home));
  second->complete(4);
  nb::Pending<nb::Result<int>>(second).then(nb::Executor(elsewhere), [&seen](nb::Result<int> r) { seen = *r; });
  home->run();
  CHECK(seen == 3);
  elsewhere->run();
  CHECK(seen == 4);
}

TEST_CASE("tasks run where they were started, and come back there from what they await") {
  auto home = std::make_shared<Queue>();
  auto mine = std::make_shared<Queue>();
  auto state = nb::make_pending<IntState>(nb::Executor(home));
  auto result = nb::start(nb::Executor(mine), doubled_twice(nb::Pending<nb::Result<int>>(state)));
  mine->run();
  state->complete(5);
  home->run();
  CHECK_FALSE(result.is_done());
  mine->run();
  REQUIRE(result.is_done());
  CHECK(*result.get() == 20);
}

TEST_CASE("a coroutine destroyed while it waits is not resumed") {
  auto home = std::make_shared<Queue>();
  auto state = nb::make_pending<IntState>(nb::Executor(home));
  {
    auto task = doubled(nb::Pending<nb::Result<int>>(state));
    auto awaiter = task.operator co_await();
    awaiter.await_suspend(std::coroutine_handle<>()).resume();
    state->complete(1);
  }
  home->run();
}

TEST_CASE("an exception out of a started task becomes an error") {
  auto home = std::make_shared<Queue>();
  auto result = nb::start(nb::Executor(home), throwing());
  home->run();
  const auto end = result.get();
  CHECK(nb::verror::Internal.matches(end.error()));
  CHECK(end.error().message().find("as expected") != std::string_view::npos);
}

TEST_CASE("a Next is true with an item, and tells the end from a failure") {
  nb::Next<int> item(3);
  CHECK(item);
  CHECK(*item == 3);
  CHECK(nb::Next<int>().at_end());
  const nb::Next<int> broken(nb::verror::Canceled());
  CHECK_FALSE(broken);
  CHECK_FALSE(broken.at_end());
  CHECK(nb::verror::Canceled.matches(broken.error()));
}
