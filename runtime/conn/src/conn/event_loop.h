// EventLoop: the loops of one runtime, on threads of its own or on an executor of the user's. Each connection is pinned
// to one of them, in turn, so that no connection needs a lock.
//
// It outlives what runs on it: close the managers first, then stop it. It is also the timer service for contexts.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include <nb/base/timers.h>

#include "transport/loop.h"

namespace nb::conn {

using transport::Loop;

class EventLoop final : public Timers {
 public:
  // With threads of its own; 0 means one per core.
  static std::shared_ptr<EventLoop> make(std::size_t threads = 0, std::shared_ptr<Clock> clock = system_clock());
  // Without threads: run by poll(), which does everything that can be done now, in the same order every time.
  static std::shared_ptr<EventLoop> make_by_hand(std::shared_ptr<Clock> clock);
  // Over loops made elsewhere (event_loop_asio.h).
  static std::shared_ptr<EventLoop> make_over(std::vector<std::shared_ptr<Loop>> loops);
  ~EventLoop() override;  // stops

  // The next loop in turn. Any thread.
  const std::shared_ptr<Loop>& next();
  // Whether blocking the calling thread would hold up connections: it is one of ours, or inside the user's executor.
  bool is_loop_thread() const;
  // Runs the task on some loop; on the calling thread's, if it is in a turn of one, so that nobody has to be woken. Any
  // thread. False: stopped, the task is gone.
  bool post(std::function<void()> task);

  // Where exceptions that leave tasks and callbacks are reported; standard error until it is called. Any thread.
  void log_to(const std::shared_ptr<LogSink>& log);

  // Timers; callbacks run on one of the loops.
  const std::shared_ptr<Clock>& clock() const override;
  TimerId call_at(Clock::Steady when, std::function<void()> callback) override;
  void forget(TimerId timer) override;

  // Only of make_by_hand: runs what is ready until nothing is.
  void poll();

  // Ends the threads after what was posted has run; after that post() refuses. Waits for the threads, unless called on
  // one of them: that one ends right after the current turn.
  void stop();

 private:
  struct State;
  explicit EventLoop(std::unique_ptr<State> state);
  std::size_t here_or_next();
  std::unique_ptr<State> state_;
};

}  // namespace nb::conn
