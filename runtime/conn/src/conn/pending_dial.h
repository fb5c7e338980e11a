// PendingDial: one dial under way, and everybody who waits for it. It knows nothing of sockets; the manager drives it.
//
// Each waiter hears exactly once: the connection, the dial's error, or the end of its own context. When the last one
// has left, the dial is nobody's, and `abandoned` is called. Safe from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <nb/base/context.h>
#include <nb/base/result.h>

#include "conn/connection.h"
#include "conn/event_loop.h"
#include "naming/endpoint.h"

namespace nb::conn {

class PendingDial : public std::enable_shared_from_this<PendingDial> {
 public:
  using Done = std::function<void(Result<std::shared_ptr<Connection>>)>;

  // Errors of waiters come on `loop`; `abandoned` comes on any thread.
  PendingDial(std::shared_ptr<Loop> loop, std::string key, std::function<void(PendingDial&)> abandoned)
      : loop_(std::move(loop)), key_(std::move(key)), abandoned_(std::move(abandoned)) {}

  // False: too late, the dial is over; nothing will be called.
  // `deadline` is the waiter's own, apart from its context's.
  bool add(const naming::Endpoint& endpoint, const Context& context, std::optional<Clock::Steady> deadline, Done done);
  // Ends it; on the connection's loop, or with an error on any thread. Later calls do nothing. Gives whether anybody
  // took the connection: it may be to another server than the ones that were asked for.
  bool finish(const Result<std::shared_ptr<Connection>>& result);

  const std::shared_ptr<Loop>& loop() const { return loop_; }
  const std::string& key() const { return key_; }
  bool is_over() const;

 private:
  struct Waiter {
    naming::Endpoint endpoint;
    Done done;
    // Taken out before it is destroyed, which waits for a callback that wants the mutex.
    ContextRegistration registration;
    TimerId timer = TimerId::kNone;
  };

  void leave_at(std::uint64_t id, Clock::Steady deadline);
  void leave(std::uint64_t id, const Error& why);

  const std::shared_ptr<Loop> loop_;  // shared by what lives on it
  const std::string key_;
  const std::function<void(PendingDial&)> abandoned_;
  mutable std::mutex mutex_;
  std::uint64_t next_id_ = 0;
  std::map<std::uint64_t, Waiter> waiters_;
  bool is_over_ = false;
};

}  // namespace nb::conn
