// TypeChannel: the type flow of a connection (docs/spec/rpc.md 1.1), as one of its two ends sees it.
//
// It carries type messages both ways, one VOM stream each, for all data flows that its dialer opens. Belongs to the
// connection's executor.
#pragma once

#include <memory>
#include <vector>

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

// Those who wait; each is told once.
class TypeWaiters {
 public:
  void add(const std::weak_ptr<TypeWaiter>& waiter);
  void tell();

 private:
  std::vector<std::weak_ptr<TypeWaiter>> waiting_;
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
  TypeWaiters waiters_;
};

}  // namespace nb::rpc
