// ProxyRoute: two flows of a proxy, one from a client and one to a server, and what is passed on between them, message
// by message (docs/spec/flow-protocol.md 12.3). Each flow lives on the loop of its connection.
//
// What came from one end counts as read once it has left for the other, so that an end which does not read stops its
// peer, and a route never holds more than one window each way. When one flow ends, what has come from it still leaves
// for the other end, for some seconds at most.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include <nb/base/bytes.h>
#include <nb/base/timers.h>

#include "conn/connection.h"

namespace nb::services {

class ProxyRoute final : public std::enable_shared_from_this<ProxyRoute> {
 public:
  // `over` is called once, on some loop, when both flows have ended. Whoever makes it owns it until then.
  ProxyRoute(std::shared_ptr<Timers> timers, std::function<void(ProxyRoute&)> over)
      : timers_(std::move(timers)), over_(std::move(over)) {}

  // On the loop of `to`, a flow that has just been opened. Passes on `first`, which has come from `from` already, and
  // whatever follows.
  void join(const std::shared_ptr<conn::Flow>& from, const std::shared_ptr<conn::Flow>& to, Bytes first);

 private:
  class End;
  void ended();

  const std::shared_ptr<Timers> timers_;  // the runtime's
  const std::function<void(ProxyRoute&)> over_;
  std::shared_ptr<End> from_;  // they know each other weakly
  std::shared_ptr<End> to_;
  std::atomic<int> open_ = 2;
};

}  // namespace nb::services
