// ServerStream<Recv, Send>: the streams of a call, as its server sees them. `void` stands for a direction without
// items.
//
//   while (auto point = co_await stream.recv()) …          // ends at the client's close_send()
//   co_await stream.send(point);                           // waits for flow control; see StreamCall
//
// As with StreamCall everything gives a Pending, to be awaited or (on a pool) blocked on; several sends may be queued.
// Lives until the method has ended.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include <nb/rpc/stream.h>

namespace nb {
namespace rpc {

// The streams without their types. All functions are safe from any thread.
class ServerStreamCore {
 public:
  virtual ~ServerStreamCore() = default;
  virtual const Executor& home() const = 0;
  virtual void send(std::shared_ptr<const Values> item, std::shared_ptr<DoneState> done) = 0;
  virtual void recv(std::shared_ptr<ItemTarget> target) = 0;
};

}  // namespace rpc

template <class Recv, class Send>
class ServerStream {
 public:
  using RecvItem = rpc::ItemOr<Recv>;
  using SendItem = rpc::ItemOr<Send>;

  explicit ServerStream(rpc::ServerStreamCore& core) : core_(&core) {}
  ServerStream(const ServerStream&) = delete;
  ServerStream& operator=(const ServerStream&) = delete;

  Pending<Next<RecvItem>> recv() requires(!std::is_void_v<Recv>) {
    auto item = make_pending<rpc::ItemState<RecvItem>>(core_->home());
    core_->recv(item);
    return Pending<Next<RecvItem>>(std::move(item));
  }
  ItemRange<ServerStream> items() requires(!std::is_void_v<Recv>) { return ItemRange<ServerStream>(*this); }
  Pending<Result<void>> send(SendItem item) requires(!std::is_void_v<Send>) {
    auto done = make_pending<rpc::DoneState>(core_->home());
    core_->send(std::make_shared<rpc::ValuesOf<SendItem>>(std::move(item)), done);
    return Pending<Result<void>>(std::move(done));
  }

 private:
  rpc::ServerStreamCore* core_;
};

}  // namespace nb
