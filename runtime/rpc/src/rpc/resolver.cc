#include "rpc/resolver.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <tuple>
#include <utility>

#include <nb/base/verror.h>
#include <nb/rpc/client.h>

#include "naming/endpoint.h"
#include "naming/errors.h"
#include "naming/names.h"
#include "rpc/errors.h"
#include "rpc/runtime_core.h"

extern char** environ;

namespace nb::rpc {

namespace {

constexpr int kMaxSteps = 32;
constexpr std::chrono::seconds kPatience(30);
constexpr std::chrono::hours kPlentyForACall(1);
constexpr std::string_view kRootsPrefix = "V23_NAMESPACE";

std::string address_in(const std::string& name) { return naming::split_address_name(name).address; }

bool is_finished(const MountEntry& entry) { return entry.Name.empty(); }

// A call to whichever of the entry's servers answers.
template <class R, class... Args>
Call<R> call_at(const std::shared_ptr<RuntimeCore>& runtime, const Context& context, MountEntry entry,
                const CallOptions& options, std::string_view method, Args&&... args) {
  CallOptions at = for_mount_tables(options);
  const std::string name = entry.Name;
  at.preresolved(std::move(entry));
  return Object(runtime, name, CallOptions()).call<R>(context, at, method, std::forward<Args>(args)...);
}

void forget(RuntimeCore& runtime, const MountEntry& entry) {
  std::vector<std::string> names;
  for (const auto& server : entry.Servers) names.push_back(naming::join_address_name(server.Server, entry.Name));
  runtime.resolver().cache().forget(names);
}

// "host:1/x" where "/host:1/x" was meant.
bool looks_like_an_endpoint(const std::string& name) {
  if (name.empty() || naming::is_rooted(name)) return false;
  return naming::parse_endpoint(name.substr(0, name.find('/'))).ok();
}

// One step of the way.
Task<Result<MountEntry>> ask(std::shared_ptr<RuntimeCore> runtime, Context context, MountEntry entry,
                             CallOptions options) {
  ResolutionCache& cache = runtime->resolver().cache();
  const auto now = runtime->now();
  MountEntry asked = entry;
  asked.Servers.clear();
  for (const auto& server : entry.Servers) {
    if (cache.is_known_no_table(server.Server, now)) continue;
    if (auto known = cache.find(naming::join_address_name(server.Server, entry.Name), now)) co_return *std::move(known);
    asked.Servers.push_back(server);
  }
  if (asked.Servers.empty()) co_return kNoServersToAsk();

  auto call = call_at<MountEntry>(runtime, with_patience(context), asked, options, "ResolveStep");
  auto answer = co_await call;
  if (!answer) {
    // Names that begin with "__" are for servers themselves, mount tables or not.
    if (is_no_mount_table(answer.error()) && !naming::is_reserved(entry.Name)) {
      for (const auto& server : asked.Servers) cache.remember_no_table(server.Server, now);
    }
    co_return naming::as_known(answer.error());
  }
  for (const auto& server : asked.Servers) {
    cache.remember(naming::join_address_name(server.Server, entry.Name), *answer, runtime->now());
  }
  co_return answer;
}

}  // namespace

Result<void> Resolver::check_roots(const std::vector<std::string>& roots) {
  for (const std::string& root : roots) {
    if (address_in(root).empty()) {
      return verror::BadArg("the root `" + root + "` of the namespace is not a rooted name, as /host:port or /@6@… is");
    }
  }
  return {};
}

std::vector<std::string> Resolver::roots_of_environment() {
  std::map<std::string_view, std::string_view> found;
  for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
    const std::string_view variable = *each;
    const std::size_t equals = variable.find('=');
    if (equals == std::string_view::npos || !variable.starts_with(kRootsPrefix)) continue;
    if (equals + 1 < variable.size()) found.emplace(variable.substr(0, equals), variable.substr(equals + 1));
  }
  std::vector<std::string> roots;
  for (const auto& [name, value] : found) roots.emplace_back(value);
  return roots;
}

bool Resolver::environment_wants_cache() {
  const char* const disabled = std::getenv("V23_DISABLE_NS_CACHE");
  return disabled == nullptr || *disabled == '\0';
}

Result<void> Resolver::set_roots(std::vector<std::string> roots) {
  if (auto fine = check_roots(roots); !fine) return fine;
  const std::lock_guard lock(mutex_);
  roots_ = std::move(roots);
  return {};
}

std::vector<std::string> Resolver::roots(const CallOptions& options) const {
  if (options.namespace_roots()) return *options.namespace_roots();
  const std::lock_guard lock(mutex_);
  return roots_;
}

