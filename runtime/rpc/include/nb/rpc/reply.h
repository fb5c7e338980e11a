// Reply<R>: what a server's method gives back: a value, an error, a Result<R>, or all of it later, as a coroutine.
//
//   nb::Reply<std::int32_t> Add(nb::ServerCall&, std::int32_t a, std::int32_t b) override { return a + b; }
//   nb::Reply<std::int32_t> Get(nb::ServerCall&, std::string key) override {
//     if (auto v = co_await store_.find(key)) co_return *v;
//     co_return nb::verror::NoExist(key);
//   }
//   nb::Reply<void> Put(…) override { …; return {}; }          // and in a coroutine: co_return {};
//
// A coroutine begins where handlers run and is brought back there by whatever it awaits. An exception that leaves a
// handler becomes verror.Internal.
#pragma once

#include <coroutine>
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include <nb/base/result.h>
#include <nb/rpc/executor.h>

namespace nb {

template <class R>
class Reply;

namespace rpc {

// verror.Internal with what the exception says.
Error error_of_exception(const std::exception_ptr& exception);

template <class R>
class ReplyPromise {
 public:
  Reply<R> get_return_object();
  std::suspend_always initial_suspend() const noexcept { return {}; }

  class FinalAwaiter {
   public:
    FinalAwaiter() noexcept {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<ReplyPromise> ended) const noexcept {
      // The callback may destroy the coroutine, which is suspended by now; nothing of it is touched afterwards.
      const auto done = std::move(ended.promise().done_);
      done();
    }
    void await_resume() const noexcept {}
  };
  FinalAwaiter final_suspend() const noexcept { return FinalAwaiter(); }
  void unhandled_exception() { result_.emplace(error_of_exception(std::current_exception())); }
  void return_value(Result<R> result) { result_.emplace(std::move(result)); }

  const Executor& executor() const { return executor_; }
  void prepare(Executor executor, std::function<void()> done) {
    executor_ = std::move(executor);
    done_ = std::move(done);
  }
  Result<R> take() { return std::move(*result_); }

 private:
  std::optional<Result<R>> result_;
  Executor executor_;
  std::function<void()> done_;
};

}  // namespace rpc

template <class R>
class [[nodiscard]] Reply {
 public:
  using promise_type = rpc::ReplyPromise<R>;

  Reply() requires std::is_void_v<R> : result_(Result<void>()) {}
  Reply(Result<R> result) : result_(std::move(result)) {}
  Reply(Error error) : result_(Result<R>(std::move(error))) {}
  template <class U>
  requires(!std::is_void_v<R> && std::is_convertible_v<U, Result<R>> &&
           !std::is_same_v<std::remove_cvref_t<U>, Error> && !std::is_same_v<std::remove_cvref_t<U>, Result<R>> &&
           !std::is_same_v<std::remove_cvref_t<U>, Reply>) Reply(U&& value)
      : result_(Result<R>(std::forward<U>(value))) {}
  explicit Reply(std::coroutine_handle<promise_type> coroutine) : coroutine_(coroutine) {}

  Reply(Reply&& other) noexcept : result_(std::move(other.result_)), coroutine_(std::exchange(other.coroutine_, {})) {}
  Reply& operator=(Reply&& other) noexcept {
    if (this == &other) return *this;
    if (coroutine_) coroutine_.destroy();
    result_ = std::move(other.result_);
    coroutine_ = std::exchange(other.coroutine_, {});
    return *this;
  }
  ~Reply() {
    if (coroutine_) coroutine_.destroy();
  }

  // False: the result is there already. True: the coroutine was started here and calls `done` at its end, perhaps
  // before this returns.
  bool run(const Executor& executor, std::function<void()> done) {
    if (!coroutine_) return false;
    coroutine_.promise().prepare(executor, std::move(done));
    coroutine_.resume();
    return true;
  }
  Result<R> take() {
    if (coroutine_) return coroutine_.promise().take();
    return std::move(*result_);
  }

 private:
  std::optional<Result<R>> result_;
  std::coroutine_handle<promise_type> coroutine_;
};

template <class R>
Reply<R> rpc::ReplyPromise<R>::get_return_object() {
  return Reply<R>(std::coroutine_handle<ReplyPromise>::from_promise(*this));
}

}  // namespace nb
