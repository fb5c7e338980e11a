// Call<R>: a call that is under way. It was started when it was made; R is what it will give.
//
//   nb::Result<std::int32_t> sum = client.Add(ctx, 1, 2).get();     // blocking
//   auto sum = co_await client.Add(ctx, 1, 2);                      // any coroutine, on its own executor
//   client.Add(ctx, 1, 2).then([](nb::Result<std::int32_t> r) {});  // callback on the runtime
//
// get(), co_await and then() are those of nb::Pending. Letting go of a call that has not ended cancels it, and the
// server is told; detach() lets it run on. then() detaches. Move-only; safe to use from any thread, one at a time.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include <nb/rpc/client_call.h>
#include <nb/rpc/pending.h>

namespace nb {

template <class R>
class [[nodiscard]] Call {
 public:
  using value_type = Result<R>;

  Call() = default;  // no call
  Call(std::shared_ptr<rpc::ClientCall> call, Pending<Result<R>> result)
      : call_(std::move(call)), result_(std::move(result)), owned_(true) {}
  Call(Call&& other) noexcept
      : call_(std::move(other.call_)), result_(std::move(other.result_)), owned_(std::exchange(other.owned_, false)) {}
  Call& operator=(Call&& other) noexcept {
    if (this == &other) return *this;
    let_go();
    call_ = std::move(other.call_);
    result_ = std::move(other.result_);
    owned_ = std::exchange(other.owned_, false);
    return *this;
  }
  ~Call() { let_go(); }

  bool is_done() const { return result_.is_done(); }
  Result<R> get() { return result_.get(); }
  PendingAwaiter<Result<R>> operator co_await() const { return result_.operator co_await(); }
  void then(std::function<void(Result<R>)> callback) { then(Executor(), std::move(callback)); }
  void then(Executor where, std::function<void(Result<R>)> callback) {
    owned_ = false;
    result_.then(std::move(where), std::move(callback));
  }

  // Who is called: there when the server has been accepted and the request has been sent, and kept after the call's
  // end. The call's error when it did not come so far. Of a call that is made again, the server of the latest time.
  Pending<Result<CalledServer>> server() const {
    auto told = make_pending<rpc::CalledServerState>(result_.state()->home());
    call_->server(told);
    return Pending<Result<CalledServer>>(std::move(told));
  }

  void cancel() { call_->cancel(); }  // it then ends in verror.Canceled, unless it has ended already
  void detach() { owned_ = false; }

  const Pending<Result<R>>& result() const { return result_; }

 private:
  void let_go() {
    if (std::exchange(owned_, false) && !result_.is_done()) call_->cancel();
  }

  std::shared_ptr<rpc::ClientCall> call_;  // shared with the connection it runs on
  Pending<Result<R>> result_;
  bool owned_ = false;
};

}  // namespace nb
