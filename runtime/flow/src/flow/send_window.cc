#include "flow/send_window.h"

#include <algorithm>

namespace nb::flow {
namespace {
constexpr std::uint64_t kMost = std::uint64_t{1} << 63;
}  // namespace

std::uint64_t TokenPool::take(std::uint64_t wanted) {
  const std::uint64_t n = std::min(wanted, tokens_);
  tokens_ -= n;
  return n;
}

std::uint64_t SendWindow::take(std::uint64_t wanted) {
  if (borrowing_) {
    const std::uint64_t n = pool_->take(wanted);
    borrowed_ += n;
    return n;
  }
  const std::uint64_t n = std::min(wanted, released_);
  released_ -= n;
  return n;
}

bool SendWindow::release(std::uint64_t tokens) {
  const std::uint64_t repaid = std::min(tokens, borrowed_);
  const std::uint64_t granted = tokens - repaid;
  if (granted > kMost - std::min(released_, kMost)) return false;
  borrowing_ = false;
  borrowed_ -= repaid;
  pool_->give_back(repaid);
  released_ += granted;
  return true;
}

void SendWindow::repay_all() {
  pool_->give_back(borrowed_);
  borrowed_ = 0;
}

void OutstandingTokens::record(FlowId id, std::uint64_t tokens) {
  if (tokens == 0) return;
  tokens_[id] += tokens;
  total_ += tokens;
}

std::uint64_t OutstandingTokens::release(FlowId id, std::uint64_t tokens) {
  const auto found = tokens_.find(id);
  if (found == tokens_.end()) return 0;
  const std::uint64_t n = std::min(tokens, found->second);
  found->second -= n;
  if (found->second == 0) tokens_.erase(found);
  total_ -= n;
  return n;
}

std::uint64_t OutstandingTokens::forget(FlowId id) { return release(id, kMost); }

}  // namespace nb::flow
