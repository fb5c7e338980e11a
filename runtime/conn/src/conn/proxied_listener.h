// ProxiedListener: makes a proxy lead connections to this manager (docs/spec/flow-protocol.md 12.1), for as long as it
// is not stopped: dials the proxy, asks, keeps what it answers, and begins again when that ends, after a pause that
// grows from 50 ms to a minute.
//
// What the proxy answers is told at most once a second, the latest when there was more: each answer may make others
// publish and tell anew. Ways on which somebody comes twice are left out, so that proxies that stand behind each other
// come to rest.
//
// Safe from any thread; what it tells comes on loops.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <nb/base/clock.h>
#include <nb/base/context.h>
#include <nb/base/result.h>
#include <nb/security/authorizer.h>
#include <nb/security/blessing_names.h>

#include "conn/dial.h"
#include "conn/event_loop.h"
#include "conn/proxy_messages.h"
#include "naming/endpoint.h"

namespace nb::conn {

// A proxy, as Manager::proxy_listen is asked for it.
struct ProxyListen {
  ProxyListen(std::string name, naming::Endpoint proxy) : name(std::move(name)), proxy(std::move(proxy)) {}

  std::string name;  // for ManagerStatus::proxy_errors
  naming::Endpoint proxy;
  // Whether the proxy is trusted with leading others here. Null: any is, for the ends of what it carries prove to each
  // other who they are.
  std::shared_ptr<const Authorizer> authorizer;
  // A proxy that stands behind another one gets flows of others' routes, and no connections of its own.
  Proxied as = Proxied::kServer;
};

class ProxiedListener : public std::enable_shared_from_this<ProxiedListener> {
 public:
  struct Parts {
    std::shared_ptr<EventLoop> event_loop;  // shared with everything that waits
    std::function<void(const Context&, DialDone)> dial;
    // What is shown to a proxy with these names.
    std::function<void(const BlessingNames&, std::function<void(flow::ShownBlessings)>)> show;
    // Gets the flows that the proxy opens: each is the transport of a connection. None: they are ordinary ones.
    FlowAcceptor carried;
    // The endpoints that lead here through the proxy, or why there are none. After changes.
    std::function<void(Result<std::vector<naming::Endpoint>>)> tell;
  };

  ProxiedListener(Parts parts, Proxied as, naming::RoutingId own);
  ~ProxiedListener();

  void start();
  // Ends the flow to the proxy; nothing is told any more, but what is being told at this moment.
  void stop();

 private:
  class Link;

  // Up to the link each step belongs to an attempt, which is over after a time, whatever it waits for.
  void dial();
  void dialed(const Dialed& dialed, std::uint64_t attempt);
  void ask(const Dialed& dialed, flow::ShownBlessings shown, std::uint64_t attempt);
  void failed(std::uint64_t attempt, const Error& why);
  void answered(Link& link, std::vector<naming::Endpoint> endpoints);
  void lost(const Link* link, const Error& why);
  Error objection(const naming::Endpoint& endpoint) const;
  bool is_straight(naming::Endpoint endpoint) const;

  const Parts parts_;
  const Proxied as_;
  const naming::RoutingId own_;
  std::mutex mutex_;  // guards the rest
  bool is_stopped_ = false;
  std::shared_ptr<Link> link_;  // the flow to the proxy; null: none yet, or lost
  std::chrono::nanoseconds pause_;
  Clock::Steady next_telling_{};    // no answer is told before
  std::uint64_t attempt_ = 0;       // under way; another one than any that is over
  TimerId timer_ = TimerId::kNone;  // of the attempt, or of the pause before the next one
  Canceler canceler_;               // of the dial under way
};

}  // namespace nb::conn
