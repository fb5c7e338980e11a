#include "conn/pending_dial.h"

#include <utility>

#include <nb/base/verror.h>

namespace nb::conn {
namespace {

// On the loop, or here when it has stopped: a promised callback is not lost.
void call_on(Loop& loop, const DialDone& done, const Error& error) {
  if (!loop.post([done, error] { done(error); })) done(error);
}

}  // namespace

bool PendingDial::add(const Wish& wish) {
  std::uint64_t id = 0;
  {
    std::lock_guard lock(mutex_);
    if (is_over_) return false;
    id = next_id_++;
    waiting_.emplace(id, Waiting{{wish, std::nullopt}, {}, TimerId::kNone});
  }
  if (wish.options.deadline) leave_at(id, *wish.options.deadline);
  if (!wish.context.is_initialized()) return true;
  // Outside the lock: the context may have ended, and then calls back at once.
  auto registration = wish.context.on_end([weak = weak_from_this(), id](const Error& why) {
    if (auto self = weak.lock()) self->leave(id, why);
  });
  std::lock_guard lock(mutex_);
  if (const auto it = waiting_.find(id); it != waiting_.end()) it->second.registration = std::move(registration);
  return true;
}

void PendingDial::leave_at(std::uint64_t id, Clock::Steady deadline) {
  const TimerId timer = loop_->call_at(deadline, [weak = weak_from_this(), id] {
    if (auto self = weak.lock()) self->leave(id, verror::Timeout("no connection before the deadline"));
  });
  std::lock_guard lock(mutex_);
  if (const auto it = waiting_.find(id); it != waiting_.end()) {
    it->second.timer = timer;
  } else {
    loop_->forget(timer);
  }
}

void PendingDial::leave(std::uint64_t id, const Error& why) {
  const auto is_last = send_away(id, [&why](const Wish& wish) {
    return why.with_message(std::string(why.message()) + ": dialing " + naming::to_string(wish.endpoint));
  });
  if (is_last.value_or(false)) abandoned_(*this);
}

std::optional<bool> PendingDial::send_away(std::uint64_t id, const std::function<Error(const Wish&)>& why) {
  std::optional<Waiting> leaver;
  bool is_last = false;
  {
    std::lock_guard lock(mutex_);
    auto node = waiting_.extract(id);
    if (node.empty()) return std::nullopt;
    leaver = std::move(node.mapped());
    is_last = waiting_.empty() && !is_over_;
    if (is_last) is_over_ = true;
  }
  loop_->forget(leaver->timer);
  const Wish& wish = leaver->waiter.wish;
  call_on(*loop_, wish.done, why(wish));
  return is_last;
}

Result<void> PendingDial::judge(const Judge& judge) {
  std::vector<std::pair<std::uint64_t, Wish>> wishes;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [id, waiting] : waiting_) wishes.emplace_back(id, waiting.waiter.wish);
  }
  for (const auto& [id, wish] : wishes) {
    auto verdict = judge(wish);
    if (!verdict) continue;
    if (!*verdict) {
      const Error why = verdict->error();
      if (send_away(id, [&why](const Wish&) { return why; }).value_or(false)) return why;
      continue;
    }
    std::lock_guard lock(mutex_);
    if (const auto it = waiting_.find(id); it != waiting_.end()) it->second.waiter.verdict = **std::move(verdict);
  }
  return {};
}

void PendingDial::forget_verdicts() {
  std::lock_guard lock(mutex_);
  for (auto& [id, waiting] : waiting_) waiting.waiter.verdict.reset();
}

std::vector<PendingDial::Waiter> PendingDial::take(const std::function<bool(const Wish&)>& meant) {
  std::map<std::uint64_t, Waiting> leavers;
  {
    std::lock_guard lock(mutex_);
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      const auto here = it++;
      if (meant(here->second.waiter.wish)) leavers.insert(waiting_.extract(here));
    }
    is_over_ = is_over_ || waiting_.empty();
  }
  return let_go(std::move(leavers));
}

std::vector<PendingDial::Waiter> PendingDial::take_all() {
  std::map<std::uint64_t, Waiting> leavers;
  {
    std::lock_guard lock(mutex_);
    is_over_ = true;
    leavers.swap(waiting_);
  }
  return let_go(std::move(leavers));
}

// Without the lock: dropping a registration waits for a callback that may want it.
std::vector<PendingDial::Waiter> PendingDial::let_go(std::map<std::uint64_t, Waiting> leavers) const {
  std::vector<Waiter> waiters;
  waiters.reserve(leavers.size());
  for (auto& [id, one] : leavers) {
    one.registration.reset();
    loop_->forget(one.timer);
    waiters.push_back(std::move(one.waiter));
  }
  return waiters;
}

void PendingDial::fail(const Error& why) {
  for (const Waiter& waiter : take_all()) call_on(*loop_, waiter.wish.done, why);
}

bool PendingDial::is_over() const {
  std::lock_guard lock(mutex_);
  return is_over_;
}

}  // namespace nb::conn
