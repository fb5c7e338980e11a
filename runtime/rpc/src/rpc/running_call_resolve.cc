// Calls of names that mount tables know, and of several servers (docs/spec/rpc.md 4.3 to 4.5, and 4.9).
#include <algorithm>
#include <utility>

#include <nb/base/verror.h>
#include <nb/rpc/task.h>

#include "naming/errors.h"
#include "naming/names.h"
#include "rpc/errors.h"
#include "rpc/own_principal.h"
#include "rpc/resolver.h"
#include "rpc/running_call.h"
#include "rpc/server_race.h"

namespace nb::rpc {

namespace {

std::string name_at(const std::string& server, const std::string& method, const std::string& name) {
  return server == name ? server + "." + method : server + ":" + name + "." + method;
}

}  // namespace

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
  if (spec_.options.connection_timeout() && !is_cached_only()) context = context.with_deadline(connect_deadline_);
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
    return retry_or_fail(error);
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
  retry_or_fail(error);
}

void RunningCall::call_one_of(std::vector<Candidate> servers) {
  if (answered_by_ != nullptr) answered_by_->set("");
  const auto manager = runtime_->manager_for(spec_.context);
  if (!manager) return fail(manager.error());
  std::vector<Failure> failures;
  for (const Candidate& server : servers) {
    auto cached = (*manager)->dial_cached(server.known->endpoint, spec_.context, dial_options());
    if (cached) return go_on_with(server, *cached, true);
    failures.emplace_back(server.name, cached.error());
  }
  if (is_cached_only()) return attempts_failed(failures, false);
  auto race =
      std::make_shared<ServerRace>(servers, spec_.context, runtime_->home(),
                                   [self = shared_from_this(), servers](std::optional<ServerRace::Winner> winner,
                                                                        const std::vector<Error>& why_not) {
                                     if (winner) return self->go_on_with(servers[winner->index], winner->dialed, false);
                                     std::vector<Failure> failures;
                                     for (std::size_t i = 0; i < servers.size(); ++i)
                                       failures.emplace_back(servers[i].name, why_not[i]);
                                     self->attempts_failed(failures, true);
                                   });
  race->start(**manager, dial_options());
}

void RunningCall::go_on_with(const Candidate& server, const conn::Dialed& dialed, bool is_cached) {
  name_ = server.known;
  server_name_ = server.name;
  if (answered_by_ != nullptr) answered_by_->set(server.name);
  if (dialed.connection->in_executor()) return choose_blessings(dialed, is_cached);
  const bool posted = dialed.connection->post(
      [self = shared_from_this(), dialed, is_cached] { self->choose_blessings(dialed, is_cached); });
  if (!posted) fail(wrap(verror::BadState, kCloseAlreadyCalled()));
}

void RunningCall::flush_name() {
  if (spec_.options.resolves()) runtime_->resolver().flush(spec_.name, spec_.options, runtime_->now());
}

void RunningCall::retry_or_fail(const Error& error) {
  if (!retry_later(error)) fail(error);
}

void RunningCall::attempts_failed(const std::vector<Failure>& failures, bool may_retry) {
  flush_name();
  const auto with_causes = [&](Error error) {
    std::vector<SubError> causes;
    for (const Failure& each : failures) {
      causes.push_back(SubError{name_at(each.server, spec_.method, spec_.name), each.why});
    }
    return with_printed_causes(error, std::move(causes));
  };
  if (const Error why = spec_.context.error()) {
    const Error result = with_causes(why);
    return fail(may_retry ? result : result.with_action(NoRetry));
  }
  Error error = verror::NoServers("for " + spec_.name);
  bool is_trust_missing = false;
  for (const Failure& each : failures) {
    if (verror::NotTrusted.matches(each.why) || kPeerAuthorizedFailed.matches(each.why)) {
      is_trust_missing = true;
      error = verror::NotTrusted(trust_advice());
    } else if (verror::Timeout.matches(each.why)) {
      error = verror::Timeout("connecting");
    }
  }
  error = with_causes(std::move(error));
  // That another server may do is in the error; this call tries none.
  if (is_trust_missing) return fail(error);
  if (!may_retry) return fail(error.with_action(NoRetry));
  retry_or_fail(error);
}

void RunningCall::attempt_failed(const Error& error, bool may_retry) {
  attempts_failed({Failure(server_name_, error)}, may_retry);
}

std::string RunningCall::trust_advice() const {
  std::string detail = "for " + spec_.name;
  if (runtime_->has_made_up_principal() && spec_.options.server_authorizer() == nullptr) {
    detail.append("; ").append(kHowToGetCredentials);
    detail.append(", or accept whoever answers with CallOptions().server_authorizer(nb::allow_everyone())");
  }
  return detail;
}

}  // namespace nb::rpc
