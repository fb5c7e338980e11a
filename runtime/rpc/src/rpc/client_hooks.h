// ClientHooks: the interceptors of one client call. Only calls that have any have hooks; all others have a null
// pointer. See <nb/rpc/interceptor.h> for what is called when. Safe from any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <nb/rpc/interceptor.h>

namespace nb::rpc {

class ClientHooks {
 public:
  // Null if no maker wants the call.
  static std::shared_ptr<ClientHooks> make(const std::vector<ClientInterceptorMaker>& makers,
                                           const ClientCallInfo& call);
  explicit ClientHooks(std::vector<std::unique_ptr<ClientInterceptor>> all) : all_(std::move(all)) {}

  Error start(Context& context);
  void connecting(std::string_view server);
  // Told of servers that are being connected; with one that is there the others are not wanted any more.
  void connected(std::string_view server, const Error& why_not);
  Error request(OutgoingRequest& request);
  void sent(std::size_t bytes);
  void received(std::size_t bytes);
  void answered(const Error& error, const v23::vtrace::Response& trace);
  void failed(const Error& why, RetryDecision decision);
  void context_ended(const Error& why);
  void end(const Error& error);  // again: nothing happens

 private:
  void give_up_connecting();
  template <class Tell>
  void forwards(Tell tell);
  template <class Tell>
  void backwards(Tell tell);

  const std::vector<std::unique_ptr<ClientInterceptor>> all_;
  // A call may end on one thread while another one connects it. Recursive: an interceptor may cancel its call.
  std::recursive_mutex mutex_;
  std::size_t started_ = 0;  // so many of them
  std::vector<std::string> connecting_;
  bool is_over_ = false;
};

}  // namespace nb::rpc
