// Fakes: servers for tests whose methods are functions that the test sets. `vdlc cpp --fakes PACKAGE` writes
// PACKAGE.fake.h with a class Fake<Interface>Server for each interface; docs/testing.md shows one at work.
//
//   auto fake = std::make_shared<calc::FakeCalcServer>();
//   fake->on_Add.expect(1) = [](nb::ServerCall&, std::int32_t a, std::int32_t b) { return a + b; };
//   … serve it, call it …
//   if (auto met = fake->verify(); !met) std::puts(met.error().message().data());
//
// A method without a function answers verror.NotImplemented. So does one that is called more often than it may be, and
// verify() tells. Safe from any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nb/base/context.h>
#include <nb/base/result.h>
#include <nb/rpc/reply.h>
#include <nb/rpc/server_call.h>
#include <nb/rpc/server_stream.h>
#include <nb/rpc/task.h>

namespace nb {

// The part of a faked method that does not depend on its types: how often it may be called, and was.
class FakeCalls {
 public:
  explicit FakeCalls(std::string_view name) : name_(name) {}
  FakeCalls(const FakeCalls&) = delete;
  FakeCalls& operator=(const FakeCalls&) = delete;

  std::string_view name() const { return name_; }  // "Calc.Add"
  std::size_t calls() const;                       // until now, refused ones included

 protected:
  ~FakeCalls() = default;
  void expect_between(std::size_t least, std::size_t most);
  // Counts a call. An error: it is one too many, or there is no function.
  Error count(bool has_function);

 private:
  friend Result<void> verify_fakes(std::initializer_list<const FakeCalls*> methods);
  std::string broken() const;  // what was expected and did not happen; "" when all did

  const std::string name_;
  mutable std::mutex mutex_;  // guards the rest
  std::size_t least_ = 0;
  std::size_t most_ = std::numeric_limits<std::size_t>::max();
  std::size_t calls_ = 0;
};

// Success, or BadState with one line for each method that was not called as often as expected.
Result<void> verify_fakes(std::initializer_list<const FakeCalls*> methods);

// For a method that never answers: ends when its call does, and says why.
//
//   fake->on_Add = [](nb::ServerCall& call, std::int32_t, std::int32_t) -> nb::Reply<std::int32_t> {
//     auto end = nb::until_ended(call.context());
//     co_return co_await std::move(end);
//   };
Task<Error> until_ended(Context context);

template <class Signature>
class FakeMethod;

template <class R, class... A>
class FakeMethod<Reply<R>(ServerCall&, A...)> final : public FakeCalls {
 public:
  using Function = std::function<Reply<R>(ServerCall&, A...)>;
  using FakeCalls::FakeCalls;

  // What the method does from now on. Coroutines may use what the function has captured: functions are kept as long as
  // the fake, also when others take their places.
  FakeMethod& operator=(Function function) {
    const std::lock_guard lock(mutex_);
    functions_.push_back(std::make_shared<const Function>(std::move(function)));
    return *this;
  }
  // Called exactly so often, or at least. Without a word any number will do.
  FakeMethod& expect(std::size_t times) {
    expect_between(times, times);
    return *this;
  }
  FakeMethod& expect_at_least(std::size_t times) {
    expect_between(times, std::numeric_limits<std::size_t>::max());
    return *this;
  }

  // For the generated class.
  Reply<R> operator()(ServerCall& call, A... arguments) {
    std::shared_ptr<const Function> function;
    {
      const std::lock_guard lock(mutex_);
      if (!functions_.empty()) function = functions_.back();
    }
    if (const Error error = count(function != nullptr)) return error;
    return (*function)(call, std::forward<A>(arguments)...);
  }

 private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<const Function>> functions_;  // shared with calls that are just going in
};

}  // namespace nb
