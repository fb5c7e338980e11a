#include "rpc/server_hooks.h"

#include <utility>

namespace nb::rpc {

std::unique_ptr<ServerHooks> ServerHooks::make(const std::vector<ServerInterceptorMaker>& makers,
                                               const IncomingRequest& request) {
  std::vector<std::unique_ptr<ServerInterceptor>> made;
  for (const auto& maker : makers) {
    if (auto interceptor = maker(request)) made.push_back(std::move(interceptor));
  }
  return made.empty() ? nullptr : std::make_unique<ServerHooks>(std::move(made));
}

Error ServerHooks::start(const IncomingRequest& request, Context& context) {
  while (started_ < all_.size()) {
    if (const Error refused = all_[started_++]->start(request, context)) return refused;
  }
  return Error();
}

Error ServerHooks::dispatch(const ServerCall& call) {
  for (std::size_t i = 0; i < started_ && !is_over_; ++i) {
    if (const Error refused = all_[i]->dispatch(call)) return refused;
  }
  return Error();
}

void ServerHooks::received_until(std::size_t total) {
  const std::size_t bytes = total - std::exchange(received_, total);
  for (std::size_t i = 0; i < started_ && !is_over_; ++i) all_[i]->received(bytes);
}

void ServerHooks::sent(std::size_t bytes) {
  for (std::size_t i = started_; i > 0 && !is_over_; --i) all_[i - 1]->sent(bytes);
}

void ServerHooks::answering(const Error& error, v23::vtrace::Response& trace) {
  for (std::size_t i = started_; i > 0 && !is_over_; --i) all_[i - 1]->answering(error, trace);
}

void ServerHooks::end(const Error& error) {
  if (std::exchange(is_over_, true)) return;
  for (std::size_t i = started_; i > 0; --i) all_[i - 1]->end(error);
}

}  // namespace nb::rpc
