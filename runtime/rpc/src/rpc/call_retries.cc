#include "rpc/call_retries.h"

#include <algorithm>
#include <string>

#include <nb/base/verror.h>

#include "rpc/backoff.h"

namespace nb::rpc {

namespace {

constexpr std::chrono::minutes kConnectTimeout(1);
constexpr std::chrono::nanoseconds kNothing(0);

Clock::Steady after(Clock::Steady now, std::chrono::nanoseconds timeout) {
  const auto ticks = std::chrono::duration_cast<Clock::Steady::duration>(timeout);
  return ticks > Clock::Steady::max() - now ? Clock::Steady::max() : now + ticks;
}

Error contradiction(const std::string& what) { return verror::BadArg("call options: " + what); }

}  // namespace

Result<void> check_options(const CallOptions& options) {
  const auto connection_timeout = options.connection_timeout();
  const auto retry_timeout = options.retry_timeout();
  if (connection_timeout && *connection_timeout < kNothing) return contradiction("connection_timeout() is below zero");
  if (retry_timeout && *retry_timeout < kNothing) return contradiction("retry_timeout() is below zero");
  if (options.channel_timeout() < kNothing) return contradiction("channel_timeout() is below zero");
  if (retry_timeout && *retry_timeout > kNothing) {
    if (!options.retries()) return contradiction("no_retry() forbids what retry_timeout() asks for");
    if (connection_timeout == kNothing) {
      return contradiction("connection_timeout(0) forbids what retry_timeout() asks for");
    }
  }
  if (const auto& policy = options.policy(); policy != nullptr) {
    if (policy->longest_delay <= kNothing) return contradiction("the policy's longest_delay is not above zero");
    if (policy->reserve < kNothing) return contradiction("the policy's reserve is below zero");
  }
  return {};
}

const ClientPolicy& policy_of(const CallOptions& options) {
  static const ClientPolicy today;
  return options.policy() == nullptr ? today : *options.policy();
}

const Error& rather_than_timeout(const Error& latest, const Error& before) {
  return before && verror::Timeout.matches(latest) ? before : latest;
}

CallRetries::CallRetries(const CallOptions& options, std::optional<Clock::Steady> context_deadline, Clock::Steady now)
    : policy_(policy_of(options)), retries_(options.retries()) {
  if (const auto timeout = options.retry_timeout()) {
    bounds_dials_ = false;
    deadline_ = after(now, *timeout);
    if (*timeout == kNothing) retries_ = false;
    return;
  }
  const auto timeout = options.connection_timeout();
  if (timeout == kNothing) retries_ = false;
  deadline_ = context_deadline.value_or(timeout ? Clock::Steady::max() : after(now, kConnectTimeout));
  if (timeout) deadline_ = std::min(deadline_, after(now, *timeout));
}

std::optional<Clock::Steady> CallRetries::dial_deadline() const {
  if (!bounds_dials_) return std::nullopt;
  return deadline_;
}

bool CallRetries::may_connect_again(RetryAction action, Clock::Steady now) const {
  return retries_ && (action == RetryConnection || action == RetryRefetch) && now <= deadline_;
}

std::optional<std::chrono::nanoseconds> CallRetries::connect_delay(Clock::Steady now, const Random& random) {
  const auto delay = backoff(connects_, deadline_ - now, policy_, random);
  if (delay) ++connects_;
  return delay;
}

bool CallRetries::may_call_again(RetryAction action, Clock::Steady now) const {
  return retries_ && action == RetryBackoff && now <= deadline_;
}

std::optional<std::chrono::nanoseconds> CallRetries::call_delay(Clock::Steady now, const Random& random) {
  const auto delay = backoff(calls_, deadline_ - now, policy_, random);
  if (!delay) return delay;
  ++calls_;
  connects_ = 0;
  return delay;
}

}  // namespace nb::rpc
