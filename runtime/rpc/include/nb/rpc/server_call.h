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
#include <nb/security/blessing_names.h>
#include <nb/security/security_call.h>
#include <nb/vdl/any.h>

namespace nb {

class ServerCall {
 public:
  ServerCall(Context context, SecurityCall security, Blessings granted)
      : context_(std::move(context)), security_(std::move(security)), granted_(std::move(granted)) {}
  ServerCall(const ServerCall&) = delete;
  ServerCall& operator=(const ServerCall&) = delete;

  // For everything that is done on behalf of this call: ends with the client's deadline, when the client cancels or is
  // gone, and when the server shuts down.
  const Context& context() const { return context_; }
  bool cancelled() const { return context_.has_ended(); }
  std::optional<Clock::Steady> deadline() const { return context_.deadline(); }
  std::string_view language() const { return context_.language(); }  // the client's, "" if it did not say

  const std::string& method() const { return security_.method; }
  const std::string& suffix() const {
    return security_.suffix;
  }  // the object's name below the server, without leading "/"
  std::span<const Any> tags() const { return security_.method_tags; }  // of the method
  const std::string& local_endpoint() const { return security_.local_endpoint; }
  const std::string& remote_endpoint() const { return security_.remote_endpoint; }

  // All that the authorizer was told, for decisions that a method makes itself.
  const SecurityCall& security() const { return security_; }
  const Blessings& local_blessings() const { return security_.local_blessings; }    // what this server showed
  const Blessings& remote_blessings() const { return security_.remote_blessings; }  // claims; see remote_names()
  // The caller's names that count in this call, and the others with the reasons why not. Worked out at each call of it.
  BlessingNames remote_names() const { return remote_blessing_names(context_, security_); }
  // What the client gave this server to act with, bound to its key (CallOptions::granter); zero if nothing.
  const Blessings& granted_blessings() const { return granted_; }

 private:
  Context context_;
  SecurityCall security_;
  Blessings granted_;
};

}  // namespace nb
