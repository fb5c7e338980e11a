#include "conn/default_shown.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <nb/security/blessing_names.h>
#include <nb/security/security_call.h>

namespace nb::conn {
namespace {

std::vector<std::string> names_of(const std::shared_ptr<const Principal>& principal, const Blessings& blessings) {
  if (blessings.is_zero()) return {};
  SecurityCall call;
  call.local_principal = principal;
  call.local_blessings = blessings;
  return local_blessing_names(call);
}

}  // namespace

DefaultShown::DefaultShown(std::shared_ptr<const Principal> principal, std::shared_ptr<EventLoop> event_loop,
                           PrepareDischarges prepare, std::function<void()> changed)
    : principal_(std::move(principal)),
      event_loop_(std::move(event_loop)),
      prepare_(std::move(prepare)),
      changed_(std::move(changed)) {}

void DefaultShown::start() {
  auto watch = principal_->store().on_default_changed([weak = weak_from_this()](const Blessings&) {
    if (auto self = weak.lock()) self->renew();
  });
  {
    std::lock_guard lock(mutex_);
    watch_ = std::move(watch);
  }
  renew();
}

void DefaultShown::stop() {
  std::shared_ptr<void> watch;
  std::vector<std::function<void()>> waiting;
  TimerId timer;
  {
    std::lock_guard lock(mutex_);
    is_stopped_ = true;
    watch = std::move(watch_);
    waiting.swap(waiting_);
    timer = std::exchange(timer_, TimerId::kNone);
  }
  event_loop_->forget(timer);
}

DefaultShown::Current DefaultShown::current() const {
  std::lock_guard lock(mutex_);
  return current_;
}

void DefaultShown::when_ready(std::function<void()> task) {
  {
    std::lock_guard lock(mutex_);
    if (is_stopped_) return;
    if (current_.version == 0) {
      waiting_.push_back(std::move(task));
      return;
    }
  }
  task();
}

void DefaultShown::renew() {
  std::uint64_t request = 0;
  TimerId timer;
  {
    std::lock_guard lock(mutex_);
    if (is_stopped_) return;
    request = ++request_;
    timer = std::exchange(timer_, TimerId::kNone);
  }
  event_loop_->forget(timer);
  // Asked here and not taken from whoever tells the change: two changes at once may be told in the other order.
  const Blessings blessings = principal_->store().default_blessings();
  if (blessings.is_zero() || !prepare_ || blessings.third_party_caveats().empty()) {
    return change(request, flow::ShownBlessings(blessings));
  }
  // Its names are known before its discharges are: whoever asks for an endpoint meanwhile gets one that is right.
  show_first(blessings);
  prepare_(blessings, [weak = weak_from_this(), request, blessings](PreparedDischarges discharges) {
    if (auto self = weak.lock()) self->prepared(request, blessings, std::move(discharges));
  });
}

void DefaultShown::prepared(std::uint64_t request, const Blessings& blessings, PreparedDischarges discharges) {
  if (discharges.refresh) {
    using namespace std::chrono_literals;
    const Clock& clock = *event_loop_->clock();
    const auto at = discharges.refresh->to_sys_time();
    const auto wait = at ? *at - clock.wall_now() : std::chrono::nanoseconds(24h);
    const TimerId timer = event_loop_->call_at(clock.now() + std::clamp<std::chrono::nanoseconds>(wait, 1s, 24h),
                                               [weak = weak_from_this()] {
                                                 if (auto self = weak.lock()) self->renew();
                                               });
    bool is_wanted = false;
    {
      std::lock_guard lock(mutex_);
      is_wanted = !is_stopped_ && request == request_;
      if (is_wanted) timer_ = timer;
    }
    if (!is_wanted) event_loop_->forget(timer);
  }
  change(request, flow::ShownBlessings(blessings, std::move(discharges.discharges)));
}

void DefaultShown::show_first(const Blessings& blessings) {
  auto names = names_of(principal_, blessings);
  std::lock_guard lock(mutex_);
  if (current_.version > 0) return;
  current_.shown = flow::ShownBlessings(blessings);
  current_.names = std::move(names);
}

void DefaultShown::change(std::uint64_t request, flow::ShownBlessings shown) {
  std::vector<std::function<void()>> waiting;
  auto names = names_of(principal_, shown.blessings);
  {
    std::lock_guard lock(mutex_);
    if (is_stopped_ || request != request_) return;
    current_.shown = std::move(shown);
    current_.names = std::move(names);
    ++current_.version;
    waiting.swap(waiting_);
  }
  changed_();
  for (const auto& task : waiting) task();
}

}  // namespace nb::conn
