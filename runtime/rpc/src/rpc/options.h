// What RuntimeOptions holds, and what lies behind the opaque names of the public header.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nb/base/clock.h>
#include <nb/base/log.h>
#include <nb/observe/metrics.h>
#include <nb/observe/trace_store.h>
#include <nb/rpc/interceptor.h>
#include <nb/rpc/runtime.h>

#include "conn/address_chooser.h"
#include "conn/event_loop.h"
#include "flow/version.h"
#include "rpc/server_order.h"
#include "transport/memory.h"

namespace nb {

namespace rpc {

class LocalNetworkCore {
 public:
  explicit LocalNetworkCore(std::shared_ptr<transport::MemoryNetwork> network_) : network(std::move(network_)) {}
  // Shared by the runtimes on it. A test may put another one here before there are any.
  std::shared_ptr<transport::MemoryNetwork> network;
  // Likewise: which networks the machine is in, asked once by each runtime. Null: as it is.
  std::function<std::vector<IpNetwork>()> networks_of_machine;
};

// Makes the loops of a runtime on something that the program has.
class LoopMaker {
 public:
  virtual ~LoopMaker() = default;
  virtual std::shared_ptr<conn::EventLoop> make(const std::shared_ptr<Clock>& clock) const = 0;
};

}  // namespace rpc

struct RuntimeOptions::Data {
  std::size_t threads = 0;
  std::shared_ptr<LogSink> log = stderr_log();
  std::shared_ptr<Clock> clock = system_clock();
  std::function<void(std::span<std::uint8_t>)> random;
  std::chrono::nanoseconds grace = std::chrono::seconds(5);
  std::shared_ptr<rpc::LocalNetworkCore> local_network;
  std::shared_ptr<rpc::LoopMaker> loops;       // null: threads of its own
  std::shared_ptr<const Principal> principal;  // null: of the folder, the environment, or made up
  std::string credentials;
  bool is_unauthenticated = false;                     // and then neither of the two counts
  std::shared_ptr<const CaveatValidators> validators;  // null: the standard ones
  flow::VersionRange versions = flow::kDefaultVersions;
  std::chrono::nanoseconds channel_timeout{0};  // 0: the default
  std::optional<std::chrono::nanoseconds> idle_expiry;
  conn::AddressChooser address_chooser;
  std::optional<std::vector<std::string>> namespace_roots;  // nothing: those of the environment
  std::vector<std::string> preferred_protocols;
  TraceOptions tracing;
  std::shared_ptr<TraceStore> traces;  // made of these by Runtime::make
  std::shared_ptr<Metrics> metrics;    // null: nothing is counted
  std::vector<ClientInterceptorMaker> client_interceptors;
  std::vector<ServerInterceptorMaker> server_interceptors;
};

}  // namespace nb
