// Calls of names that mount tables know, and of several servers (docs/spec/rpc.md 4.3 to 4.5, and 4.9).
#include <algorithm>
#include <utility>

#include <nb/base/verror.h>
#include <nb/rpc/task.h>

#include "naming/errors.h"
#include "naming/names.h"
#include "rpc/errors.h"
#include "rpc/errors_2015.h"
#include "rpc/own_principal.h"
#include "rpc/resolver.h"
#include "rpc/running_call.h"
#include "rpc/server_race.h"

namespace nb::rpc {

// What has an address that is no mount table's is called there, at once.
bool RunningCall::is_to_be_resolved() const {
  if (spec_.options.preresolved() != nullptr) return true;
  if (kNonRootedName.matches(name_->why_not)) return runtime_->resolver().has_roots(spec_.options);
  return !name_->why_not && name_->endpoint.serves_mount_table && spec_.options.resolves();
}

void RunningCall::resolve() {
  Resolver& resolver = runtime_->resolver();
  if (const auto& entry = spec_.options.preresolved()) return resolved(*entry);
  if (!spec_.options.resolves()) return resolved(resolver.expand(spec_.name, spec_.options));
  if (auto known = resolver.resolve_from_cache(spec_.name, spec_.options, runtime_->now())) {
    return resolved(*std::move(known));
  }
  // Of zero, resolving keeps to connections that are there; what is left else is the time for this, too.
  Context context = spec_.context;
  if (spec_.options.connection_timeout() && !is_cached_only()) context = context.with_deadline(retries_.deadline());
  nb::start(runtime_->home(), rpc::resolve(runtime_, std::move(context), spec_.name, spec_.options))
      .then([self = shared_from_this()](Result<MountEntry> entry) { self->resolved(std::move(entry)); });
}

void RunningCall::resolved(Result<MountEntry> entry) {
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
  }
  if (!entry) {
    const Error& why = entry.error();
    if (verror::NoServers.matches(why) || verror::Timeout.matches(why)) return fail(why.with_action(NoRetry));
    const Error error = with_printed_cause(verror::NoServers("for " + spec_.name), "resolving", why);
    // Somebody may be about to mount it; with other errors there is nothing to wait for.
    if (!naming::kNameDoesntExist.matches(why)) return fail(error.with_action(NoRetry));
    return retry_or_fail(error, RetryRefetch);
  }
  if (entry->Servers.empty()) {
    return fail(verror::Internal("the name " + spec_.name + " was resolved to no servers").with_action(NoRetry));
  }
  keep_few_servers(*entry);
  std::vector<Candidate> servers;
  for (const auto& server : entry->Servers) {
    std::string name = naming::join_address_name(server.Server, entry->Name);
    auto known = runtime_->known_names().find(name);
    servers.emplace_back(std::move(name), std::move(known));
  }
  auto ordered = in_order(std::move(servers), runtime_->options().preferred_protocols, runtime_->local_networks());
  if (ordered) return call_one_of(*std::move(ordered));
  const Error error = with_printed_cause(verror::NoServers("for " + spec_.name), "servers", ordered.error());
  // Asking again would give the same.
  if (!spec_.options.resolves()) return fail(error.with_action(NoRetry));
  flush_name();
  retry_or_fail(error, RetryRefetch);
}

void RunningCall::call_one_of(std::vector<Candidate> servers) {
  servers_ = std::move(servers);
  server_errors_.assign(servers_.size(), Error());
  try_servers();
}

bool RunningCall::may_go_to(const KnownName& name) const {
  return !runtime_->is_unauthenticated() || (name.endpoint.protocol == "local" && name.endpoint.routes.empty());
}

void RunningCall::try_servers() {
  if (std::ranges::any_of(servers_, [this](const Candidate& each) { return !may_go_to(*each.known); })) {
    return fail(kNoPrincipal());
  }
  if (answered_by_ != nullptr) answered_by_->set("");
  const auto manager = runtime_->manager_for(spec_.context);
  if (!manager) return fail(manager.error());
  const bool is_one_by_one = policy_of(spec_.options).dialing == ClientPolicy::Dialing::kOneByOne;
  if (is_one_by_one && !is_cached_only()) return dial_next(**manager);
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    if (server_errors_[i]) continue;
    auto cached = (*manager)->dial_cached(servers_[i].known->endpoint, spec_.context, dial_options());
    if (cached) return go_on_with(i, *cached, true);
    if (is_cached_only()) server_errors_[i] = cached.error();
  }
  if (is_cached_only()) return servers_failed();
  dial_all(**manager);
}

