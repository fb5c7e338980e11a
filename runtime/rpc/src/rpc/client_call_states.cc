#include <nb/rpc/client_call.h>

namespace nb::rpc {

namespace {
// Far more results than any method has; more is a hostile or broken server.
constexpr std::size_t kMaxResults = 1024;
}  // namespace

void ResultState<void>::complete(Error error) {
  if (error) {
    PendingState::complete(std::move(error));
  } else {
    PendingState::complete(Result<void>());
  }
}

bool ResultState<AnyResults>::expects(std::size_t count) {
  if (count > kMaxResults) return false;
  results_.resize(count);
  slots_.clear();
  for (Any& result : results_) slots_.push_back(SlotRef{&kValueOps<Any>, &result});
  return true;
}

void ResultState<AnyResults>::complete(Error error) {
  if (error) {
    PendingState::complete(std::move(error));
  } else {
    PendingState::complete(std::move(results_));
  }
}

}  // namespace nb::rpc
