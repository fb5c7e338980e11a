// What a runtime counts of its calls, as interceptors; docs/metrics.md lists it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include <nb/base/clock.h>
#include <nb/observe/metrics.h>
#include <nb/rpc/interceptor.h>

namespace nb::rpc {

ClientInterceptorMaker client_metrics(std::shared_ptr<Metrics> metrics, std::shared_ptr<Clock> clock);
ServerInterceptorMaker server_metrics(std::shared_ptr<Metrics> metrics, std::shared_ptr<Clock> clock);

// Keeps the gauge of connections right while it lives: of all runtimes that are counted there, together.
class ConnectionCount {
 public:
  // `count` is called when somebody reads, on his thread.
  ConnectionCount(const std::shared_ptr<Metrics>& metrics, std::function<std::size_t()> count);
  ~ConnectionCount();  // waits for a call of count that is under way
  ConnectionCount(const ConnectionCount&) = delete;
  ConnectionCount& operator=(const ConnectionCount&) = delete;

 private:
  Gauge& gauge_;
  std::int64_t counted_ = 0;  // by this one; touched by readings only, one after the other
  std::shared_ptr<void> token_;
};

}  // namespace nb::rpc