bool Resolver::has_roots(const CallOptions& options) const {
  if (options.namespace_roots()) return !options.namespace_roots()->empty();
  const std::lock_guard lock(mutex_);
  return !roots_.empty();
}

MountEntry Resolver::expand(const std::string& name, const CallOptions& options) const {
  const std::string plain = naming::split_pattern_name(naming::clean(name)).name;
  const auto [address, suffix] = naming::split_address_name(plain);
  const Deadline deadline = Deadline::after(kPlentyForACall);
  MountEntry entry;
  entry.ServesMountTable = true;
  if (address.empty()) {
    entry.Name = plain;
    for (std::string& root : roots(options)) entry.Servers.emplace_back(std::move(root), deadline);
    return entry;
  }
  entry.Name = suffix;
  if (const auto endpoint = naming::parse_endpoint(address)) entry.ServesMountTable = endpoint->serves_mount_table;
  entry.Servers.emplace_back(naming::join_address_name(address, ""), deadline);
  return entry;
}

std::optional<MountEntry> Resolver::look_up(const MountEntry& entry, Clock::Steady now) {
  for (const auto& server : entry.Servers) {
    if (cache_.is_known_no_table(server.Server, now)) continue;
    if (auto known = cache_.find(naming::join_address_name(server.Server, entry.Name), now)) return known;
  }
  return std::nullopt;
}

std::optional<MountEntry> Resolver::resolve_from_cache(const std::string& name, const CallOptions& options,
                                                       Clock::Steady now) {
  MountEntry entry = expand(name, options);
  if (entry.Servers.empty()) return std::nullopt;
  for (int i = 0; i < kMaxSteps; ++i) {
    if (!entry.ServesMountTable) return entry;
    auto next = look_up(entry, now);
    if (!next) {
      const bool nobody_to_ask = std::ranges::all_of(
          entry.Servers, [&](const auto& server) { return cache_.is_known_no_table(server.Server, now); });
      return nobody_to_ask ? std::optional(std::move(entry)) : std::nullopt;
    }
    entry = *std::move(next);
  }
  return std::nullopt;
}

bool Resolver::flush(const std::string& name, const CallOptions& options, Clock::Steady now) {
  // Follows all branches, since a resolution may have taken any of them; deepest first.
  std::vector<std::string> to_forget;
  std::vector<std::string> names;
  const MountEntry first = expand(name, options);
  for (const auto& server : first.Servers) names.push_back(naming::join_address_name(server.Server, first.Name));
  for (int step = 0; step < kMaxSteps && !names.empty(); ++step) {
    std::vector<std::string> found;
    std::vector<std::string> next;
    for (const std::string& each : names) {
      const auto entry = cache_.find(each, now);
      if (!entry) continue;
      found.push_back(without_suffix(naming::clean(each), entry->Name));
      for (const auto& server : entry->Servers) next.push_back(naming::join_address_name(server.Server, entry->Name));
    }
    if (found.empty()) break;
    to_forget = std::move(found);
    names = std::move(next);
    if (names.size() > 1000) break;
  }
  cache_.forget(to_forget);
  return !to_forget.empty();
}

CallOptions for_mount_tables(const CallOptions& options) {
  CallOptions to;
  if (!options.retries()) to.no_retry();
  if (!options.fetches_discharges()) to.no_discharges();
  if (options.name_resolution_authorizer() != nullptr) to.server_authorizer(options.name_resolution_authorizer());
  return to;
}

bool is_no_mount_table(const Error& error) {
  return verror::BadArg.matches(error) || verror::NoExist.matches(error) || verror::UnknownMethod.matches(error) ||
         verror::UnknownSuffix.matches(error) || verror::BadProtocol.matches(error) || kNoServersToAsk.matches(error);
}

Context with_patience(const Context& context) { return context.deadline() ? context : context.with_timeout(kPatience); }

Task<Result<MountEntry>> resolve(std::shared_ptr<RuntimeCore> runtime, Context context, std::string name,
                                 CallOptions options) {
  if (options.preresolved() != nullptr) co_return *options.preresolved();
  MountEntry entry = runtime->resolver().expand(name, options);
  if (!options.resolves()) co_return entry;
  Error failure;
  if (entry.Servers.empty()) failure = naming::kNameDoesntExist(name + " (there is no mount table to ask)");
  for (int i = 0; i < kMaxSteps && !failure; ++i) {
    if (!entry.ServesMountTable) co_return entry;
    auto asking = ask(runtime, context, entry, options);
    auto next = co_await std::move(asking);
    if (next) {
      entry = *std::move(next);
    } else if (is_no_mount_table(next.error())) {
      co_return entry;
    } else {
      failure = naming::kRootNameDoesntExist.matches(next.error()) ? naming::kNameDoesntExist(name) : next.error();
    }
  }
  if (!failure) failure = naming::kResolutionDepthExceeded(name);
  if (looks_like_an_endpoint(name)) {
    failure = with_printed_cause(failure, "Did you mean", Error("v.io/v23/verror.Unknown", NoRetry, "/" + name));
  }
  co_return failure;
}

