// Task<T>: a coroutine that gives a T, for programs that write their own logic as coroutines.
//
//   nb::Task<nb::Result<int>> twice(calc::CalcClient client, nb::Context ctx, int n) {
//     auto sum = co_await client.Add(ctx, n, n);
//     co_return sum;
//   }
//   auto result = nb::start(runtime.executor(), twice(client, ctx, 4)).get();
//
// A task does nothing until it is awaited or started. Awaited, it runs where its caller runs; started, where start()
// says; whatever it awaits brings it back there. Parameters are taken by value. Who holds the task owns the coroutine.
// An exception that leaves the coroutine arrives at who awaits it; out of a started task it becomes verror.Internal.
#pragma once

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <nb/base/verror.h>
#include <nb/rpc/pending.h>

namespace nb {

template <class T>
class Task;

class TaskPromiseBase {
 public:
  const Executor& executor() const { return executor_; }
  void set_executor(Executor executor) { executor_ = std::move(executor); }
  void set_continuation(std::coroutine_handle<> continuation) { continuation_ = continuation; }

  std::suspend_always initial_suspend() const noexcept { return {}; }

  class FinalAwaiter {
   public:
    FinalAwaiter() noexcept {}
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
      const auto next = ended.promise().continuation_;
      return next ? next : std::coroutine_handle<>(std::noop_coroutine());
    }
    void await_resume() const noexcept {}
  };
  FinalAwaiter final_suspend() const noexcept { return FinalAwaiter(); }
  void unhandled_exception() { exception_ = std::current_exception(); }

 protected:
  std::exception_ptr exception_;

 private:
  Executor executor_;
  std::coroutine_handle<> continuation_;
};

template <class T>
class TaskPromise : public TaskPromiseBase {
 public:
  Task<T> get_return_object();
  template <class U = T>
  requires std::is_convertible_v<U, T>
  void return_value(U&& value) { value_.emplace(std::forward<U>(value)); }
  T take() {
    if (exception_) std::rethrow_exception(exception_);
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class TaskPromise<void> : public TaskPromiseBase {
 public:
  Task<void> get_return_object();
  void return_void() const {}
  void take() {
    if (exception_) std::rethrow_exception(exception_);
  }
};

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = TaskPromise<T>;
  using value_type = T;

  Task() = default;
  explicit Task(std::coroutine_handle<promise_type> coroutine) : coroutine_(coroutine) {}
  Task(Task&& other) noexcept : coroutine_(std::exchange(other.coroutine_, {})) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      if (coroutine_) coroutine_.destroy();
      coroutine_ = std::exchange(other.coroutine_, {});
    }
    return *this;
  }
  ~Task() {
    if (coroutine_) coroutine_.destroy();
  }

  class Awaiter {
   public:
    explicit Awaiter(std::coroutine_handle<promise_type> task) : task_(task) {}
    bool await_ready() const { return task_.done(); }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> caller) {
      if constexpr (HasExecutor<Promise>) task_.promise().set_executor(caller.promise().executor());
      task_.promise().set_continuation(caller);
      return task_;
    }
    T await_resume() { return task_.promise().take(); }

   private:
    std::coroutine_handle<promise_type> task_;
  };
  Awaiter operator co_await() const { return Awaiter(coroutine_); }

 private:
  std::coroutine_handle<promise_type> coroutine_;
};

template <class T>
Task<T> TaskPromise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}

// What a started Task<T> gives: T itself when it can carry an error, else Result<T>.
template <class T>
struct StartedAs {
  using type = std::conditional_t<std::is_constructible_v<T, Error>, T, Result<T>>;
};
template <>
struct StartedAs<void> {
  using type = Result<void>;
};
template <class T>
using Started = typename StartedAs<T>::type;

// The coroutine around a started task. It owns itself: its frame goes when it has ended.
class StartedTask {
 public:
  class promise_type {
   public:
    StartedTask get_return_object() { return StartedTask(std::coroutine_handle<promise_type>::from_promise(*this)); }
    const Executor& executor() const { return executor_; }
    void set_executor(Executor executor) { executor_ = std::move(executor); }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const {}
    void unhandled_exception() const { std::terminate(); }  // run_started lets none out

   private:
    Executor executor_;
  };

  explicit StartedTask(std::coroutine_handle<promise_type> coroutine) : coroutine_(coroutine) {}
  void run_on(const Executor& where) {
    coroutine_.promise().set_executor(where);
    where.post([coroutine = coroutine_] { coroutine.resume(); });
  }

 private:
  std::coroutine_handle<promise_type> coroutine_;
};

template <class T>
StartedTask run_started(Task<T> task, std::shared_ptr<PendingState<Started<T>>> state) {
  Error failure;
  try {
    if constexpr (std::is_void_v<T>) {
      co_await task;
      state->complete(Result<void>());
    } else {
      T value = co_await task;
      state->complete(Started<T>(std::move(value)));
    }
  } catch (const std::exception& exception) {
    failure = verror::Internal(exception.what());
  } catch (...) {
    failure = verror::Internal("something other than a std::exception was thrown");
  }
  if (failure) state->complete(Started<T>(failure));
}

// Starts `task` on `where` and gives its end. The end need not be looked at; the task runs on all the same.
template <class T>
Pending<Started<T>> start(Executor where, Task<T> task) {
  auto state = make_pending<PendingState<Started<T>>>(where);
  run_started(std::move(task), state).run_on(where);
  return Pending<Started<T>>(state);
}

}  // namespace nb
