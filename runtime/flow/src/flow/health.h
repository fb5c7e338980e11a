// When to ask the peer whether it still lives, and when to give it up (docs/spec/flow-protocol.md 10.2).
//
// T is the smallest of the timeouts that connection and flows ask for. A request leaves T/2 after the start or the last
// response; T after it the connection is given up. Other traffic does not count.
#pragma once

#include <cstdint>
#include <optional>
#include <set>

#include "flow/time.h"

namespace nb::flow {

class HealthMonitor {
 public:
  enum class Action : std::uint8_t { kNothing, kSendRequest, kGiveUp };

  // Zero: no checks but those that flows ask for. `rtt` is what the handshake measured.
  HealthMonitor(Duration timeout, Duration rtt, TimePoint now);

  // A flow's own timeout, while the flow is open; never zero. It can only pull the next times closer.
  void add(Duration timeout, TimePoint now);
  void remove(Duration timeout);

  Action advance(TimePoint now);
  // Ignored when nothing was asked.
  void response(TimePoint now);

  std::optional<TimePoint> next_deadline() const;
  Duration rtt(TimePoint now) const;  // at least the age of the unanswered request

 private:
  void restart(TimePoint now);

  std::multiset<Duration> timeouts_;
  std::optional<TimePoint> ask_at_;  // none while a request is unanswered
  std::optional<TimePoint> give_up_at_;
  std::optional<TimePoint> asked_at_;
  Duration rtt_;
};

}  // namespace nb::flow
