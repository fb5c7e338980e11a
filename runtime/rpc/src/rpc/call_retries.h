// CallRetries: whether a call may be tried again, and when (docs/spec/rpc.md 4.11). There are two loops: connecting to
// one of a name's servers, after which the request is sent once; and the whole call, which is repeated only when the
// server itself has asked for that. Both end at one deadline, which is found out once.
//
// A plain value without a clock of its own. Not safe from several threads.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include <nb/base/clock.h>
#include <nb/base/error.h>
#include <nb/base/result.h>
#include <nb/rpc/call_options.h>

namespace nb::rpc {

// BadArg that names them when options contradict each other, or say what cannot be.
Result<void> check_options(const CallOptions& options);

// The policy of the options, or today's.
const ClientPolicy& policy_of(const CallOptions& options);

// The error with which a call ends that was tried several times: a time-out says less than why the try before it had
// failed (`before`, if there was one), of which it is only the consequence.
const Error& rather_than_timeout(const Error& latest, const Error& before);

class CallRetries {
 public:
  CallRetries() = default;
  CallRetries(const CallOptions& options, std::optional<Clock::Steady> context_deadline, Clock::Steady now);

  // No retry begins after it.
  Clock::Steady deadline() const { return deadline_; }
  // What one dial may take; none: as long as the context lives, and the connections' own limits allow.
  std::optional<Clock::Steady> dial_deadline() const;

  using Random = std::function<void(std::span<std::uint8_t>)>;
  // After a failure to connect: whether that may be tried again, and after how long; nothing: too late for that.
  bool may_connect_again(RetryAction action, Clock::Steady now) const;
  std::optional<std::chrono::nanoseconds> connect_delay(Clock::Steady now, const Random& random);
  // After an answer of the server: the same for the whole call.
  bool may_call_again(RetryAction action, Clock::Steady now) const;
  std::optional<std::chrono::nanoseconds> call_delay(Clock::Steady now, const Random& random);

 private:
  ClientPolicy policy_;
  bool retries_ = true;
  bool bounds_dials_ = true;
  Clock::Steady deadline_;
  std::uint32_t connects_ = 0;  // retries so far, since the call was begun or repeated
  std::uint32_t calls_ = 0;
};

}  // namespace nb::rpc
