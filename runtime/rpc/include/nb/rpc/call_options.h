// CallOptions: what one call, or all calls of a client, do differently.
//
//   client.Add(ctx, 1, 2, nb::CallOptions().no_retry())
//
// Whom to call: before a client shows anything of itself, the server has to prove that it has one of the names that its
// endpoint carries. server_authorizer() is another rule in place of that; allowed_servers() and server_key() come on
// top, and so does a pattern in the name ("/host:8101/__(alice:tv)/x").
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nb/base/context.h>
#include <nb/base/result.h>
#include <nb/security/authorizer.h>
#include <nb/security/pattern.h>
#include <nb/security/public_key.h>

#include "v.io/v23/naming/naming.vdl.h"

namespace nb {

// Gives the server something to act with: blessings for the key of call.remote_blessings, typically
//   call.local_principal->bless(call.remote_blessings.public_key(), mine, "for-this-job", nb::expiry_caveat(…))
// Called once the server has been accepted and before anything of the call is sent, on a thread of the runtime: it must
// not block. An error ends the call in NotTrusted.
using Granter = std::function<Result<Blessings>(const Context&, const SecurityCall&)>;

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

  // The connection's health is checked at least this often while the call runs: a server that is gone, or cut off, is
  // noticed in that time. Of several the shortest counts.
  CallOptions& channel_timeout(std::chrono::nanoseconds timeout) {
    if (channel_timeout_.count() == 0 || timeout < channel_timeout_) channel_timeout_ = timeout;
    return *this;
  }

  // Decides whether this server is the right one, in place of the names in its endpoint. allow_everyone() accepts
  // whoever answers: then the caller shows its names, and says what it has to say, to anybody.
  CallOptions& server_authorizer(std::shared_ptr<const Authorizer> authorizer) {
    server_authorizer_ = std::move(authorizer);
    return *this;
  }
  // A name of the server must match one of the patterns, too. Said again: one of each list.
  CallOptions& allowed_servers(std::vector<BlessingPattern> patterns) {
    allowed_servers_.push_back(std::move(patterns));
    return *this;
  }
  // The server must have this key, too. Two different ones: the call ends in BadArg.
  CallOptions& server_key(PublicKey key) {
    server_keys_.push_back(std::move(key));
    return *this;
  }
  // Said again: the server gets what all of them give.
  CallOptions& granter(Granter granter) {
    granters_.push_back(std::move(granter));
    return *this;
  }
  // Discharges that are missing are not fetched; those that were fetched before are still shown.
  CallOptions& no_discharges() {
    no_discharges_ = true;
    return *this;
  }

  // Which mount tables to believe while the name is resolved, in place of the names in their endpoints.
  CallOptions& name_resolution_authorizer(std::shared_ptr<const Authorizer> authorizer) {
    name_resolution_authorizer_ = std::move(authorizer);
    return *this;
  }
  // No mount table is asked: the server at the address in the name is called, or the namespace's roots.
  CallOptions& no_resolve() {
    no_resolve_ = true;
    return *this;
  }
  // The same, and these servers are called, with the name in the entry.
  CallOptions& preresolved(v23::naming::MountEntry entry) {
    preresolved_ = std::make_shared<const v23::naming::MountEntry>(std::move(entry));
    return no_resolve();
  }
  // Where names begin that are not rooted, in place of the runtime's.
  CallOptions& namespace_roots(std::vector<std::string> roots) {
    namespace_roots_ = std::move(roots);
    return *this;
  }

  bool retries() const { return !no_retry_; }
  std::optional<std::chrono::nanoseconds> connection_timeout() const { return connection_timeout_; }
  std::chrono::nanoseconds channel_timeout() const { return channel_timeout_; }  // 0: the connection's own
  const std::shared_ptr<const Authorizer>& server_authorizer() const { return server_authorizer_; }  // null: default
  const std::vector<std::vector<BlessingPattern>>& allowed_servers() const { return allowed_servers_; }
  const std::vector<PublicKey>& server_keys() const { return server_keys_; }
  const std::vector<Granter>& granters() const { return granters_; }
  bool fetches_discharges() const { return !no_discharges_; }
  const std::shared_ptr<const Authorizer>& name_resolution_authorizer() const { return name_resolution_authorizer_; }
  bool resolves() const { return !no_resolve_; }
  const std::shared_ptr<const v23::naming::MountEntry>& preresolved() const { return preresolved_; }  // null: none
  const std::optional<std::vector<std::string>>& namespace_roots() const { return namespace_roots_; }

  // The options of a call where those of the client were `defaults`: what is set here counts; what can be said several
  // times was said here first.
  CallOptions over(const CallOptions& defaults) const {
    CallOptions merged = *this;
    if (defaults.no_retry_) merged.no_retry_ = true;
    if (!connection_timeout_) merged.connection_timeout_ = defaults.connection_timeout_;
    if (defaults.channel_timeout_.count() != 0) merged.channel_timeout(defaults.channel_timeout_);
    if (server_authorizer_ == nullptr) merged.server_authorizer_ = defaults.server_authorizer_;
    if (defaults.no_discharges_) merged.no_discharges_ = true;
    if (name_resolution_authorizer_ == nullptr) {
      merged.name_resolution_authorizer_ = defaults.name_resolution_authorizer_;
    }
    if (!no_resolve_ && defaults.no_resolve_) {
      merged.no_resolve_ = true;
      merged.preresolved_ = defaults.preresolved_;
    }
    if (!namespace_roots_) merged.namespace_roots_ = defaults.namespace_roots_;
    const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    append(merged.allowed_servers_, defaults.allowed_servers_);
    append(merged.server_keys_, defaults.server_keys_);
    append(merged.granters_, defaults.granters_);
    return merged;
  }

 private:
  bool no_retry_ = false;
  bool no_discharges_ = false;
  bool no_resolve_ = false;
  std::optional<std::chrono::nanoseconds> connection_timeout_;
  std::chrono::nanoseconds channel_timeout_{0};
  std::shared_ptr<const Authorizer> server_authorizer_;  // shared with connections that are judged by it
  std::vector<std::vector<BlessingPattern>> allowed_servers_;
  std::vector<PublicKey> server_keys_;
  std::vector<Granter> granters_;
  std::shared_ptr<const Authorizer> name_resolution_authorizer_;  // shared with connections that are judged by it
  std::shared_ptr<const v23::naming::MountEntry> preresolved_;    // shared by copies; immutable
  std::optional<std::vector<std::string>> namespace_roots_;
};

}  // namespace nb
