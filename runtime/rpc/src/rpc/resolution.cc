// From a name to its servers, or to the mount table that holds it, step by step.
#include <algorithm>
#include <utility>

#include <nb/base/verror.h>

#include "naming/endpoint.h"
#include "naming/errors.h"
#include "naming/names.h"
#include "rpc/answered_by.h"
#include "rpc/errors.h"
#include "rpc/resolver.h"
#include "rpc/runtime_core.h"
#include "rpc/table_call.h"

namespace nb::rpc {

namespace {

bool is_finished(const MountEntry& entry) { return entry.Name.empty(); }

// "host:1/x" where "/host:1/x" was meant.
bool looks_like_an_endpoint(const std::string& name) {
  if (name.empty() || naming::is_rooted(name)) return false;
  return naming::parse_endpoint(name.substr(0, name.find('/'))).ok();
}

// One step of the way, by a call. What is remembered of it is remembered of the server that answered: what one says
// must not decide where the names of others lead.
Task<Result<MountEntry>> ask(std::shared_ptr<RuntimeCore> runtime, Context context, MountEntry entry,
                             CallOptions options) {
  ResolutionCache& cache = runtime->resolver().cache();
  const bool remembers = Resolver::remembers(options);
  if (remembers) {
    std::erase_if(entry.Servers, [&cache, now = runtime->now()](const auto& server) {
      return cache.is_known_no_table(server.Server, now);
    });
  }
  keep_few_servers(entry);
  if (entry.Servers.empty()) co_return kNoServersToAsk();

  const auto note = std::make_shared<const AnsweredBy>();
  auto call = call_table<MountEntry>(runtime, with_answered_by(context, note), entry, options, "ResolveStep");
  auto answer = co_await call;
  const std::string answered = note->name();
  const auto server = std::ranges::find_if(
      entry.Servers, [&](const auto& each) { return naming::join_address_name(each.Server, entry.Name) == answered; });
  const bool is_known = remembers && server != entry.Servers.end();
  if (!answer) {
    // Names that begin with "__" are for servers themselves, mount tables or not.
    if (is_known && is_no_mount_table(answer.error()) && !naming::is_reserved(entry.Name)) {
      cache.remember_no_table(server->Server, runtime->now());
    }
    co_return naming::as_known(answer.error());
  }
  keep_few_servers(*answer);
  if (is_known) cache.remember(server->Server, entry.Name, *answer, runtime->now());
  co_return answer;
}

// All steps, once. `used_cache`: whether one of them was not asked for; the caller's, who awaits this.
Task<Result<MountEntry>> walk(std::shared_ptr<RuntimeCore> runtime, Context context, std::string name,
                              CallOptions options, bool& used_cache) {
  Resolver& resolver = runtime->resolver();
  MountEntry entry = resolver.expand(name, options);
  if (entry.Servers.empty()) co_return naming::kNameDoesntExist(name + " (there is no mount table to ask)");
  for (int i = 0; i < kMaxResolutionSteps; ++i) {
    if (!entry.ServesMountTable) co_return entry;
    if (auto known = resolver.look_up(entry, options, runtime->now())) {
      used_cache = true;
      entry = *std::move(known);
      continue;
    }
    auto asking = ask(runtime, context, entry, options);
    auto next = co_await std::move(asking);
    if (next) {
      entry = *std::move(next);
    } else if (is_no_mount_table(next.error())) {
      co_return entry;
    } else {
      co_return naming::kRootNameDoesntExist.matches(next.error()) ? naming::kNameDoesntExist(name) : next.error();
    }
  }
  co_return naming::kResolutionDepthExceeded(name);
}

Task<Result<MountEntry>> walk_to_mount_table(std::shared_ptr<RuntimeCore> runtime, Context context, std::string name,
                                             CallOptions options, bool& used_cache) {
  Resolver& resolver = runtime->resolver();
  MountEntry entry = resolver.expand(name, options);
  if (entry.Servers.empty()) co_return naming::kNoMountTable();
  MountEntry last = entry;
  for (int i = 0; i < kMaxResolutionSteps; ++i) {
    if (!entry.ServesMountTable || is_finished(entry)) co_return last;
    Result<MountEntry> next = verror::Internal();
    if (auto known = resolver.look_up(entry, options, runtime->now())) {
      used_cache = true;
      next = *std::move(known);
    } else {
      auto asking = ask(runtime, context, entry, options);
      next = co_await std::move(asking);
    }
    if (!next) {
      const Error& why = next.error();
      if (naming::kRootNameDoesntExist.matches(why)) co_return last;
      if (naming::kNameDoesntExist.matches(why)) co_return entry;
      if (is_no_mount_table(why)) co_return last;
      co_return why;
    }
    last = std::move(entry);
    entry = *std::move(next);
  }
  co_return naming::kResolutionDepthExceeded(name);
}

// Whether to try again with nothing remembered: a table that was remembered may be gone, or have been another's.
bool is_worth_a_fresh_try(RuntimeCore& runtime, const Context& context, const std::string& name,
                          const CallOptions& options, bool used_cache) {
  runtime.resolver().flush(name, options, runtime.now());
  return used_cache && !context.has_ended();
}

}  // namespace

Task<Result<MountEntry>> resolve(std::shared_ptr<RuntimeCore> runtime, Context context, std::string name,
                                 CallOptions options) {
  if (options.preresolved() != nullptr) co_return *options.preresolved();
  if (!options.resolves()) co_return runtime->resolver().expand(name, options);
  bool used_cache = false;
  auto walking = walk(runtime, context, name, options, used_cache);
  auto found = co_await std::move(walking);
  if (!found && is_worth_a_fresh_try(*runtime, context, name, options, used_cache)) {
    auto again = walk(runtime, context, name, options, used_cache);
    found = co_await std::move(again);
  }
  if (found || !looks_like_an_endpoint(name)) co_return found;
  co_return with_printed_cause(found.error(), "Did you mean", Error("v.io/v23/verror.Unknown", NoRetry, "/" + name));
}

Task<Result<MountEntry>> resolve_to_mount_table(std::shared_ptr<RuntimeCore> runtime, Context context, std::string name,
                                                CallOptions options) {
  bool used_cache = false;
  auto walking = walk_to_mount_table(runtime, context, name, options, used_cache);
  auto found = co_await std::move(walking);
  if (!found && is_worth_a_fresh_try(*runtime, context, name, options, used_cache)) {
    auto again = walk_to_mount_table(runtime, context, name, options, used_cache);
    found = co_await std::move(again);
  }
  co_return found;
}

Task<Result<MountEntry>> shallow_resolve(std::shared_ptr<RuntimeCore> runtime, Context context, std::string name,
                                         CallOptions options) {
  auto finding = resolve_to_mount_table(runtime, context, name, options);
  auto table = co_await std::move(finding);
  if (!table || is_finished(*table)) co_return table;
  auto call = call_table<MountEntry>(runtime, context, *table, options, "ResolveStep");
  auto answer = co_await call;
  if (!answer) co_return naming::as_known(answer.error());
  co_return answer;
}

}  // namespace nb::rpc
