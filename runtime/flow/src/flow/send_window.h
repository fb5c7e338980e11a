// How much one end may send on a flow (docs/spec/flow-protocol.md 8.1 to 8.4). One token is one payload byte.
//
// The opener of a flow begins by borrowing from the connection's pool, since nothing was granted yet. The first Release
// ends that for good: it repays what was borrowed and leaves the rest as the flow's own.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "flow/event.h"

namespace nb::flow {

// The tokens that the flows opened at this end share.
class TokenPool {
 public:
  explicit TokenPool(std::uint64_t tokens) : tokens_(tokens) {}

  std::uint64_t available() const { return tokens_; }
  std::uint64_t take(std::uint64_t wanted);  // as much of it as there is
  void give_back(std::uint64_t tokens) { tokens_ += tokens; }

 private:
  std::uint64_t tokens_;
};

class SendWindow {
 public:
  // Of a flow opened at this end. The pool outlives the window.
  static SendWindow borrowing_from(TokenPool& pool) { return SendWindow(pool, 0, true); }
  // Of a flow that the peer opened, with its InitialCounters.
  static SendWindow granted(TokenPool& pool, std::uint64_t tokens) { return SendWindow(pool, tokens, false); }

  std::uint64_t available() const { return borrowing_ ? pool_->available() : released_; }
  std::uint64_t take(std::uint64_t wanted);  // as much of it as may be sent now
  // A Release for this flow. False: the peer grants more than 2^63 bytes, nothing was changed.
  [[nodiscard]] bool release(std::uint64_t tokens);

  bool is_borrowing() const { return borrowing_; }
  std::uint64_t borrowed() const { return borrowed_; }
  // The peer closed the flow: what it borrowed is the pool's again.
  void repay_all();

 private:
  SendWindow(TokenPool& pool, std::uint64_t released, bool borrowing)
      : pool_(&pool), released_(released), borrowing_(borrowing) {}

  TokenPool* pool_;
  std::uint64_t released_;
  std::uint64_t borrowed_ = 0;
  bool borrowing_;
};

// What flows closed at this end still owe the pool, until the peer hands it back.
class OutstandingTokens {
 public:
  void record(FlowId id, std::uint64_t tokens);
  // A Release for a flow that is not open: how much of it the pool gets.
  std::uint64_t release(FlowId id, std::uint64_t tokens);
  // Data for a flow that is not open: the peer gives back everything.
  std::uint64_t forget(FlowId id);
  std::uint64_t total() const { return total_; }

 private:
  std::unordered_map<FlowId, std::uint64_t> tokens_;  // ids of this end's choice
  std::uint64_t total_ = 0;
};

}  // namespace nb::flow
