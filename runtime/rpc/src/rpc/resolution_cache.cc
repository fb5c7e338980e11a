#include "rpc/resolution_cache.h"

#include <algorithm>
#include <chrono>

#include "naming/names.h"

namespace nb::rpc {

namespace {

constexpr std::size_t kMaxEntries = 4000;
constexpr std::size_t kRoomFor = 3000;
constexpr std::chrono::minutes kNoTableFor(1);
// Deadlines are a peer's word; beyond these they make no difference.
constexpr std::chrono::hours kSoonest(1);
constexpr std::chrono::hours kLatest(24 * 365);

bool is_endpoint(std::string_view server) { return server.find("@@") != std::string_view::npos; }

}  // namespace

std::string without_suffix(const std::string& name, const std::string& suffix) {
  if (suffix.empty() || name == suffix) return suffix.empty() ? name : std::string();
  const bool has_it =
      name.size() > suffix.size() && name.ends_with(suffix) && name[name.size() - suffix.size() - 1] == '/';
  return has_it ? name.substr(0, name.size() - suffix.size() - 1) : name;
}

bool ResolutionCache::Entry::is_stale(Clock::Steady now) const {
  return std::ranges::any_of(servers, [now](const Server& server) { return server.expires < now; });
}

void ResolutionCache::enable(bool on) {
  const std::lock_guard lock(mutex_);
  enabled_ = on;
  entries_.clear();
  no_tables_.clear();
}

bool ResolutionCache::is_enabled() const {
  const std::lock_guard lock(mutex_);
  return enabled_;
}

std::size_t ResolutionCache::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

void ResolutionCache::make_room(Clock::Steady now) {
  std::erase_if(entries_, [now](const auto& each) { return each.second.is_stale(now); });
  // Which of the others go does not matter; every n-th is as good as drawn.
  const std::size_t n = kMaxEntries / (kMaxEntries - kRoomFor);
  std::size_t i = 0;
  if (entries_.size() > kRoomFor) std::erase_if(entries_, [&](const auto&) { return ++i % n == 0; });
}

void ResolutionCache::remember(const std::string& server, const std::string& name, const v23::naming::MountEntry& entry,
                               Clock::Steady now) {
  const std::string asked = naming::clean(name);
  const std::string rest = naming::clean(entry.Name);
  const std::string used = without_suffix(asked, rest);
  if (!rest.empty() && used == asked) return;
  Entry kept;
  kept.is_table = entry.ServesMountTable;
  for (const auto& each : entry.Servers) {
    Clock::Steady expires = Clock::Steady::max();
    // What is left by the system's clock, on which deadlines are read, from now on by ours.
    if (each.Deadline) {
      expires = now + std::clamp<std::chrono::nanoseconds>(each.Deadline.left(), -kSoonest, kLatest);
    }
    kept.servers.emplace_back(each.Server, expires);
  }
  std::string key = naming::join_address_name(server, used);
  const std::lock_guard lock(mutex_);
  if (!enabled_) return;
  if (entries_.size() >= kMaxEntries && !entries_.contains(key)) make_room(now);
  entries_.insert_or_assign(std::move(key), std::move(kept));
}

std::optional<v23::naming::MountEntry> ResolutionCache::find(const std::string& name, Clock::Steady now) {
  const std::string clean = naming::clean(name);
  const std::lock_guard lock(mutex_);
  std::string_view prefix = clean;
  while (!prefix.empty()) {
    const auto found = entries_.find(prefix);
    if (found != entries_.end()) {
      Entry& entry = found->second;
      if (entry.is_stale(now)) return std::nullopt;
      v23::naming::MountEntry answer;
      answer.Name = prefix.size() == clean.size() ? "" : clean.substr(prefix.size() + 1);
      answer.ServesMountTable = entry.is_table;
      for (const Server& server : entry.servers) {
        const bool is_endless = server.expires == Clock::Steady::max();
        answer.Servers.emplace_back(server.name, is_endless ? Deadline() : Deadline::after(server.expires - now));
      }
      if (entry.servers.size() > 1) std::rotate(entry.servers.begin(), entry.servers.begin() + 1, entry.servers.end());
      return answer;
    }
    const std::size_t slash = prefix.rfind('/');
    prefix = slash == std::string_view::npos ? std::string_view() : prefix.substr(0, slash);
  }
  return std::nullopt;
}

void ResolutionCache::forget(const std::vector<std::string>& names) {
  const std::lock_guard lock(mutex_);
  for (const std::string& name : names) {
    const std::string begin = naming::clean(name);
    auto at = entries_.lower_bound(begin);
    while (at != entries_.end() && at->first.starts_with(begin)) at = entries_.erase(at);
  }
}

void ResolutionCache::remember_no_table(const std::string& server, Clock::Steady now) {
  if (is_endpoint(server)) return;
  const std::lock_guard lock(mutex_);
  if (!enabled_) return;
  if (no_tables_.size() >= kMaxEntries) no_tables_.clear();
  no_tables_[server] = now + kNoTableFor;
}

bool ResolutionCache::is_known_no_table(const std::string& server, Clock::Steady now) {
  const std::lock_guard lock(mutex_);
  const auto found = no_tables_.find(server);
  if (found == no_tables_.end()) return false;
  if (now <= found->second) return true;
  no_tables_.erase(found);
  return false;
}

}  // namespace nb::rpc
