// PinnedConnection: a connection that is kept, and made again when it breaks (docs/spec/flow-protocol.md 11.5).
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

#include <nb/base/context.h>
#include <nb/base/result.h>

#include "conn/dial.h"
#include "conn/event_loop.h"
#include "conn/live_connection.h"

namespace nb::conn {

// While it is pinned, a connection is never idle. When it ends, the same place is dialed again, judged by the same
// authorizer: after 50 ms, then after twice the time before, at most a minute, until it succeeds. Safe from any thread.
class PinnedConnection : public std::enable_shared_from_this<PinnedConnection> {
 public:
  using Dial = std::function<void(const Context&, DialDone)>;

  // `dial` is called for each new connection, whose health is checked as DialOptions::channel_timeout asks. Begin with
  // hold().
  PinnedConnection(std::shared_ptr<EventLoop> event_loop, flow::Duration channel_timeout, Dial dial);
  ~PinnedConnection();  // unpins

  // The latest one; it may have ended, and another one be on its way.
  std::shared_ptr<Connection> connection() const;
  // The connection may end when it is idle, and nothing is dialed any more. Again: nothing happens.
  void unpin();

  // On the connection's loop.
  void hold(const std::shared_ptr<LiveConnection>& connection);

 private:
  void let_go(const std::shared_ptr<LiveConnection>& connection) const;
  void lost();
  void dial_again();

  const std::shared_ptr<EventLoop> event_loop_;  // shared with everything that runs on it
  const flow::Duration channel_timeout_;
  const Dial dial_;
  mutable std::mutex mutex_;
  std::shared_ptr<LiveConnection> connection_;  // shared with the manager
  bool is_unpinned_ = false;
  std::chrono::milliseconds pause_;
  TimerId timer_ = TimerId::kNone;
  Canceler canceler_;  // of the dial under way
};

}  // namespace nb::conn
