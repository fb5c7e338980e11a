// StreamCall<Send, Recv, R>: a call during which items travel. `void` stands for a direction without items.
//
//   auto centre = client.Centre(ctx);
//   centre.send(calc::Point(1, 2)).get();
//   while (auto c = centre.recv().get()) …         // or: for (auto& c : centre.items()) …
//   centre.close_send().get();                     // no more items from us
//   nb::Result<std::int32_t> count = centre.finish().get();
//
// Everything gives a Pending: block on it, co_await it, or leave it. send is done when flow control has let the item
// go, or at once while no more than 32 KiB of items wait; several may be queued, they leave in order. recv may be asked
// for several items ahead. finish closes our side and gives the results once all of the server's items were received.
// Letting go of the call before finish was answered cancels it; a detached one only when nothing is under way any more
// that was asked of it: finish runs to its answer, while a stream that nobody finished is cancelled, since nobody could
// end it. Move-only; functions are safe from any thread. What is asked keeps its order, also when another thread goes
// on where one has stopped.
#pragma once

#include <iterator>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <nb/rpc/client_call.h>
#include <nb/rpc/next.h>
#include <nb/rpc/pending.h>

namespace nb {

// A blocking range over what `Stream` receives. After the loop, error() says whether it was the end or a failure.
template <class Stream>
class ItemRange {
 public:
  using Item = typename Stream::RecvItem;
  explicit ItemRange(Stream& stream) : stream_(&stream) {}

  class Iterator {
   public:
    explicit Iterator(ItemRange* range) : range_(range) { range_->advance(); }
    Item& operator*() const { return *range_->current_; }
    Iterator& operator++() {
      range_->advance();
      return *this;
    }
    bool operator==(std::default_sentinel_t) const { return !range_->current_; }

   private:
    ItemRange* range_;
  };
  Iterator begin() { return Iterator(this); }
  std::default_sentinel_t end() const { return {}; }
  const Error& error() const { return current_.error(); }

 private:
  void advance() { current_ = stream_->recv().get(); }

  Stream* stream_;
  Next<Item> current_;
};

namespace rpc {
struct NoItem {};
template <class T>
using ItemOr = std::conditional_t<std::is_void_v<T>, NoItem, T>;
}  // namespace rpc

template <class Send, class Recv, class R>
class [[nodiscard]] StreamCall {
 public:
  using SendItem = rpc::ItemOr<Send>;
  using RecvItem = rpc::ItemOr<Recv>;

  StreamCall() = default;  // no call
  StreamCall(std::shared_ptr<rpc::ClientCall> call, Executor home)
      : call_(std::move(call)), home_(std::move(home)), owned_(true) {}
  StreamCall(StreamCall&& other) noexcept
      : call_(std::move(other.call_)),
        home_(std::move(other.home_)),
        result_(std::move(other.result_)),
        owned_(std::exchange(other.owned_, false)) {}
  StreamCall& operator=(StreamCall&& other) noexcept {
    if (this == &other) return *this;
    let_go();
    call_ = std::move(other.call_);
    home_ = std::move(other.home_);
    result_ = std::move(other.result_);
    owned_ = std::exchange(other.owned_, false);
    return *this;
  }
  ~StreamCall() { let_go(); }

  Pending<Result<void>> send(SendItem item) requires(!std::is_void_v<Send>) {
    auto done = make_pending<rpc::DoneState>(home_);
    call_->send(std::make_shared<rpc::ValuesOf<SendItem>>(std::move(item)), done);
    return Pending<Result<void>>(std::move(done));
  }
  // Nothing more will be sent. Again: nothing happens.
  Pending<Result<void>> close_send() {
    auto done = make_pending<rpc::DoneState>(home_);
    call_->close_send(done);
    return Pending<Result<void>>(std::move(done));
  }
  Pending<Next<RecvItem>> recv() requires(!std::is_void_v<Recv>) {
    auto item = make_pending<rpc::ItemState<RecvItem>>(home_);
    call_->recv(item);
    return Pending<Next<RecvItem>>(std::move(item));
  }
  ItemRange<StreamCall> items() requires(!std::is_void_v<Recv>) { return ItemRange<StreamCall>(*this); }
  // The results. The second time it is an error.
  Pending<Result<R>> finish() {
    auto result = make_pending<rpc::ResultState<R>>(home_);
    call_->finish(result);
    if (!result_) result_ = result;
    return Pending<Result<R>>(std::move(result));
  }

  // Who is called: there when the server has been accepted and the request has been sent, and kept while somebody holds
  // the stream. The call's error when it did not come so far.
  Pending<Result<CalledServer>> server() const {
    auto told = make_pending<rpc::CalledServerState>(home_);
    call_->server(told);
    return Pending<Result<CalledServer>>(std::move(told));
  }

  void cancel() { call_->cancel(); }
  void detach() { owned_ = false; }  // see above

 private:
  void let_go() {
    if (!std::exchange(owned_, false)) return;
    if (result_ == nullptr || !result_->is_done()) call_->cancel();
  }

  std::shared_ptr<rpc::ClientCall> call_;  // shared with the connection it runs on
  Executor home_;
  std::shared_ptr<PendingCore> result_;  // of the first finish()
  bool owned_ = false;
};

}  // namespace nb
