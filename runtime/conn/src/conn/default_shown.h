// DefaultShown: what a manager shows of itself to everybody: the default blessings of its principal with the
// discharges that they need, always the current ones (docs/spec/flow-protocol.md 6.6).
//
// When the default blessings change, or their discharges are half used up, new discharges are prepared, and then the
// new ones are shown; until then what was there before. Safe from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <nb/security/principal.h>

#include "conn/event_loop.h"
#include "conn/prepare_discharges.h"
#include "flow/shown_blessings.h"

namespace nb::conn {

class DefaultShown : public std::enable_shared_from_this<DefaultShown> {
 public:
  struct Current {
    flow::ShownBlessings shown;
    std::vector<std::string> names;  // of it, as far as the principal recognizes them itself: for endpoints
    std::uint64_t version = 0;       // grows with each change; 0: the first discharges are still missing
  };

  // `changed` is called after each change, on the thread that made it.
  DefaultShown(std::shared_ptr<const Principal> principal, std::shared_ptr<EventLoop> event_loop,
               PrepareDischarges prepare, std::function<void()> changed);

  void start();
  void stop();  // nothing is called any more, but what runs at this moment
  Current current() const;
  // Runs the task once all is there to be shown: at once, or when the first discharges have come. Never after stop().
  void when_ready(std::function<void()> task);

 private:
  void renew();
  void prepared(std::uint64_t request, const Blessings& blessings, PreparedDischarges discharges);
  void show_first(const Blessings& blessings);
  void change(std::uint64_t request, flow::ShownBlessings shown);

  const std::shared_ptr<const Principal> principal_;
  const std::shared_ptr<EventLoop> event_loop_;  // shared by everything that waits
  const PrepareDischarges prepare_;
  const std::function<void()> changed_;
  mutable std::mutex mutex_;
  Current current_;
  std::uint64_t request_ = 0;  // the latest; answers to older ones are of no interest
  bool is_stopped_ = false;
  std::vector<std::function<void()>> waiting_;
  TimerId timer_ = TimerId::kNone;
  std::shared_ptr<void> watch_;
};

}  // namespace nb::conn
