// ServerHooks: the interceptors of one call as its server sees it. Only calls that have any have hooks; all others have
// a null pointer. Belongs to the connection's executor. See <nb/rpc/interceptor.h> for what is called when.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <nb/rpc/interceptor.h>

namespace nb::rpc {

class ServerHooks {
 public:
  // Null if no maker wants the call.
  static std::unique_ptr<ServerHooks> make(const std::vector<ServerInterceptorMaker>& makers,
                                           const IncomingRequest& request);
  explicit ServerHooks(std::vector<std::unique_ptr<ServerInterceptor>> all) : all_(std::move(all)) {}

  Error start(const IncomingRequest& request, Context& context);
  Error dispatch(const ServerCall& call);
  // `total`: what the flow has given so far; what has come since the last time is told.
  void received_until(std::size_t total);
  void sent(std::size_t bytes);
  void answering(const Error& error, v23::vtrace::Response& trace);
  void end(const Error& error);  // again: nothing happens

 private:
  const std::vector<std::unique_ptr<ServerInterceptor>> all_;
  std::size_t started_ = 0;  // so many of them
  std::size_t received_ = 0;
  bool is_over_ = false;
};

}  // namespace nb::rpc