void RunningCall::dial_all(conn::Manager& manager) {
  std::vector<Candidate> left;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    if (server_errors_[i]) continue;
    if (hooks_ != nullptr) hooks_->connecting(servers_[i].name);
    left.push_back(servers_[i]);
    places.push_back(i);
  }
  auto race = std::make_shared<ServerRace>(
      std::move(left), spec_.context, runtime_->home(),
      [self = shared_from_this(), places](std::optional<ServerRace::Winner> winner, const std::vector<Error>& why_not) {
        for (std::size_t i = 0; i < places.size(); ++i) self->server_errors_[places[i]] = why_not[i];
        if (!winner) return self->servers_failed();
        self->go_on_with(places[winner->index], winner->dialed, false);
      });
  race->start(manager, dial_options());
}

void RunningCall::dial_next(conn::Manager& manager) {
  const auto next = std::ranges::find_if(server_errors_, [](const Error& error) { return !error; });
  if (next == server_errors_.end() || spec_.context.has_ended()) return servers_failed();
  const auto place = static_cast<std::size_t>(next - server_errors_.begin());
  if (hooks_ != nullptr) hooks_->connecting(servers_[place].name);
  manager.dial(servers_[place].known->endpoint, spec_.context, dial_options(),
               [self = shared_from_this(), place](const Result<conn::Dialed>& dialed) {
                 if (dialed) return self->go_on_with(place, *dialed, false);
                 if (self->hooks_ != nullptr) self->hooks_->connected(self->servers_[place].name, dialed.error());
                 self->server_errors_[place] = dialed.error();
                 self->try_servers();
               });
}

void RunningCall::go_on_with(std::size_t server, const conn::Dialed& dialed, bool is_cached) {
  chosen_ = server;
  name_ = servers_[server].known;
  server_name_ = servers_[server].name;
  if (hooks_ != nullptr && is_cached) hooks_->connecting(server_name_);
  if (answered_by_ != nullptr) answered_by_->set(server_name_);
  if (dialed.connection->in_executor()) return choose_blessings(dialed, is_cached);
  const bool posted = dialed.connection->post(
      [self = shared_from_this(), dialed, is_cached] { self->choose_blessings(dialed, is_cached); });
  if (!posted) fail(wrap(verror::BadState, kCloseAlreadyCalled()));
}

void RunningCall::flush_name() {
  if (spec_.options.resolves()) runtime_->resolver().flush(spec_.name, spec_.options, runtime_->now());
}

void RunningCall::retry_or_fail(const Error& error, RetryAction action) {
  const auto now = runtime_->now();
  if (!retries_.may_connect_again(action, now)) {
    Error instead;
    {
      const std::lock_guard lock(mutex_);
      instead = instead_of(error);
    }
    if (hooks_ != nullptr) hooks_->failed(instead, RetryDecision::kCannot);
    return fail(instead);
  }
  const auto delay = retries_.connect_delay(now, runtime_->options().random);
  if (hooks_ != nullptr) hooks_->failed(error, delay ? RetryDecision::kRetries : RetryDecision::kExhausted);
  if (!delay) return fail(error);
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    connect_error_ = error;
  }
  try_again_after(*delay);
}

void RunningCall::attempt_failed(const Error& error, bool may_retry) {
  if (servers_.empty()) return attempts_failed({ServerFailure(server_name_, error)}, may_retry);
  server_errors_[chosen_] = error;
  if (!may_retry) return servers_failed(false);
  const bool is_one_left = std::ranges::any_of(server_errors_, [](const Error& each) { return !each; });
  if (is_one_left && !spec_.context.has_ended()) return try_servers();
  servers_failed();
}

void RunningCall::servers_failed(bool may_retry) {
  std::vector<ServerFailure> failures;
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    if (server_errors_[i]) failures.emplace_back(servers_[i].name, server_errors_[i]);
  }
  attempts_failed(failures, may_retry);
}

void RunningCall::attempts_failed(const std::vector<ServerFailure>& failures, bool may_retry) {
  if (hooks_ != nullptr) {
    for (const ServerFailure& each : failures) hooks_->connected(each.server, each.why);
  }
  flush_name();
  const ConnectFailure failure = connect_failure(spec_.name, spec_.method, failures, spec_.context.error(),
                                                 policy_of(spec_.options), trust_advice());
  if (may_retry || failure.action == NoRetry) return retry_or_fail(failure.error, failure.action);
  fail(failure.error.with_action(NoRetry));
}

// Added to the error of a call whose servers are not trusted.
std::string RunningCall::trust_advice() const {
  if (!runtime_->has_made_up_principal() || spec_.options.server_authorizer() != nullptr) return "";
  return std::string("; ") + kHowToGetCredentials +
         ", or accept whoever answers with CallOptions().server_authorizer(nb::allow_everyone())";
}

}  // namespace nb::rpc
