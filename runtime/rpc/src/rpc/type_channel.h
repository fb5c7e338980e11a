// TypeChannel: the type flow of a connection (docs/spec/rpc.md 1.1), as one of its two ends sees it.
//
// It carries type messages both ways, one VOM stream each, for all data flows that its dialer opens. Belongs to the
// connection's executor.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <unordered_map>

#include <nb/vom/type_decoder.h>
#include <nb/vom/type_encoder.h>

#include "conn/connection.h"

namespace nb::rpc {

// Somebody who cannot go on before the peer has sent a type.
class TypeWaiter {
 public:
  virtual ~TypeWaiter() = default;
  virtual void on_types() = 0;  // there are new types, or the channel has failed
};

// Those who wait; each is told once, in no order. Who has gone is dropped now and then, so that peers which open flows
// and close them again cannot make this grow.
class TypeWaiters {
 public:
  void add(const std::weak_ptr<TypeWaiter>& waiter);
  void tell();
  std::size_t size() const { return waiting_.size(); }

 private:
  // By address, so that asking again costs nothing. An address may be another one's by now: then that one stands here.
  std::unordered_map<const TypeWaiter*, std::weak_ptr<TypeWaiter>> waiting_;
  std::size_t look_through_at_ = 64;
};

class TypeChannel final : public conn::FlowListener, public std::enable_shared_from_this<TypeChannel> {
 public:
  // Over a flow just opened by us: its kind byte 't' leaves with the first types.
  static std::shared_ptr<TypeChannel> over_dialed(std::shared_ptr<conn::Flow> flow);
  // Over a flow that the peer opened, whose kind byte was taken off; `rest` came behind it.
  static std::shared_ptr<TypeChannel> over_accepted(std::shared_ptr<conn::Flow> flow, BytesView rest);
  explicit TypeChannel(std::shared_ptr<conn::Flow> flow, bool dialed);

  vom::TypeEncoder& encoder() { return encoder_; }
  vom::TypeDecoder& decoder() { return decoder_; }

  // Hands to the flow what the encoder has produced. To be called before a value that may use it is written.
  void flush();
  // Told once, at the next news.
  void wait(const std::weak_ptr<TypeWaiter>& waiter) { waiters_.add(waiter); }
  // Why no more types will come; none while they may.
  const Error& failure() const { return failure_; }
  // Bytes that the data flows of this channel hold for values that are not complete yet.
  // Any thread: a flow's end may be destroyed wherever its last owner lets go.
  std::atomic<std::size_t>& unfinished_bytes() { return unfinished_bytes_; }

  void on_payload(Bytes payload) override;
  void on_drained() override {}
  void on_closed(const Error& why) override;

 private:
  void fail(const Error& why);

  std::shared_ptr<conn::Flow> flow_;  // shared with the connection while it is open; null afterwards
  bool kind_written_;
  vom::TypeEncoder encoder_;
  vom::TypeDecoder decoder_;
  Error failure_;
  std::atomic<std::size_t> unfinished_bytes_ = 0;
  TypeWaiters waiters_;
};

}  // namespace nb::rpc
