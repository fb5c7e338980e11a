#include "flow/release_ledger.h"

#include <algorithm>

#include "flow/flow_state.h"
#include "flow/varuint.h"

namespace nb::flow {
namespace {

// A fraction of all tokens, and not those that a whole message needs.
std::uint64_t kept_back(std::uint64_t tokens, std::uint64_t parts, std::uint64_t mtu) {
  return std::min(tokens / parts, tokens - std::min(tokens, mtu));
}

}  // namespace

ReleaseLedger::ReleaseLedger(std::uint64_t window, std::uint64_t pool, std::uint64_t mtu, std::size_t max_closed,
                             Duration closed_delay)
    : window_(window),
      most_missing_(kept_back(pool, 8, mtu)),
      most_consumed_(kept_back(window, 4, mtu)),
      counters_per_message_(std::max<std::size_t>(1, static_cast<std::size_t>(mtu) / (6 + varuint_size(window)))),
      max_closed_(max_closed),
      closed_delay_(closed_delay),
      touched_(&FlowState::granting) {}

void ReleaseLedger::touch(FlowState& flow) {
  if (flow.granting.list == nullptr) touched_.push_back(flow);
}

void ReleaseLedger::leave(FlowState& flow) {
  if (flow.granting.list != nullptr) touched_.remove(flow);
}

bool ReleaseLedger::received(FlowState& flow, std::uint64_t n) {
  if (!flow.receive.is_peer_borrowing()) return true;
  if (n > window_ - borrowed_) return false;
  unreturned_ += n;
  borrowed_ += n;
  touch(flow);
  return true;
}

void ReleaseLedger::consumed(FlowState& flow) {
  if (flow.closed_by_peer) return;  // nobody to grant it to
  touch(flow);
  if (flow.receive.consumed() > most_consumed_) a_flow_is_due_ = true;
}

void ReleaseLedger::closed_by_peer(FlowState& flow, TimePoint now) {
  leave(flow);
  Closed closed{
      {flow.id, flow.receive.grant()}, flow.receive.unreturned(), flow.receive.unreturned(), now + closed_delay_};
  if (closed.unreturned == 0) return;
  flow.receive.granted();
  if (flow.has_sent) {
    // A Data of ours that reaches a flow closed over there gives the peer its tokens back without a Release.
    borrowed_ -= closed.borrowed;
    closed.borrowed = 0;
  }
  not_yet_ += closed.unreturned;
  fresh_.push_back(closed);
  if (closed_delay_ == Duration::zero() || fresh_.size() > max_closed_) ripen_first();
}

void ReleaseLedger::ripen_first() {
  not_yet_ -= fresh_.front().unreturned;
  closed_.push_back(fresh_.front());
  fresh_.pop_front();
}

void ReleaseLedger::advance(TimePoint now) {
  while (!fresh_.empty() && fresh_.front().ripe_at <= now) ripen_first();
}

std::optional<TimePoint> ReleaseLedger::next_deadline() const {
  const bool matters = unreturned_ > most_missing_ || closed() > max_closed_;
  if (fresh_.empty() || !matters) return std::nullopt;
  return fresh_.front().ripe_at;
}

void ReleaseLedger::closed_here(FlowState& flow) {
  leave(flow);
  unreturned_ -= flow.receive.unreturned();
  borrowed_ -= flow.receive.unreturned();
  flow.receive.granted();
}

bool ReleaseLedger::is_due() const {
  return a_flow_is_due_ || unreturned_ - not_yet_ > most_missing_ || closed_.size() > max_closed_;
}

std::vector<Release> ReleaseLedger::take() {
  std::vector<Release> messages;
  const auto add = [&](Counter counter) {
    if (messages.empty() || messages.back().counters.size() == counters_per_message_) messages.emplace_back();
    messages.back().counters.push_back(counter);
  };
  for (const Closed& closed : closed_) {
    add(closed.counter);
    unreturned_ -= closed.unreturned;
    borrowed_ -= closed.borrowed;
  }
  closed_.clear();
  while (FlowState* const flow = touched_.pop_front()) {
    if (flow->receive.grant() > 0) add({flow->id, flow->receive.grant()});
    unreturned_ -= flow->receive.unreturned();
    borrowed_ -= flow->receive.unreturned();
    flow->receive.granted();
  }
  a_flow_is_due_ = false;
  return messages;
}

Release ReleaseLedger::take(FlowState& flow) {
  Release message;
  leave(flow);
  if (flow.receive.grant() > 0) message.counters.push_back({flow.id, flow.receive.grant()});
  unreturned_ -= flow.receive.unreturned();
  borrowed_ -= flow.receive.unreturned();
  flow.receive.granted();
  return message;
}

}  // namespace nb::flow
