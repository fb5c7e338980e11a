// Clock: where time comes from. The runtime asks its clock and never the system's directly, so that a test may move
// time by hand. Safe from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace nb {

class Clock {
 public:
  using Steady = std::chrono::steady_clock::time_point;
  using Wall = std::chrono::system_clock::time_point;

  virtual ~Clock() = default;
  virtual Steady now() const = 0;     // for deadlines and durations
  virtual Wall wall_now() const = 0;  // for times that people or other machines read

  // A clock that is moved by hand calls `callback` after each move, on the thread that moved it, until the returned
  // token is dropped. A clock that runs by itself gives null: wait for its times in the ordinary way.
  virtual std::shared_ptr<void> when_moved(std::function<void()> callback) {
    (void)callback;
    return nullptr;
  }
};

// The clock of the system.
std::shared_ptr<Clock> system_clock();

// Stands still until a test moves it.
class HandClock final : public Clock {
 public:
  explicit HandClock(Wall start = Wall(std::chrono::hours(24 * 365 * 50)));

  Steady now() const override;
  Wall wall_now() const override;
  std::shared_ptr<void> when_moved(std::function<void()> callback) override;

  void advance(std::chrono::nanoseconds by);

 private:
  using Callback = std::shared_ptr<std::function<void()>>;

  const Wall start_;
  mutable std::mutex mutex_;
  std::chrono::nanoseconds elapsed_{0};
  // Weak: the tokens own the callbacks.
  std::map<std::uint64_t, std::weak_ptr<std::function<void()>>> observers_;
  std::uint64_t next_observer_ = 0;
};

}  // namespace nb
