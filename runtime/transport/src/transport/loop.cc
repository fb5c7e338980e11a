#include "transport/loop.h"

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/strand.hpp>

#include <nb/base/check.h>

#include "transport/loop_asio.h"
#include "transport/runs_here.h"

namespace nb::transport {

namespace {

// The loop's clock for its timer queue, which shall fire on the loop only, also when a test moves the clock elsewhere.
class LoopTime final : public Clock {
 public:
  explicit LoopTime(std::shared_ptr<Clock> clock) : clock_(std::move(clock)) {}
  Steady now() const override { return clock_->now(); }
  Wall wall_now() const override { return clock_->wall_now(); }

 private:
  const std::shared_ptr<Clock> clock_;  // shared with the loop
};

}  // namespace

struct Loop::Impl {
  Impl(std::unique_ptr<asio::io_context> context, asio::any_io_executor user, std::shared_ptr<Clock> loop_clock)
      : own(std::move(context)),
        user_executor(std::move(user)),
        executor(own ? asio::any_io_executor(own->get_executor()) : asio::make_strand(user_executor)),
        clock(std::move(loop_clock)),
        alarm(executor) {}

  const std::unique_ptr<asio::io_context> own;  // null on the user's executor
  const asio::any_io_executor user_executor;
  const asio::any_io_executor executor;  // own's, or a strand on the user's
  const std::shared_ptr<Clock> clock;    // shared with the runtime

  std::mutex mutex;  // guards the five below
  std::vector<Task> posted;
  bool drain_scheduled = false;
  bool stopped = false;
  bool finished = false;                        // there will be no more turns
  std::shared_ptr<LogSink> log = stderr_log();  // shared with the runtime

  // Only on the loop.
  std::vector<Task> batch;  // the storage of `posted` and of this is swapped back and forth
  std::vector<Task> deferred;
  std::vector<Task> deferred_batch;
  asio::steady_timer alarm;
  std::optional<Clock::Steady> alarm_time;

