#include <nb/base/clock.h>

#include <vector>

namespace nb {
namespace {

class SystemClock final : public Clock {
 public:
  Steady now() const override { return std::chrono::steady_clock::now(); }
  Wall wall_now() const override { return std::chrono::system_clock::now(); }
};

}  // namespace

std::shared_ptr<Clock> system_clock() {
  static const std::shared_ptr<Clock> clock = std::make_shared<SystemClock>();
  return clock;
}

HandClock::HandClock(Wall start) : start_(start) {}

// An hour after the epoch of the steady clock, so that a test may subtract a little.
Clock::Steady HandClock::now() const {
  std::lock_guard lock(mutex_);
  return Steady(std::chrono::hours(1) + elapsed_);
}

Clock::Wall HandClock::wall_now() const {
  std::lock_guard lock(mutex_);
  return start_ + std::chrono::duration_cast<Wall::duration>(elapsed_);
}

std::shared_ptr<void> HandClock::when_moved(std::function<void()> callback) {
  auto owned = std::make_shared<std::function<void()>>(std::move(callback));
  std::lock_guard lock(mutex_);
  observers_[next_observer_++] = owned;
  return owned;
}

void HandClock::advance(std::chrono::nanoseconds by) {
  std::vector<Callback> told;
  {
    std::lock_guard lock(mutex_);
    elapsed_ += by;
    for (auto it = observers_.begin(); it != observers_.end();) {
      if (auto observer = it->second.lock()) {
        told.push_back(std::move(observer));
        ++it;
      } else {
        it = observers_.erase(it);
      }
    }
  }
  for (const auto& observer : told) (*observer)();
}

}  // namespace nb
