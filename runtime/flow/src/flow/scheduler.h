// Whose turn it is to write (docs/spec/flow-protocol.md 9): express messages first, in order; then the flows, each one
// message a turn, the one that waited longest first.
//
// A flow without tokens of its own waits elsewhere until a Release comes for it. A flow that borrows and finds the pool
// empty waits here, in order, and has its turn before the others as soon as the pool has tokens; so nobody is woken for
// nothing, nobody is forgotten, and nobody who borrows starves.
#pragma once

#include <cstddef>
#include <optional>

#include <nb/base/bytes.h>

#include "flow/fifo.h"
#include "flow/flow_list.h"
#include "flow/send_window.h"

namespace nb::flow {

class Scheduler {
 public:
  explicit Scheduler(const TokenPool& pool);

  // Express class: an encoded message.
  void express(Bytes message);
  std::optional<Bytes> next_express();
  bool has_express() const { return !express_.empty(); }
  std::size_t express_bytes() const { return express_bytes_; }

  // The flow has something to send, or got tokens. Puts it where it belongs; nothing changes if it stands there
  // already.
  void schedule(FlowState& flow);
  // The flow has nothing to send any more, or goes away.
  void forget(FlowState& flow);
  // The next flow that can send, taken out; schedule() it again if there is more to send.
  FlowState* next_flow();
  bool has_flow() const;

 private:
  bool pool_serves_first() const;  // of those who wait for it

  const TokenPool& pool_;
  Fifo<Bytes> express_;
  std::size_t express_bytes_ = 0;
  FlowList ready_;
  FlowList wait_for_pool_;
};

}  // namespace nb::flow
