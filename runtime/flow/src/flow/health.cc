#include "flow/health.h"

#include <algorithm>

namespace nb::flow {
namespace {

void pull_closer(std::optional<TimePoint>& time, TimePoint candidate) {
  time = time ? std::min(*time, candidate) : candidate;
}

}  // namespace

HealthMonitor::HealthMonitor(Duration timeout, Duration rtt, TimePoint now) : rtt_(rtt) {
  if (timeout > Duration::zero()) timeouts_.insert(timeout);
  restart(now);
}

void HealthMonitor::restart(TimePoint now) {
  asked_at_.reset();
  ask_at_.reset();
  give_up_at_.reset();
  if (timeouts_.empty()) return;
  ask_at_ = now + *timeouts_.begin() / 2;
  give_up_at_ = now + *timeouts_.begin();
}

void HealthMonitor::add(Duration timeout, TimePoint now) {
  timeouts_.insert(timeout);
  if (!asked_at_) pull_closer(ask_at_, now + timeout / 2);
  pull_closer(give_up_at_, now + timeout);
}

void HealthMonitor::remove(Duration timeout) {
  const auto found = timeouts_.find(timeout);
  if (found != timeouts_.end()) timeouts_.erase(found);
}

HealthMonitor::Action HealthMonitor::advance(TimePoint now) {
  if (give_up_at_ && now >= *give_up_at_ && asked_at_) return Action::kGiveUp;
  if (!ask_at_ || now < *ask_at_) return Action::kNothing;
  // A clock that jumped past both times gives the peer half a timeout to answer all the same.
  const Duration half = *give_up_at_ - *ask_at_;
  if (now >= *give_up_at_) give_up_at_ = now + half;
  ask_at_.reset();
  asked_at_ = now;
  return Action::kSendRequest;
}

void HealthMonitor::response(TimePoint now) {
  if (!asked_at_) return;
  rtt_ = now - *asked_at_;
  restart(now);
}

std::optional<TimePoint> HealthMonitor::next_deadline() const { return ask_at_ ? ask_at_ : give_up_at_; }

Duration HealthMonitor::rtt(TimePoint now) const { return asked_at_ ? std::max(rtt_, now - *asked_at_) : rtt_; }

}  // namespace nb::flow
