#include "conn/pending_dial.h"

#include <utility>

#include <nb/base/verror.h>

#include "transport/errors.h"

namespace nb::conn {
namespace {

// On the loop, or here when it has stopped: a promised callback is not lost.
void call_on(Loop& loop, const PendingDial::Done& done, const Error& error) {
  if (!loop.post([done, error] { done(error); })) done(error);
}

// The endpoint's server has been replaced by another one at the same address, or stands behind a proxy.
Error wrong_routing_id(const naming::Endpoint& wanted, const naming::RoutingId& found) {
  return transport::dial_failed("dialing " + naming::to_string(wanted) + ": the server there has the routing id " +
                                naming::to_string(found));
}

}  // namespace

bool PendingDial::add(const naming::Endpoint& endpoint, const Context& context, std::optional<Clock::Steady> deadline,
                      Done done) {
  std::uint64_t id = 0;
  {
    std::lock_guard lock(mutex_);
    if (is_over_) return false;
    id = next_id_++;
    waiters_.emplace(id, Waiter{endpoint, std::move(done), {}, TimerId::kNone});
  }
  if (deadline) leave_at(id, *deadline);
  if (!context.is_initialized()) return true;
  // Outside the lock: the context may have ended, and then calls back at once.
  auto registration = context.on_end([weak = weak_from_this(), id](const Error& why) {
    if (auto self = weak.lock()) self->leave(id, why);
  });
  std::lock_guard lock(mutex_);
  if (const auto it = waiters_.find(id); it != waiters_.end()) it->second.registration = std::move(registration);
  return true;
}

void PendingDial::leave_at(std::uint64_t id, Clock::Steady deadline) {
  const TimerId timer = loop_->call_at(deadline, [weak = weak_from_this(), id] {
    if (auto self = weak.lock()) self->leave(id, verror::Timeout("no connection before the deadline"));
  });
  std::lock_guard lock(mutex_);
  if (const auto it = waiters_.find(id); it != waiters_.end()) {
    it->second.timer = timer;
  } else {
    loop_->forget(timer);
  }
}

void PendingDial::leave(std::uint64_t id, const Error& why) {
  std::optional<Waiter> leaver;
  bool is_last = false;
  {
    std::lock_guard lock(mutex_);
    auto node = waiters_.extract(id);
    if (node.empty()) return;
    leaver = std::move(node.mapped());
    is_last = waiters_.empty() && !is_over_;
    if (is_last) is_over_ = true;
  }
  loop_->forget(leaver->timer);
  const std::string text = std::string(why.message()) + ": dialing " + naming::to_string(leaver->endpoint);
  call_on(*loop_, leaver->done, why.with_message(text));
  if (is_last) abandoned_(*this);
}

bool PendingDial::finish(const Result<std::shared_ptr<Connection>>& result) {
  std::map<std::uint64_t, Waiter> waiters;
  {
    std::lock_guard lock(mutex_);
    if (std::exchange(is_over_, true)) return false;
    waiters.swap(waiters_);
  }
  bool is_taken = false;
  for (auto& [id, waiter] : waiters) {
    waiter.registration.reset();
    loop_->forget(waiter.timer);
    if (!result) {
      call_on(*loop_, waiter.done, result.error());
      continue;
    }
    const auto& wanted = waiter.endpoint.routing_id;
    const auto& found = (*result)->remote_endpoint().routing_id;
    if (!wanted.is_null() && wanted != found) {
      call_on(*loop_, waiter.done, wrong_routing_id(waiter.endpoint, found));
    } else {
      is_taken = true;
      loop_->guard([&done = waiter.done, &result] { done(*result); });
    }
  }
  return is_taken;
}

bool PendingDial::is_over() const {
  std::lock_guard lock(mutex_);
  return is_over_;
}

}  // namespace nb::conn
