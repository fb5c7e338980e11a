// CallOptions: what one call, or all calls of a client, do differently.
//
//   client.Add(ctx, 1, 2, nb::CallOptions().no_retry())
//
// Whom to call: before a client shows anything of itself, the server has to prove that it has one of the names that its
// endpoint carries. server_authorizer() is another rule in place of that; allowed_servers() and server_key() come on
// top, and so does a pattern in the name ("/host:8101/__(alice:tv)/x").
//
// Options that contradict each other end the call in BadArg, which names them, before anything else is done: two
// different server keys, retries both wanted and forbidden, times below zero. There is no option for calls without
// encryption or without proof of who the server is: all connections have both (RuntimeOptions).
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nb/base/context.h>
#include <nb/base/result.h>
#include <nb/rpc/client_policy.h>
#include <nb/security/authorizer.h>
#include <nb/security/pattern.h>
#include <nb/security/public_key.h>

#include "v.io/v23/naming/naming.vdl.h"

namespace nb {

// Gives the server something to act with: blessings for the key of call.remote_blessings, typically
//   call.local_principal->bless(call.remote_blessings.public_key(), mine, "for-this-job", nb::expiry_caveat(…))
// It is told both ends with what they show to each other, discharges included, and which method of which object is
// called. Called once the server has been accepted and before anything of the call is sent, on a thread of the runtime:
// it must not block. Zero blessings give nothing; those for another key than the server's are refused by the server
// (NoAccess). An error ends the call in NotTrusted, and the server hears nothing of it; see also
// ClientPolicy::strict_blessings.
using Granter = std::function<Result<Blessings>(const Context&, const SecurityCall&)>;

class CallOptions {
 public:
  CallOptions() {}

  // One try: neither connecting nor an answer with RetryBackoff is tried again. Not together with retry_timeout().
  CallOptions& no_retry() {
    no_retry_ = true;
    return *this;
  }
  // Stop trying to connect after this long, however late the context's deadline is; without this and without a deadline
  // it is a minute. Zero: only connections that are there already, and no retries. Said again: the shortest counts.
  CallOptions& connection_timeout(std::chrono::nanoseconds timeout) {
    if (!connection_timeout_ || timeout < *connection_timeout_) connection_timeout_ = timeout;
    return *this;
  }
  // For how long a call is tried again, in place of connection_timeout() and of the context's deadline; zero: one try.
  // A try that is under way is not cut short by it, and the call still ends when its context does. Said again: the
  // latest counts. Not together with no_retry() or connection_timeout(0), unless this is zero, too.
  CallOptions& retry_timeout(std::chrono::nanoseconds timeout) {
    retry_timeout_ = timeout;
    return *this;
  }
  // The ways of earlier clients, all of them at once; see there. Said again: the latest counts.
  CallOptions& policy(const ClientPolicy& policy) {
    policy_ = std::make_shared<const ClientPolicy>(policy);
    return *this;
  }

  // The connection's health is checked at least this often while the call runs: a server that is gone, or cut off, is
  // noticed in that time. Of several the shortest counts.
  CallOptions& channel_timeout(std::chrono::nanoseconds timeout) {
    if (channel_timeout_.count() == 0 || timeout < channel_timeout_) channel_timeout_ = timeout;
    return *this;
  }

  // Decides whether this server is the right one, in place of the names in its endpoint. allow_everyone() accepts
  // whoever answers: then the caller shows its names, and says what it has to say, to anybody. Said again: the first
  // one counts.
  CallOptions& server_authorizer(std::shared_ptr<const Authorizer> authorizer) {
    if (server_authorizer_ == nullptr) server_authorizer_ = std::move(authorizer);
    return *this;
  }
  // The names in the endpoint do not matter, nor need it have any; a server that shows no blessing at all is still
  // refused. For use with allowed_servers(), server_key() or a pattern in the name. Beside a server_authorizer(), which
  // does not look at them either, this does nothing.
  CallOptions& skip_server_endpoint_authorization() {
    skip_endpoint_ = true;
    return *this;
  }
  // A name of the server must match one of the patterns, too. Said again: one of each list.
  CallOptions& allowed_servers(std::vector<BlessingPattern> patterns) {
    allowed_servers_.push_back(std::move(patterns));
    return *this;
  }
  // The same with one pattern.
  CallOptions& remote_id(BlessingPattern pattern) { return allowed_servers({std::move(pattern)}); }
  // The server must have this key, too. Two different ones: the call ends in BadArg.
  CallOptions& server_key(PublicKey key) {
    server_keys_.push_back(std::move(key));
    return *this;
  }
  // Said again: they are asked in this order, and the server gets what all of them give; see also
  // ClientPolicy::last_granter_only.
  CallOptions& granter(Granter granter) {
    granters_.push_back(std::move(granter));
    own_granters_ = granters_.size();
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
  std::optional<std::chrono::nanoseconds> retry_timeout() const { return retry_timeout_; }
  const std::shared_ptr<const ClientPolicy>& policy() const { return policy_; }  // null: today's
  std::chrono::nanoseconds channel_timeout() const { return channel_timeout_; }  // 0: the connection's own
  const std::shared_ptr<const Authorizer>& server_authorizer() const { return server_authorizer_; }  // null: default
  bool skips_endpoint_authorization() const { return skip_endpoint_; }
  const std::vector<std::vector<BlessingPattern>>& allowed_servers() const { return allowed_servers_; }
  const std::vector<PublicKey>& server_keys() const { return server_keys_; }
  const std::vector<Granter>& granters() const { return granters_; }
  // How many of them, from the first, were said for the call; of its client when there were none.
  std::size_t own_granters() const { return own_granters_; }
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
    // How long to try is one question: who answers it does not get half of another answer.
    if (!connection_timeout_ && !retry_timeout_) {
      merged.connection_timeout_ = defaults.connection_timeout_;
      if (!no_retry_) merged.retry_timeout_ = defaults.retry_timeout_;
    }
    if (policy_ == nullptr) merged.policy_ = defaults.policy_;
    if (defaults.skip_endpoint_) merged.skip_endpoint_ = true;
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
    merged.own_granters_ = granters_.empty() ? defaults.own_granters_ : own_granters_;
    return merged;
  }

 private:
  bool no_retry_ = false;
  bool no_discharges_ = false;
  bool no_resolve_ = false;
  bool skip_endpoint_ = false;
  std::optional<std::chrono::nanoseconds> connection_timeout_;
  std::optional<std::chrono::nanoseconds> retry_timeout_;
  std::shared_ptr<const ClientPolicy> policy_;  // shared by copies; immutable
  std::chrono::nanoseconds channel_timeout_{0};
  std::shared_ptr<const Authorizer> server_authorizer_;  // shared with connections that are judged by it
  std::vector<std::vector<BlessingPattern>> allowed_servers_;
  std::vector<PublicKey> server_keys_;
  std::vector<Granter> granters_;
  std::size_t own_granters_ = 0;
  std::shared_ptr<const Authorizer> name_resolution_authorizer_;  // shared with connections that are judged by it
  std::shared_ptr<const v23::naming::MountEntry> preresolved_;    // shared by copies; immutable
  std::optional<std::vector<std::string>> namespace_roots_;
};

}  // namespace nb
