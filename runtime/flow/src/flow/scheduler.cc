#include "flow/scheduler.h"

#include <algorithm>

#include "flow/flow_state.h"

namespace nb::flow {
namespace {

// What a queued message costs besides its bytes, roughly.
constexpr std::size_t kOverhead = 64;

// OpenFlow and an empty Close go without tokens.
bool needs_tokens(const FlowState& flow) { return flow.is_on_wire && !flow.queue.empty(); }

bool has_tokens(const FlowState& flow) { return flow.send.available() >= flow.smallest_payload(); }

}  // namespace

Scheduler::Scheduler(const TokenPool& pool)
    : pool_(pool), ready_(&FlowState::sending), wait_for_pool_(&FlowState::sending) {}

void Scheduler::express(Bytes message) {
  express_bytes_ += message.size() + kOverhead;
  express_.push_back(std::move(message));
}

std::optional<Bytes> Scheduler::next_express() {
  if (express_.empty()) return std::nullopt;
  Bytes message = std::move(express_.front());
  express_.pop_front();
  express_bytes_ -= message.size() + kOverhead;
  return message;
}

void Scheduler::schedule(FlowState& flow) {
  FlowList* place = nullptr;
  if (flow.has_something_to_send()) {
    if (!needs_tokens(flow) || has_tokens(flow)) {
      place = &ready_;
    } else if (flow.send.is_borrowing()) {
      place = &wait_for_pool_;
    }
  }
  // Who waits for the pool keeps the place while the pool fills: that list is looked at first.
  if (flow.sending.list == place ||
      (place == &ready_ && flow.sending.list == &wait_for_pool_ && flow.send.is_borrowing() && needs_tokens(flow))) {
    return;
  }
  forget(flow);
  if (place != nullptr) place->push_back(flow);
}

void Scheduler::forget(FlowState& flow) {
  if (flow.sending.list != nullptr) flow.sending.list->remove(flow);
}

FlowState* Scheduler::next_flow() {
  if (pool_serves_first()) return wait_for_pool_.pop_front();
  while (FlowState* const flow = ready_.pop_front()) {
    if (!needs_tokens(*flow) || has_tokens(*flow)) return flow;
    schedule(*flow);  // others have emptied the pool in the meantime
  }
  return nullptr;
}

bool Scheduler::has_flow() const { return !ready_.empty() || pool_serves_first(); }

bool Scheduler::pool_serves_first() const {
  return !wait_for_pool_.empty() &&
         pool_.available() >= std::max<std::uint64_t>(1, wait_for_pool_.front()->smallest_payload());
}

}  // namespace nb::flow
