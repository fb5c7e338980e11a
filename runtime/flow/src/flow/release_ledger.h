// When the peer is granted new tokens, and which Release messages say so (docs/spec/flow-protocol.md 8.5, 8.6).
//
// Grants are gathered: they leave when the bytes missing in the peer's pool exceed an eighth of it, or the consumed
// bytes of one flow a quarter of its window, or too many closed flows wait. Then all flows that have something to be
// granted are served at once. Only flows that received or consumed something are looked at. They never keep back so
// much that a message of the MTU, which cannot be cut when it is a frame of a nested connection, would wait for what is
// left.
//
// Bytes missing in the pool count from their arrival, not from their consumption: a reader that stops holds up its own
// flow and not the pool that other flows need.
//
// What a flow that the peer has closed borrowed is handed back a moment later only: some peers say Close first and note
// what the flow owes after it, and what comes back in between is lost to them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "flow/fifo.h"
#include "flow/flow_list.h"
#include "flow/message.h"
#include "flow/time.h"

namespace nb::flow {

class ReleaseLedger {
 public:
  // `window`: W, and what this end advertised as shared tokens. `pool`: the tokens that the peer can borrow at most.
  // `closed_delay`: after the peer has closed a flow and before its tokens go back.
  ReleaseLedger(std::uint64_t window, std::uint64_t pool, std::uint64_t mtu, std::size_t max_closed,
                Duration closed_delay);

  // The flow's window has taken in n bytes. False: the peer borrows more than its pool can have.
  [[nodiscard]] bool received(FlowState& flow, std::uint64_t n);
  // The flow's window has changed by consumption.
  void consumed(FlowState& flow);
  // The peer closed the flow: what it borrowed is to be handed back.
  void closed_by_peer(FlowState& flow, TimePoint now);
  // This end closes the flow: the peer takes back what it borrowed when it sees that.
  void closed_here(FlowState& flow);

  // Time has passed; something may be due now.
  void advance(TimePoint now);
  // When advance() has something to do that matters.
  std::optional<TimePoint> next_deadline() const;

  bool is_due() const;
  // All grants, cut into messages of legal size. They count as sent.
  std::vector<Release> take();
  // The grant of one flow, out of turn; empty when there is nothing to grant.
  Release take(FlowState& flow);

  // All that is kept: bytes missing in the peer's pool, and closed flows that wait.
  std::uint64_t unreturned() const { return unreturned_; }
  std::size_t closed() const { return closed_.size() + fresh_.size(); }

 private:
  struct Closed {
    Counter counter;
    std::uint64_t unreturned = 0;
    std::uint64_t borrowed = 0;
    TimePoint ripe_at;
  };

  void touch(FlowState& flow);
  void leave(FlowState& flow);
  void ripen_first();

  std::uint64_t window_;
  std::uint64_t most_missing_;   // in the pool, before a Release is due…
  std::uint64_t most_consumed_;  // …and of one flow
  std::size_t counters_per_message_;
  std::size_t max_closed_;
  Duration closed_delay_;
  std::uint64_t unreturned_ = 0;  // by flows in the table and closed ones…
  std::uint64_t not_yet_ = 0;     // …of which so many are of those closed a moment ago
  std::uint64_t borrowed_ = 0;    // the part of it that the peer cannot have got back in another way
  bool a_flow_is_due_ = false;
  std::vector<Closed> closed_;
  Fifo<Closed> fresh_;  // a moment ago
  FlowList touched_;
};

}  // namespace nb::flow
