// PendingDial: one dial under way, and everybody who waits for it. It knows nothing of sockets; the manager drives it.
//
// Each waiter hears exactly once: the connection, the dial's error, that his authorizer does not trust the server, or
// the end of his own context. When the last one has left, the dial is nobody's, and `abandoned` is called. Safe from
// any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <nb/base/context.h>
#include <nb/base/result.h>

#include "conn/dial.h"
#include "conn/event_loop.h"

namespace nb::conn {

class PendingDial : public std::enable_shared_from_this<PendingDial> {
 public:
  // What is known when the server is judged: the names that count, an error when it is not trusted, or nothing: this
  // wish has nothing to do with that server.
  using Judge = std::function<std::optional<Result<BlessingNames>>(const Wish&)>;

  struct Waiter {
    Wish wish;
    std::optional<BlessingNames> verdict;  // of judge()
  };

  // Errors of waiters come on `loop`; `abandoned` comes on any thread.
  PendingDial(std::shared_ptr<Loop> loop, std::function<void(PendingDial&)> abandoned)
      : loop_(std::move(loop)), abandoned_(std::move(abandoned)) {}

  // False: too late, the dial is over; nothing will be called.
  bool add(const Wish& wish);
  // Judges for each that waits now, without a lock. Who does not trust the server hears so and waits no more. The error
  // of the last one: nobody is left, the dial is over, `abandoned` is not called.
  Result<void> judge(const Judge& judge);
  // What was judged counts no more.
  void forget_verdicts();
  // Ends it with an error for everybody; any thread. Later calls do nothing.
  void fail(const Error& why);
  // Whoever waited for what `meant` picks is the caller's now; when nobody is left, it is over.
  std::vector<Waiter> take(const std::function<bool(const Wish&)>& meant);
  // Ends it; whoever waited is the caller's now.
  std::vector<Waiter> take_all();

  const std::shared_ptr<Loop>& loop() const { return loop_; }
  bool is_over() const;

 private:
  struct Waiting {
    Waiter waiter;
    // Taken out before it is destroyed, which waits for a callback that wants the mutex.
    ContextRegistration registration;
    TimerId timer = TimerId::kNone;
  };

  void leave_at(std::uint64_t id, Clock::Steady deadline);
  void leave(std::uint64_t id, const Error& why);
  std::vector<Waiter> let_go(std::map<std::uint64_t, Waiting> leavers) const;
  // Gives whether he was the last one; nothing if he does not wait any more.
  std::optional<bool> send_away(std::uint64_t id, const std::function<Error(const Wish&)>& why);

  const std::shared_ptr<Loop> loop_;  // shared by what lives on it
  const std::function<void(PendingDial&)> abandoned_;
  mutable std::mutex mutex_;
  std::uint64_t next_id_ = 0;
  std::map<std::uint64_t, Waiting> waiting_;
  bool is_over_ = false;
};

}  // namespace nb::conn
