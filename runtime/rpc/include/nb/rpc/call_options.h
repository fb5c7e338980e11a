// CallOptions: what one call, or all calls of a client, do differently.
//
//   client.Add(ctx, 1, 2, nb::CallOptions().no_retry())
#pragma once

#include <chrono>
#include <optional>

namespace nb {

class CallOptions {
 public:
  CallOptions() {}

  // One try: neither connecting nor an answer with RetryBackoff is tried again.
  CallOptions& no_retry() {
    no_retry_ = true;
    return *this;
  }
  // Stop trying to connect after this long, however late the context's deadline is. Zero: only connections that are
  // there already.
  CallOptions& connection_timeout(std::chrono::nanoseconds timeout) {
    connection_timeout_ = timeout;
    return *this;
  }

  bool retries() const { return !no_retry_; }
  std::optional<std::chrono::nanoseconds> connection_timeout() const { return connection_timeout_; }

  // The options of a call where those of the client were `defaults`: what is set here counts.
  CallOptions over(const CallOptions& defaults) const {
    CallOptions merged = defaults;
    if (no_retry_) merged.no_retry_ = true;
    if (connection_timeout_) merged.connection_timeout_ = connection_timeout_;
    return merged;
  }

 private:
  bool no_retry_ = false;
  std::optional<std::chrono::nanoseconds> connection_timeout_;
};

}  // namespace nb
