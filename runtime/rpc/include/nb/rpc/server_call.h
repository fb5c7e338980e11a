// ServerCall: what a method's implementation knows about the call it serves. Lives until the method has ended; safe to
// read from any thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <nb/base/context.h>
#include <nb/vdl/any.h>

namespace nb {

class ServerCall {
 public:
  ServerCall(Context context, std::string method, std::string suffix, std::span<const Any> tags,
             std::shared_ptr<const std::string> local_endpoint, std::shared_ptr<const std::string> remote_endpoint)
      : context_(std::move(context)),
        method_(std::move(method)),
        suffix_(std::move(suffix)),
        tags_(tags),
        local_endpoint_(std::move(local_endpoint)),
        remote_endpoint_(std::move(remote_endpoint)) {}
  ServerCall(const ServerCall&) = delete;
  ServerCall& operator=(const ServerCall&) = delete;

  // For everything that is done on behalf of this call: ends with the client's deadline, when the client cancels or is
  // gone, and when the server shuts down.
  const Context& context() const { return context_; }
  bool cancelled() const { return context_.has_ended(); }
  std::optional<Clock::Steady> deadline() const { return context_.deadline(); }
  std::string_view language() const { return context_.language(); }  // the client's, "" if it did not say

  const std::string& method() const { return method_; }
  const std::string& suffix() const { return suffix_; }  // the object's name below the server, without leading "/"
  std::span<const Any> tags() const { return tags_; }    // of the method
  const std::string& local_endpoint() const { return *local_endpoint_; }
  const std::string& remote_endpoint() const { return *remote_endpoint_; }

 private:
  Context context_;
  std::string method_;
  std::string suffix_;
  std::span<const Any> tags_;
  // Shared with the connection and its other calls.
  std::shared_ptr<const std::string> local_endpoint_;
  std::shared_ptr<const std::string> remote_endpoint_;
};

}  // namespace nb
