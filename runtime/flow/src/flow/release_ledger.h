// When the peer is granted new tokens, and which Release messages say so (docs/spec/flow-protocol.md 8.5, 8.6).
//
// Grants are gathered: they leave when the bytes missing in the peer's pool exceed an eighth of it, or the consumed
// bytes of one flow a quarter of its window, or too many closed flows wait. Then all flows that have something to be
// granted are served at once. Only flows that received or consumed something are looked at.
//
// Bytes missing in the pool count from their arrival, not from their consumption: a reader that stops holds up its own
// flow and not the pool that other flows need.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "flow/flow_list.h"
#include "flow/message.h"

namespace nb::flow {

class ReleaseLedger {
 public:
  // `window`: W, and what this end advertised as shared tokens. `pool`: the tokens that the peer can borrow at most.
  ReleaseLedger(std::uint64_t window, std::uint64_t pool, std::uint64_t mtu, std::size_t max_closed);

  // The flow's window has taken in n bytes. False: the peer borrows more than its pool can have.
  [[nodiscard]] bool received(FlowState& flow, std::uint64_t n);
  // The flow's window has changed by consumption.
  void consumed(FlowState& flow);
  // The peer closed the flow: what it borrowed is to be handed back.
  void closed_by_peer(FlowState& flow);
  // This end closes the flow: the peer takes back what it borrowed when it sees that.
  void closed_here(FlowState& flow);

  bool is_due() const;
  // All grants, cut into messages of legal size. They count as sent.
  std::vector<Release> take();
  // The grant of one flow, out of turn; empty when there is nothing to grant.
  Release take(FlowState& flow);

 private:
  void touch(FlowState& flow);
  void leave(FlowState& flow);

  std::uint64_t window_;
  std::uint64_t pool_;
  std::size_t counters_per_message_;
  std::size_t max_closed_;
  std::uint64_t unreturned_ = 0;  // by flows in the table and closed ones
  std::uint64_t borrowed_ = 0;    // the part of it that the peer cannot have got back in another way
  bool a_flow_is_due_ = false;
  std::vector<Counter> closed_;
  FlowList touched_;
};

}  // namespace nb::flow