Task<Result<MountEntry>> resolve_to_mount_table(std::shared_ptr<RuntimeCore> runtime, Context context, std::string name,
                                                CallOptions options) {
  MountEntry entry = runtime->resolver().expand(name, options);
  if (entry.Servers.empty()) co_return naming::kNoMountTable();
  MountEntry last = entry;
  for (int i = 0; i < kMaxSteps; ++i) {
    if (!entry.ServesMountTable || is_finished(entry)) co_return last;
    auto asking = ask(runtime, context, entry, options);
    auto next = co_await std::move(asking);
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

Task<Result<MountEntry>> shallow_resolve(std::shared_ptr<RuntimeCore> runtime, Context context, std::string name,
                                         CallOptions options) {
  auto finding = resolve_to_mount_table(runtime, context, name, options);
  auto table = co_await std::move(finding);
  if (!table || is_finished(*table)) co_return table;
  auto call = call_at<MountEntry>(runtime, with_patience(context), *table, options, "ResolveStep");
  auto answer = co_await call;
  if (!answer) co_return naming::as_known(answer.error());
  co_return answer;
}

Task<Result<void>> mount(std::shared_ptr<RuntimeCore> runtime, Context context, std::string name, std::string server,
                         std::uint32_t ttl_seconds, v23::naming::MountFlag flags, CallOptions options) {
  auto finding = resolve_to_mount_table(runtime, context, name, options);
  const auto table = co_await std::move(finding);
  if (!table) co_return table.error();
  forget(*runtime, *table);
  Result<void> result;
  for (const auto& each : table->Servers) {
    MountEntry one = *table;
    one.Servers = {each};
    auto call =
        call_at<void>(runtime, with_patience(context), std::move(one), options, "Mount", server, ttl_seconds, flags);
    if (auto mounted = co_await call; !mounted) result = naming::as_known(mounted.error());
  }
  co_return result;
}

Task<Result<void>> unmount(std::shared_ptr<RuntimeCore> runtime, Context context, std::string name, std::string server,
                           CallOptions options) {
  auto finding = resolve_to_mount_table(runtime, context, name, options);
  const auto table = co_await std::move(finding);
  if (!table) co_return table.error();
  auto call = call_at<void>(runtime, with_patience(context), *table, options, "Unmount", server);
  auto result = co_await call;
  forget(*runtime, *table);
  if (!result) co_return naming::as_known(result.error());
  co_return result;
}

Task<Result<void>> remove(std::shared_ptr<RuntimeCore> runtime, Context context, std::string name, bool with_subtree,
                          CallOptions options) {
  auto finding = resolve_to_mount_table(runtime, context, name, options);
  const auto table = co_await std::move(finding);
  if (!table) co_return table.error();
  auto call = call_at<void>(runtime, with_patience(context), *table, options, "Delete", with_subtree);
  auto result = co_await call;
  forget(*runtime, *table);
  if (!result) co_return naming::as_known(result.error());
  co_return result;
}

Task<Result<void>> set_permissions(std::shared_ptr<RuntimeCore> runtime, Context context, std::string name,
                                   Permissions permissions, std::string version, CallOptions options) {
  auto finding = resolve_to_mount_table(runtime, context, name, options);
  const auto table = co_await std::move(finding);
  if (!table) co_return table.error();
  auto call = call_at<void>(runtime, with_patience(context), *table, options, "SetPermissions", permissions, version);
  auto result = co_await call;
  forget(*runtime, *table);
  if (!result) co_return naming::as_known(result.error());
  co_return result;
}

Task<Result<VersionedPermissions>> get_permissions(std::shared_ptr<RuntimeCore> runtime, Context context,
                                                   std::string name, CallOptions options) {
  using Answer = std::tuple<Permissions, std::string>;
  auto finding = resolve_to_mount_table(runtime, context, name, options);
  const auto table = co_await std::move(finding);
  if (!table) co_return table.error();
  auto call = call_at<Answer>(runtime, with_patience(context), *table, options, "GetPermissions");
  auto result = co_await call;
  forget(*runtime, *table);
  if (!result) co_return naming::as_known(result.error());
  co_return VersionedPermissions(std::get<0>(std::move(*result)), std::get<1>(std::move(*result)));
}

}  // namespace nb::rpc
