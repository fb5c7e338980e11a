// Pending<T>: something that will be there later: the answer of a call, the next item of a stream, a sent item.
//
//   p.get()              blocks this thread; on a thread of the runtime it is an error at once, never a deadlock
//   co_await p           from any coroutine; resumes where that coroutine lives, if it says so, else on the runtime
//   p.then(f)            f(T) is called once, on the runtime
//   p.then(executor, f)  … or there
//
// Take it once, by one of these ways. Letting go of it neither stops nor cancels what is going on. T can carry an error
// (Result<…>, Next<…>). Handles may be moved to and used from any thread, one at a time.
#pragma once

#include <condition_variable>
#include <coroutine>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include <nb/base/check.h>
#include <nb/base/result.h>
#include <nb/rpc/executor.h>

namespace nb {

// What all of them have in common, whatever T is. Users see it only through Pending.
class PendingCore {
 public:
  // `home`: where callbacks and executor-less coroutines run, and where blocking is refused.
  explicit PendingCore(Executor home) : home_(std::move(home)) {}
  virtual ~PendingCore() = default;
  PendingCore(const PendingCore&) = delete;
  PendingCore& operator=(const PendingCore&) = delete;

  const Executor& home() const { return home_; }
  bool is_done() const;

  // Waits for the end; false, at once, when this thread belongs to the runtime and the end is not there yet.
  bool wait();
  // The error that get() answers with then.
  static Error blocking_refused();

  // `resume` runs once on `where` (on home if that is nowhere). False: it is done already and nothing was registered.
  bool when_done(Executor where, std::function<void()> resume);
  void forget();  // what was registered will not run

 protected:
  // Calls `store` under the lock and wakes who waits. Only the first one counts; the others are ignored.
  bool finish(const std::function<void()>& store);

 private:
  static void run(const std::shared_ptr<PendingCore>& self);

  const Executor home_;
  mutable std::mutex mutex_;
  std::condition_variable done_changed_;
  bool done_ = false;
  Executor where_;
  std::function<void()> resume_;
  std::weak_ptr<PendingCore> self_;

 public:
  // Tells the core who owns it; make_pending does it.
  void owned_by(const std::shared_ptr<PendingCore>& self) { self_ = self; }
};

template <class T>
class PendingState : public PendingCore {
 public:
  using PendingCore::PendingCore;

  // The first value counts.
  bool complete(T value) {
    return finish([this, &value] { value_.emplace(std::move(value)); });
  }
  T take() {
    NB_CHECK(value_.has_value(), "a pending value is taken once, when it is there");
    T value = std::move(*value_);
    value_.reset();
    return value;
  }

 private:
  std::optional<T> value_;
};

template <class State, class... Args>
std::shared_ptr<State> make_pending(Args&&... args) {
  auto state = std::make_shared<State>(std::forward<Args>(args)...);
  state->owned_by(state);
  return state;
}

// What co_await makes of a Pending; lives in the awaiting coroutine.
template <class T>
class PendingAwaiter {
 public:
  explicit PendingAwaiter(std::shared_ptr<PendingState<T>> state) : state_(std::move(state)) {}
  PendingAwaiter(const PendingAwaiter&) = delete;
  PendingAwaiter& operator=(const PendingAwaiter&) = delete;
  ~PendingAwaiter() {
    if (waiting_) state_->forget();  // the coroutine was destroyed while it waited
  }

  bool await_ready() const { return state_->is_done(); }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> coroutine) {
    Executor where;
    if constexpr (HasExecutor<Promise>) where = coroutine.promise().executor();
    waiting_ = true;
    // Once registered, the coroutine may run on elsewhere and be gone: nothing of it is touched after when_done.
    const std::shared_ptr<PendingState<T>> state = state_;
    if (state->when_done(std::move(where), [coroutine] { coroutine.resume(); })) return true;
    waiting_ = false;
    return false;
  }
  T await_resume() {
    waiting_ = false;
    return state_->take();
  }

 private:
  std::shared_ptr<PendingState<T>> state_;  // shared with whoever completes it
  bool waiting_ = false;
};

template <class T>
class Pending {
 public:
  using value_type = T;

  Pending() = default;  // nothing: taking it is a bug
  explicit Pending(std::shared_ptr<PendingState<T>> state) : state_(std::move(state)) {}

  bool is_done() const { return state_->is_done(); }

  T get() {
    if (!state_->wait()) return T(PendingCore::blocking_refused());
    return state_->take();
  }
  void then(std::function<void(T)> callback) { then(Executor(), std::move(callback)); }
  void then(Executor where, std::function<void(T)> callback) {
    auto state = state_;
    auto run = [state, callback = std::move(callback)] { callback(state->take()); };
    if (state->when_done(where, run)) return;
    (where ? where : state->home()).post(std::move(run));
  }
  PendingAwaiter<T> operator co_await() const { return PendingAwaiter<T>(state_); }

  const std::shared_ptr<PendingState<T>>& state() const { return state_; }

 private:
  std::shared_ptr<PendingState<T>> state_;  // shared with whoever completes it
};

}  // namespace nb
