// ValueFlow: a data flow as a stream of values both ways, over the type tables of its connection. What client and
// server machines have in common. Does no I/O but through conn::Flow; belongs to the connection's executor.
//
// Received bytes are given back to flow control when a value has been taken, or when somebody wants a value that is not
// complete yet. So a reader that stops reading stops its peer.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include <nb/rpc/value_ops.h>
#include <nb/vom/decoder.h>
#include <nb/vom/encoder.h>

#include "conn/connection.h"
#include "rpc/type_channel.h"

namespace nb::rpc {

class ValueFlow {
 public:
  // `types` may come later (set_types), before the first value is looked at or added.
  ValueFlow(std::shared_ptr<conn::Flow> flow, std::shared_ptr<TypeChannel> types);
  ~ValueFlow();
  ValueFlow(const ValueFlow&) = delete;
  ValueFlow& operator=(const ValueFlow&) = delete;

  conn::Flow& flow() const { return *flow_; }
  bool has_types() const { return types_ != nullptr; }
  void set_types(std::shared_ptr<TypeChannel> types);

  // Receiving.
  void feed(BytesView bytes);
  void close_input() { input_closed_ = true; }  // nothing more will come
  enum class Have {
    kValue,    // read or skip it now
    kNothing,  // not yet: look again after feed(), after close_input(), or when `waiter` is told of types
    kEnd,      // input was closed, at the end of a value or within one
    kError,    // not VOM, or the type channel has failed: failure() says
  };
  Have look(const std::weak_ptr<TypeWaiter>& waiter);
  Result<void> read(const SlotRef& slot);
  template <class T>
  Result<void> read(T& value) {
    return read(SlotRef{&kValueOps<T>, &value});
  }
  Result<void> skip();
  const Error& failure() const { return failure_; }
  bool ended_inside_value() const { return decoder_ && decoder_->unread() > 0; }
  void credit_all();                  // gives back all that was received
  std::size_t taken() const;          // bytes of all values that were read or skipped
  void pass_over(std::size_t bytes);  // received and of no interest any more

  // Sending: values gather until flush() writes them in one go, their types before them.
  void add_raw(std::uint8_t byte);  // before the first value
  Result<void> add(const ValueRef& value);
  template <class T>
  Result<void> add(const T& value) {
    return add(ValueRef{&kValueOps<T>, &value});
  }
  void discard();  // what was added since the last flush
  std::size_t unsent() const { return prefix_.size() + encoder_->output().size(); }  // its bytes
  void flush(bool close);
  // Writes an item of a stream. True: so little has been written since drained() that its sender may go on at once, and
  // what it sends next leaves together with this. False: it waits for drained().
  bool flush_item();
  void drained() { ahead_ = 0; }  // the flow said so

 private:
  void credit_taken();
  // Notes how much is held for the value that is coming; false when the flows of the connection hold too much together.
  bool hold(std::size_t bytes);

  const std::shared_ptr<conn::Flow> flow_;  // shared with the connection, which has it while it is open
  std::shared_ptr<TypeChannel> types_;      // shared by all calls of the connection
  std::optional<vom::Encoder> encoder_;     // made with types_, on which both lean
  std::optional<vom::Decoder> decoder_;
  Bytes prefix_;
  Bytes early_;  // received before there were types
  std::size_t received_ = 0;
  std::size_t credited_ = 0;
  std::size_t held_ = 0;
  std::size_t ahead_ = 0;  // bytes of items since drained()
  bool input_closed_ = false;
  Error failure_;
};

}  // namespace nb::rpc
