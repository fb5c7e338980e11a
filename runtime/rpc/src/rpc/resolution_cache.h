// ResolutionCache: what mount tables answered lately (docs/spec/rpc.md 11.1, "Cache"). Safe from any thread.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nb/base/clock.h>

#include "v.io/v23/naming/naming.vdl.h"

namespace nb::rpc {

// Taking the last elements off: {"/h:1/a/b", "b"} -> "/h:1/a". Untouched when the name does not end with them.
std::string without_suffix(const std::string& name, const std::string& suffix);

class ResolutionCache {
 public:
  // Off: nothing is remembered, and what was is forgotten.
  void enable(bool on);
  bool is_enabled() const;

  // The server, a rooted name, was asked for `name` and answered; entry.Name is what it left of it. An answer whose
  // rest does not end the name is not remembered: it would count for other names.
  void remember(const std::string& server, const std::string& name, const v23::naming::MountEntry& entry,
                Clock::Steady now);
  // By the longest part of `name` that is known; entry.Name is the rest. Each time another server comes first. Nothing
  // when one of the servers has expired: to ask again is better than to have fewer to choose from.
  std::optional<v23::naming::MountEntry> find(const std::string& name, Clock::Steady now);
  // Everything whose name begins with one of these.
  void forget(const std::vector<std::string>& names);

  // That a server is no mount table, for a minute. Not for endpoints, which say it themselves.
  void remember_no_table(const std::string& server, Clock::Steady now);
  bool is_known_no_table(const std::string& server, Clock::Steady now);

  std::size_t size() const;

 private:
  struct Server {
    Server(std::string name_, Clock::Steady expires_) : name(std::move(name_)), expires(expires_) {}
    std::string name;
    Clock::Steady expires;
  };
  struct Entry {
    bool is_stale(Clock::Steady now) const;
    std::vector<Server> servers;
    bool is_table = false;
  };
  void make_room(Clock::Steady now);

  mutable std::mutex mutex_;
  bool enabled_ = true;
  std::map<std::string, Entry, std::less<>> entries_;
  std::map<std::string, Clock::Steady, std::less<>> no_tables_;  // until when that is believed
};

}  // namespace nb::rpc
