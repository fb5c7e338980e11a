#include "rpc/client_hooks.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <nb/base/verror.h>
#include <nb/rpc/reply.h>

#include "rpc/guarded.h"

namespace nb::rpc {

namespace {

// In place of an interceptor whose maker threw: what it would have refused must not pass.
class BrokenClientInterceptor final : public ClientInterceptor {
 public:
  explicit BrokenClientInterceptor(Error why) : why_(std::move(why)) {}
  Error start(Context&) override { return why_; }

 private:
  const Error why_;
};

std::unique_ptr<ClientInterceptor> made_by(const ClientInterceptorMaker& maker, const ClientCallInfo& call) {
  try {
    return maker(call);
  } catch (...) {
    return std::make_unique<BrokenClientInterceptor>(error_of_exception(std::current_exception()));
  }
}

template <class Ask>
Error asked_client(Ask ask) {
  try {
    return ask();
  } catch (...) {
    return error_of_exception(std::current_exception());
  }
}

template <class Tell>
void tell_client(Tell tell) {
  run_guarded([&] { tell(); }, "a client's interceptor");
}

}  // namespace

std::shared_ptr<ClientHooks> ClientHooks::make(const std::vector<ClientInterceptorMaker>& makers,
                                               const ClientCallInfo& call) {
  std::vector<std::unique_ptr<ClientInterceptor>> made;
  for (const auto& maker : makers) {
    if (auto interceptor = made_by(maker, call)) made.push_back(std::move(interceptor));
  }
  return made.empty() ? nullptr : std::make_shared<ClientHooks>(std::move(made));
}

template <class Tell>
void ClientHooks::forwards(Tell tell) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < started_ && !is_over_; ++i) tell_client([&] { tell(*all_[i]); });
}

template <class Tell>
void ClientHooks::backwards(Tell tell) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = started_; i > 0 && !is_over_; --i) tell_client([&] { tell(*all_[i - 1]); });
}

Error ClientHooks::start(Context& context) {
  const std::lock_guard lock(mutex_);
  while (started_ < all_.size()) {
    ClientInterceptor& each = *all_[started_++];
    if (const Error refused = asked_client([&] { return each.start(context); })) return refused;
  }
  return Error();
}

Error ClientHooks::request(OutgoingRequest& request) {
  Error refused;
  forwards([&](ClientInterceptor& each) {
    if (!refused) refused = asked_client([&] { return each.request(request); });
  });
  return refused;
}

void ClientHooks::connecting(std::string_view server) {
  const std::lock_guard lock(mutex_);
  if (std::find(connecting_.begin(), connecting_.end(), server) != connecting_.end()) return;
  connecting_.emplace_back(server);
  forwards([&](ClientInterceptor& each) { each.connecting(server); });
}

void ClientHooks::connected(std::string_view server, const Error& why_not) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find(connecting_.begin(), connecting_.end(), server);
  if (found == connecting_.end()) return;
  connecting_.erase(found);
  backwards([&](ClientInterceptor& each) { each.connected(server, why_not); });
  if (!why_not) give_up_connecting();
}

void ClientHooks::give_up_connecting() {
  const Error why = verror::Canceled("not wanted any more");
  for (const std::string& server : std::exchange(connecting_, {})) {
    backwards([&](ClientInterceptor& each) { each.connected(server, why); });
  }
}

void ClientHooks::sent(std::size_t bytes) {
  forwards([&](ClientInterceptor& each) { each.sent(bytes); });
}
void ClientHooks::received(std::size_t bytes) {
  backwards([&](ClientInterceptor& each) { each.received(bytes); });
}
void ClientHooks::answered(const Error& error, const v23::vtrace::Response& trace) {
  backwards([&](ClientInterceptor& each) { each.answered(error, trace); });
}
void ClientHooks::failed(const Error& why, RetryDecision decision) {
  backwards([&](ClientInterceptor& each) { each.failed(why, decision); });
}
void ClientHooks::context_ended(const Error& why) {
  backwards([&](ClientInterceptor& each) { each.context_ended(why); });
}

void ClientHooks::end(const Error& error) {
  const std::lock_guard lock(mutex_);
  if (is_over_) return;
  give_up_connecting();
  if (std::exchange(is_over_, true)) return;  // one of them may have ended it
  for (std::size_t i = started_; i > 0; --i) tell_client([&] { all_[i - 1]->end(error); });
}

}  // namespace nb::rpc
