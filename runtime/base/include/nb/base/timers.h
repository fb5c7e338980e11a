// Timers: callbacks at points of a clock's time. A runtime has one for the deadlines of its contexts; tests use a
// TimerQueue on a HandClock, whose callbacks run on the thread that moves the clock. Safe from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <nb/base/clock.h>

namespace nb {

enum class TimerId : std::uint64_t { kNone = 0 };

class Timers {
 public:
  virtual ~Timers() = default;
  virtual const std::shared_ptr<Clock>& clock() const = 0;
  // Calls back once when `when` has come (never inside call_at). The callback must be short and must not block.
  virtual TimerId call_at(Clock::Steady when, std::function<void()> callback) = 0;
  // The callback is forgotten; it may be running at this moment. Unknown ids are fine.
  virtual void forget(TimerId timer) = 0;
};

// The list of what waits, and nothing that waits: somebody asks it to run what is due. On a clock moved by hand that
// is the mover; on the system's clock it is the owner, who asks next() and is told when that grew earlier.
class TimerQueue : public Timers {
 public:
  // `on_earlier` is called, without a lock, when the earliest time has become earlier.
  explicit TimerQueue(std::shared_ptr<Clock> clock, std::function<void()> on_earlier = {});

  const std::shared_ptr<Clock>& clock() const override { return clock_; }
  TimerId call_at(Clock::Steady when, std::function<void()> callback) override;
  void forget(TimerId timer) override;

  std::optional<Clock::Steady> next() const;
  void run_due();  // runs what is due by now, earliest first
  void clear();    // drops everything unrun
  std::size_t size() const;

 private:
  using Key = std::pair<Clock::Steady, std::uint64_t>;

  const std::shared_ptr<Clock> clock_;  // shared with the runtime and the program that made it
  const std::function<void()> on_earlier_;
  mutable std::mutex mutex_;
  std::uint64_t last_id_ = 0;
  std::map<Key, std::function<void()>> waiting_;
  std::map<std::uint64_t, Clock::Steady> times_;
  std::shared_ptr<void> moved_;  // token of a clock moved by hand; last, so that it goes first
};

}  // namespace nb
