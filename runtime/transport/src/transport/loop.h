// Loop: one thread of control on which sockets, timers and connections live. What it runs, runs one after the other,
// so that what belongs to one loop needs no lock.
//
// A loop runs in *turns*: one finished socket operation, one due timer or one batch of posted tasks, and then
// everything that was deferred meanwhile. That is how the output of a whole turn leaves with one system call.
//
// An exception that leaves a task, a timer or a handler of the loop is an error of whoever wrote that: it is reported
// to the log and goes no further, and the rest of the turn runs as if nothing had happened.
//
// It has a thread of its own that calls run(), or is polled by a test, or stands as a strand on an executor of the
// user's (loop_asio.h). The pool of them is conn/event_loop.h.
#pragma once

#include <exception>
#include <functional>
#include <memory>

#include <nb/base/log.h>
#include <nb/base/timers.h>

namespace nb::transport {

class Loop final : public Timers, public std::enable_shared_from_this<Loop> {
 public:
  using Task = std::function<void()>;

  // A loop for a thread that calls run(), or for a test that calls poll().
  static std::shared_ptr<Loop> make(std::shared_ptr<Clock> clock);
  ~Loop() override;

  // Runs the task in a later turn, in the order of posting. Any thread. Many posts make one wake-up. False: the loop
  // has stopped, and the task is gone without having run.
  bool post(Task task);
  // For tidying up what belongs to the loop: like post(), but never refused. After the last turn has ended it runs here
  // and now; on a user's executor that nobody runs any more, when its context is destroyed.
  void post_last(Task task);
  // Runs the task at the end of the current turn. Only on the loop.
  void defer(Task task);
  // Whether the calling thread is inside a turn of this loop.
  bool is_current() const;
  // Whether waiting on the calling thread would keep this loop from running, or could: any thread of the user's
  // io_context or thread_pool counts. Inside tasks of other kinds of executors it only knows its own turns.
  bool would_block() const;

  // Timers; callbacks run on the loop. One that was forgotten on the loop does not run any more.
  const std::shared_ptr<Clock>& clock() const override;
  TimerId call_at(Clock::Steady when, Task callback) override;
  void forget(TimerId timer) override;
  TimerId call_after(std::chrono::nanoseconds delay, Task callback);

  // Runs turns on this thread until stop().
  void run();
  // Runs turns on this thread until there is nothing left to do now. Gives whether it did anything.
  bool poll();
  // From now on post() refuses, and run() returns soon. Any thread; again: nothing happens.
  void stop();
  // After stop() and after run() has returned: runs what was posted before, so that no promised callback is lost, and
  // makes that the last turn.
  void finish();

  // For those who complete operations on the loop: a turn around f.
  template <class F>
  void turn(F&& f) {
    if (is_current()) return f();
    begin_turn();
    guard(f);
    end_turn();
  }
  // Calls f, which is somebody else's: one that throws shall not keep the caller from going on. Any thread.
  template <class F>
  void guard(F&& f) noexcept {
    try {
      f();
    } catch (...) {
      report(std::current_exception());
    }
  }
  // Where exceptions are reported; standard error until it is called. Any thread.
  void log_to(std::shared_ptr<LogSink> log);

  struct Impl;  // Asio's side of it, see loop_asio.h
  explicit Loop(std::unique_ptr<Impl> impl);
  Impl& impl() { return *impl_; }
  void follow_moved_clock();  // part of making it

 private:
  void begin_turn();
  void end_turn();
  struct Wake;
  struct Last;
  void drain();
  void drop_posted();
  void run_due_timers();
  void report(const std::exception_ptr& exception) noexcept;
  void wake();
  void set_alarm();

  std::unique_ptr<Impl> impl_;
};

}  // namespace nb::transport