  std::atomic<std::thread::id> runner{};  // the thread inside a turn
  std::optional<TimerQueue> timers;       // made when the loop has its address
  std::shared_ptr<void> moved;            // token of a clock moved by hand
};

std::shared_ptr<Loop> Loop::make(std::shared_ptr<Clock> clock) {
  auto context = std::make_unique<asio::io_context>(1);
  auto loop =
      std::make_shared<Loop>(std::make_unique<Impl>(std::move(context), asio::any_io_executor(), std::move(clock)));
  loop->follow_moved_clock();
  return loop;
}

std::shared_ptr<Loop> make_loop_on(asio::any_io_executor executor, std::shared_ptr<Clock> clock) {
  auto loop = std::make_shared<Loop>(std::make_unique<Loop::Impl>(nullptr, std::move(executor), std::move(clock)));
  loop->follow_moved_clock();
  return loop;
}

const asio::any_io_executor& executor_of(Loop& loop) { return loop.impl().executor; }

Loop::Loop(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
  impl_->timers.emplace(std::make_shared<LoopTime>(impl_->clock), [this] {
    if (is_current()) {
      set_alarm();
    } else {
      post([this] { set_alarm(); });
    }
  });
}

void Loop::follow_moved_clock() {
  impl_->moved = impl_->clock->when_moved([weak = weak_from_this()] {
    auto self = weak.lock();
    if (self) self->post([raw = self.get()] { raw->run_due_timers(); });
  });
}

Loop::~Loop() = default;

bool Loop::post(Task task) {
  {
    std::lock_guard lock(impl_->mutex);
    if (impl_->stopped) return false;
    impl_->posted.push_back(std::move(task));
    if (std::exchange(impl_->drain_scheduled, true)) return true;
  }
  wake();
  return true;
}

// What wakes the loop. It is one of the owners: on a user's executor it may run when everybody else has let go. When
// that executor's context is destroyed instead, the tasks go too; else those that own the loop would keep themselves.
struct Loop::Wake {
  std::shared_ptr<Loop> loop;
  explicit Wake(std::shared_ptr<Loop> woken) : loop(std::move(woken)) {}
  Wake(Wake&&) = default;
  ~Wake() {
    if (loop) loop->drop_posted();
  }
  void operator()() { std::exchange(loop, nullptr)->drain(); }
};

void Loop::wake() {
  if (impl_->own) {
    asio::post(impl_->own->get_executor(), Wake(shared_from_this()));
  } else {
    asio::post(impl_->executor, Wake(shared_from_this()));
  }
}

void Loop::drop_posted() {
  std::vector<Task> dropped;  // destroyed without the lock
  std::lock_guard lock(impl_->mutex);
  impl_->stopped = true;
  dropped.swap(impl_->posted);
}

// A task that runs in any case, at the latest when the context drops it: then no thread is in a turn any more.
struct Loop::Last {
  std::shared_ptr<Loop> loop;
  Task task;
  Last(std::shared_ptr<Loop> its_loop, Task its_task) : loop(std::move(its_loop)), task(std::move(its_task)) {}
  Last(Last&&) = default;
  ~Last() {
    if (loop) loop->guard(task);
  }
  void operator()() {
    const auto on = std::exchange(loop, nullptr);
    on->turn(task);
  }
};

void Loop::post_last(Task task) {
  if (!impl_->own) {
    asio::post(impl_->executor, Last(shared_from_this(), std::move(task)));
    return;
  }
  {
    std::unique_lock lock(impl_->mutex);
    if (impl_->finished) {
      lock.unlock();
      return guard(task);
    }
    impl_->posted.push_back(std::move(task));
    if (std::exchange(impl_->drain_scheduled, true)) return;
  }
  wake();
}

void Loop::drain() {
  turn([this] {
    auto& batch = impl_->batch;
    {
      std::lock_guard lock(impl_->mutex);
      batch.swap(impl_->posted);
    }
    for (auto& task : batch) {
      guard(task);
      task = nullptr;  // what it holds must not wait for the others
    }
    batch.clear();
  });
  {
    std::lock_guard lock(impl_->mutex);
    impl_->drain_scheduled = !impl_->posted.empty();
    if (!impl_->drain_scheduled) return;
  }
  wake();  // between two batches the sockets get their turn
}

void Loop::begin_turn() { impl_->runner.store(std::this_thread::get_id(), std::memory_order_relaxed); }

void Loop::end_turn() {
  while (!impl_->deferred.empty()) {
    auto& batch = impl_->deferred_batch;
    batch.swap(impl_->deferred);
    for (auto& task : batch) {
      guard(task);
      task = nullptr;
    }
    batch.clear();
  }
  impl_->runner.store(std::thread::id(), std::memory_order_relaxed);
}

void Loop::defer(Task task) {
  NB_CHECK(is_current(), "only a turn of the loop defers to its end");
  impl_->deferred.push_back(std::move(task));
}

bool Loop::is_current() const { return impl_->runner.load(std::memory_order_relaxed) == std::this_thread::get_id(); }

bool Loop::would_block() const {
  if (is_current()) return true;
  if (impl_->own) return impl_->own->get_executor().running_in_this_thread();
  return runs_here(impl_->user_executor);
}

const std::shared_ptr<Clock>& Loop::clock() const { return impl_->clock; }

TimerId Loop::call_at(Clock::Steady when, Task callback) { return impl_->timers->call_at(when, std::move(callback)); }

TimerId Loop::call_after(std::chrono::nanoseconds delay, Task callback) {
  return call_at(clock()->now() + delay, std::move(callback));
}

void Loop::forget(TimerId timer) { impl_->timers->forget(timer); }

void Loop::set_alarm() {
  if (impl_->moved) return;  // then the timers run when the clock is moved
  const auto next = impl_->timers->next();
  if (!next || (impl_->alarm_time && *impl_->alarm_time <= *next)) return;
  impl_->alarm_time = next;
  impl_->alarm.expires_at(*next);
  impl_->alarm.async_wait([weak = weak_from_this()](const asio::error_code& error) {
    auto self = weak.lock();
    if (!self || error) return;
    self->turn([&self] {
      self->impl_->alarm_time.reset();
      self->run_due_timers();
      self->set_alarm();
    });
  });
}

void Loop::run_due_timers() {
  bool all_ran = false;
  while (!all_ran) {  // one that threw is off the queue; the others are still due
    guard([&] {
      impl_->timers->run_due();
      all_ran = true;
    });
  }
}

void Loop::log_to(std::shared_ptr<LogSink> log) {
  std::lock_guard lock(impl_->mutex);
  impl_->log = std::move(log);
}

void Loop::report(const std::exception_ptr& exception) noexcept {
  try {
    std::shared_ptr<LogSink> log;
    {
      std::lock_guard lock(impl_->mutex);
      log = impl_->log;
    }
    std::string what = "not a std::exception";
    try {
      std::rethrow_exception(exception);
    } catch (const std::exception& known) {
      what = known.what();
    } catch (...) {
    }
    log->log(Severity::kError, "an exception left a callback on the event loop: " + what);
  } catch (...) {
    // No memory for the message, or a log that throws: nobody is left to tell.
  }
}

void Loop::run() {
  NB_CHECK(impl_->own, "a loop on the user's executor is run by the user");
  auto work = asio::make_work_guard(*impl_->own);
  impl_->own->run();
}

bool Loop::poll() {
  NB_CHECK(impl_->own, "a loop on the user's executor is run by the user");
  bool any = false;
  impl_->own->restart();
  while (impl_->own->poll() > 0) any = true;
  return any;
}

void Loop::stop() {
  {
    std::lock_guard lock(impl_->mutex);
    if (std::exchange(impl_->stopped, true)) return;
  }
  impl_->timers->clear();
  if (impl_->own) impl_->own->stop();
}

void Loop::finish() {
  if (!impl_->own) return;
  drain();
  poll();
  while (true) {  // somebody may be tidying up on another thread
    {
      std::lock_guard lock(impl_->mutex);
      impl_->finished = impl_->posted.empty();
      if (impl_->finished) return;
    }
    drain();
  }
}

}  // namespace nb::transport
