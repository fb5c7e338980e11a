// Flow control as docs/spec/flow-protocol.md 8 tells it, in the simplest way that there is: the tokens of one end,
// moved by the messages that it says and gets. Tests hold connections against it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <stdexcept>

#include "flow/message.h"

namespace nb::flow::testing {

// What is believed about connections; a belief that fails ends the test, or the run of a fuzzer.
inline void expect(bool holds, const char* belief) {
  if (!holds) throw std::logic_error(belief);
}

// 8.1 to 8.4: what an end may send. A flow is known while it is open on the wire.
class TokenModel {
 public:
  explicit TokenModel(std::uint64_t pool) : pool_(pool), shared_(pool) {}

  void says_open(FlowId id, std::uint64_t n) {
    expect(flows_.emplace(id, Flow{0, 0, true}).second, "a flow is opened once");
    says_data(id, n);
  }
  void says_data(FlowId id, std::uint64_t n) {
    const auto at = flows_.find(id);
    // The Close of a flow that was closed here a moment ago.
    if (at == flows_.end()) return expect(n == 0, "nothing is sent on a flow after its end");
    Flow& flow = at->second;
    expect(n <= window(id), "nobody sends more than its tokens allow");
    (flow.borrowing ? shared_ : flow.released) -= n;
    if (flow.borrowing) flow.borrowed += n;
  }
  // Also when the end closes the flow without having told the peer yet.
  void closes(FlowId id) {
    const auto at = flows_.find(id);
    if (at == flows_.end()) return;
    if (at->second.borrowed > 0) outstanding_[id] += at->second.borrowed;
    flows_.erase(at);
  }

  void gets_open(FlowId id, std::uint64_t counters) { flows_[id] = {counters, 0, false}; }
  void gets_data(FlowId id, bool close) {
    const auto at = flows_.find(id);
    if (at == flows_.end()) {
      shared_ += outstanding_[id];
      outstanding_.erase(id);
    } else if (close) {
      shared_ += at->second.borrowed;
      flows_.erase(at);
    }
  }
  void gets_release(FlowId id, std::uint64_t tokens) {
    const auto at = flows_.find(id);
    if (at == flows_.end()) {
      const auto owed = outstanding_.find(id);
      if (owed == outstanding_.end()) return;
      const std::uint64_t n = std::min(tokens, owed->second);
      shared_ += n;
      if ((owed->second -= n) == 0) outstanding_.erase(owed);
      return;
    }
    Flow& flow = at->second;
    flow.borrowing = false;
    const std::uint64_t n = std::min(tokens, flow.borrowed);
    flow.borrowed -= n;
    shared_ += n;
    flow.released += tokens - n;
  }

  // How much may be sent on the flow now.
  std::uint64_t window(FlowId id) const {
    const auto at = flows_.find(id);
    if (at == flows_.end()) return 0;
    return at->second.borrowing ? shared_ : at->second.released;
  }
  bool is_open(FlowId id) const { return flows_.contains(id); }
  bool is_borrowing(FlowId id) const { return is_open(id) && flows_.at(id).borrowing; }
  std::uint64_t pool() const { return pool_; }
  std::uint64_t shared() const { return shared_; }
  std::uint64_t outstanding() const {
    std::uint64_t sum = 0;
    for (const auto& [id, tokens] : outstanding_) sum += tokens;
    return sum;
  }
  void check_sum() const {
    std::uint64_t sum = shared_ + outstanding();
    for (const auto& [id, flow] : flows_) sum += flow.borrowed;
    expect(sum == pool_, "shared, borrowed and outstanding tokens are the pool");
  }

 private:
  struct Flow {
    std::uint64_t released = 0;
    std::uint64_t borrowed = 0;
    bool borrowing = false;
  };

  std::uint64_t pool_;
  std::uint64_t shared_;
  std::map<FlowId, Flow> flows_;
  std::map<FlowId, std::uint64_t> outstanding_;
};

// 8.5: what an end takes in, and what it may grant for it.
class GrantModel {
 public:
  explicit GrantModel(std::uint64_t window) : window_(window) {}

  void opened(FlowId id, bool by_peer) { flows_[id].limit = by_peer ? window_ : 0; }
  void gets(FlowId id, std::uint64_t n) {
    Flow& flow = flows_[id];
    flow.received += n;
    expect(flow.received - flow.consumed <= window_, "nobody is sent more than its window");
  }
  void consumes(FlowId id, std::uint64_t n) {
    flows_[id].consumed += n;
    flows_[id].limit += n;
  }
  void says_release(FlowId id, std::uint64_t tokens) {
    expect(tokens > 0, "no Release carries zero tokens");
    const auto at = flows_.find(id);
    expect(at != flows_.end(), "tokens are granted to flows that there were");
    at->second.granted += tokens;
    expect(at->second.granted <= at->second.limit, "no more is granted than the window and what was consumed");
  }
  std::uint64_t received(FlowId id) { return flows_[id].received; }
  void forget_all() { flows_.clear(); }

 private:
  struct Flow {
    std::uint64_t received = 0;
    std::uint64_t consumed = 0;
    std::uint64_t granted = 0;
    std::uint64_t limit = 0;
  };

  std::uint64_t window_;
  std::map<FlowId, Flow> flows_;
};

}  // namespace nb::flow::testing
