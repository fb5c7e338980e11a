#include "rpc/running_calls.h"

#include "rpc/running_call.h"

namespace nb::rpc {

void RunningCalls::add(RunningCall& call) {
  const std::lock_guard lock(mutex_);
  RunningCallLinks& links = call.links();
  links.is_listed = true;
  links.next = first_;
  if (first_ != nullptr) first_->links().previous = &call;
  first_ = &call;
}

void RunningCalls::remove(RunningCall& call) {
  const std::lock_guard lock(mutex_);
  RunningCallLinks& links = call.links();
  if (!links.is_listed) return;
  (links.previous == nullptr ? first_ : links.previous->links().next) = links.next;
  if (links.next != nullptr) links.next->links().previous = links.previous;
  links = RunningCallLinks();
}

std::vector<std::shared_ptr<RunningCall>> RunningCalls::all() const {
  std::vector<std::shared_ptr<RunningCall>> calls;
  const std::lock_guard lock(mutex_);
  for (RunningCall* call = first_; call != nullptr; call = call->links().next) {
    // Null: it has ended and goes at this moment.
    if (auto owned = call->weak_from_this().lock()) calls.push_back(std::move(owned));
  }
  return calls;
}

}  // namespace nb::rpc
