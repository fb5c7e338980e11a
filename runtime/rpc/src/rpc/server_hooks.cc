#include "rpc/server_hooks.h"

#include <exception>
#include <utility>

#include <nb/rpc/reply.h>

#include "rpc/guarded.h"

namespace nb::rpc {

namespace {

// In place of an interceptor whose maker threw: what it would have refused must not pass.
class BrokenServerInterceptor final : public ServerInterceptor {
 public:
  explicit BrokenServerInterceptor(Error why) : why_(std::move(why)) {}
  Error start(const IncomingRequest&, Context&) override { return why_; }

 private:
  const Error why_;
};

std::unique_ptr<ServerInterceptor> made_by(const ServerInterceptorMaker& maker, const IncomingRequest& request) {
  try {
    return maker(request);
  } catch (...) {
    return std::make_unique<BrokenServerInterceptor>(error_of_exception(std::current_exception()));
  }
}

template <class Ask>
Error asked_server(Ask ask) {
  try {
    return ask();
  } catch (...) {
    return error_of_exception(std::current_exception());
  }
}

template <class Tell>
void tell_server(Tell tell) {
  run_guarded([&] { tell(); }, "a server's interceptor");
}

}  // namespace

std::unique_ptr<ServerHooks> ServerHooks::make(const std::vector<ServerInterceptorMaker>& makers,
                                               const IncomingRequest& request) {
  std::vector<std::unique_ptr<ServerInterceptor>> made;
  for (const auto& maker : makers) {
    if (auto interceptor = made_by(maker, request)) made.push_back(std::move(interceptor));
  }
  return made.empty() ? nullptr : std::make_unique<ServerHooks>(std::move(made));
}

Error ServerHooks::start(const IncomingRequest& request, Context& context) {
  while (started_ < all_.size()) {
    ServerInterceptor& each = *all_[started_++];
    if (const Error refused = asked_server([&] { return each.start(request, context); })) return refused;
  }
  return Error();
}

Error ServerHooks::dispatch(const ServerCall& call) {
  for (std::size_t i = 0; i < started_ && !is_over_; ++i) {
    if (const Error refused = asked_server([&] { return all_[i]->dispatch(call); })) return refused;
  }
  return Error();
}

void ServerHooks::received_until(std::size_t total) {
  const std::size_t bytes = total - std::exchange(received_, total);
  for (std::size_t i = 0; i < started_ && !is_over_; ++i) tell_server([&] { all_[i]->received(bytes); });
}

void ServerHooks::sent(std::size_t bytes) {
  for (std::size_t i = started_; i > 0 && !is_over_; --i) tell_server([&] { all_[i - 1]->sent(bytes); });
}

void ServerHooks::answering(const Error& error, v23::vtrace::Response& trace) {
  for (std::size_t i = started_; i > 0 && !is_over_; --i) tell_server([&] { all_[i - 1]->answering(error, trace); });
}

void ServerHooks::end(const Error& error) {
  if (std::exchange(is_over_, true)) return;
  for (std::size_t i = started_; i > 0; --i) tell_server([&] { all_[i - 1]->end(error); });
}

}  // namespace nb::rpc
