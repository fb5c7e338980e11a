#include <nb/base/timers.h>

namespace nb {

TimerQueue::TimerQueue(std::shared_ptr<Clock> clock, std::function<void()> on_earlier)
    : clock_(std::move(clock)), on_earlier_(std::move(on_earlier)) {
  moved_ = clock_->when_moved([this] { run_due(); });
}

TimerId TimerQueue::call_at(Clock::Steady when, std::function<void()> callback) {
  bool earlier = false;
  std::uint64_t id = 0;
  {
    const std::lock_guard lock(mutex_);
    id = ++last_id_;
    earlier = waiting_.empty() || when < waiting_.begin()->first.first;
    waiting_.emplace(Key(when, id), std::move(callback));
    times_.emplace(id, when);
  }
  if (earlier && on_earlier_) on_earlier_();
  return static_cast<TimerId>(id);
}

void TimerQueue::forget(TimerId timer) {
  std::function<void()> dropped;  // destroyed after the lock is released: what it owns may call us
  const std::lock_guard lock(mutex_);
  const auto time = times_.find(static_cast<std::uint64_t>(timer));
  if (time == times_.end()) return;
  const auto entry = waiting_.find(Key(time->second, time->first));
  dropped = std::move(entry->second);
  waiting_.erase(entry);
  times_.erase(time);
}

std::optional<Clock::Steady> TimerQueue::next() const {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return std::nullopt;
  return waiting_.begin()->first.first;
}

void TimerQueue::run_due() {
  while (true) {
    std::function<void()> callback;
    {
      const auto now = clock_->now();
      const std::lock_guard lock(mutex_);
      if (waiting_.empty() || waiting_.begin()->first.first > now) return;
      const auto entry = waiting_.begin();
      callback = std::move(entry->second);
      times_.erase(entry->first.second);
      waiting_.erase(entry);
    }
    callback();
  }
}

void TimerQueue::clear() {
  std::map<Key, std::function<void()>> dropped;
  const std::lock_guard lock(mutex_);
  dropped.swap(waiting_);
  times_.clear();
}

std::size_t TimerQueue::size() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

}  // namespace nb
