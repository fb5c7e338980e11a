#include "rpc/resolver.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <set>
#include <utility>

#include <nb/base/verror.h>

#include "naming/endpoint.h"
#include "naming/names.h"
#include "rpc/errors.h"

extern char** environ;

namespace nb::rpc {

namespace {

constexpr std::size_t kMaxServers = 100;
constexpr std::size_t kMaxServerName = 4096;
// Of the cache, that one flush follows; beyond that it is all forgotten.
constexpr std::size_t kMaxBranches = 10'000;
constexpr std::chrono::seconds kPatience(30);
constexpr std::chrono::hours kPlentyForACall(1);
constexpr std::string_view kRootsPrefix = "V23_NAMESPACE";

std::string address_in(const std::string& name) { return naming::split_address_name(name).address; }

}  // namespace

void keep_few_servers(MountEntry& entry) {
  std::erase_if(entry.Servers, [](const auto& server) { return server.Server.size() > kMaxServerName; });
  if (entry.Servers.size() > kMaxServers) entry.Servers.resize(kMaxServers);
}

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

std::optional<MountEntry> Resolver::look_up(const MountEntry& entry, const CallOptions& options, Clock::Steady now) {
  if (!remembers(options)) return std::nullopt;
  for (const auto& server : entry.Servers) {
    if (cache_.is_known_no_table(server.Server, now)) continue;
    if (auto known = cache_.find(naming::join_address_name(server.Server, entry.Name), now)) return known;
  }
  return std::nullopt;
}

std::optional<MountEntry> Resolver::resolve_from_cache(const std::string& name, const CallOptions& options,
                                                       Clock::Steady now) {
  MountEntry entry = expand(name, options);
  if (entry.Servers.empty() || !remembers(options)) return std::nullopt;
  for (int i = 0; i < kMaxResolutionSteps; ++i) {
    if (!entry.ServesMountTable) return entry;
    auto next = look_up(entry, options, now);
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
  // Follows all branches, since a resolution may have taken any of them.
  std::set<std::string> to_forget;
  std::vector<std::string> names;
  const auto add = [&names](const MountEntry& entry) {
    for (const auto& server : entry.Servers) names.push_back(naming::join_address_name(server.Server, entry.Name));
  };
  add(expand(name, options));
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names.size() > kMaxBranches) {
      cache_.forget({"/"});
      return true;
    }
    const auto entry = cache_.find(names[i], now);
    if (!entry) continue;
    // What was looked at before has been followed: tables may lead in circles.
    if (to_forget.insert(without_suffix(naming::clean(names[i]), entry->Name)).second) add(*entry);
  }
  cache_.forget({to_forget.begin(), to_forget.end()});
  return !to_forget.empty();
}

CallOptions for_mount_tables(const CallOptions& options) {
  CallOptions to;
  if (!options.retries()) to.no_retry();
  if (!options.fetches_discharges()) to.no_discharges();
  // No time at all: only over connections that are there.
  if (options.connection_timeout() == std::chrono::nanoseconds(0)) to.connection_timeout(std::chrono::nanoseconds(0));
  if (options.name_resolution_authorizer() != nullptr) to.server_authorizer(options.name_resolution_authorizer());
  return to;
}

bool is_no_mount_table(const Error& error) {
  return verror::BadArg.matches(error) || verror::NoExist.matches(error) || verror::UnknownMethod.matches(error) ||
         verror::UnknownSuffix.matches(error) || verror::BadProtocol.matches(error) || kNoServersToAsk.matches(error);
}

Context with_patience(const Context& context) { return context.deadline() ? context : context.with_timeout(kPatience); }

}  // namespace nb::rpc
