// MountAccounts: what each user has in a mount table, and how much he may have, so that nobody fills it up.
// One thread at a time.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include <nb/base/result.h>
#include <nb/services/mount_table.h>

namespace nb::services {

struct MountUsage {
  MountUsage() = default;
  MountUsage(std::size_t nodes_, std::size_t servers_, std::size_t bytes_)
      : nodes(nodes_), servers(servers_), bytes(bytes_) {}
  // Nothing is less than none.
  MountUsage without(const MountUsage& less) const {
    const auto left = [](std::size_t of, std::size_t less_) { return of > less_ ? of - less_ : 0; };
    return {left(nodes, less.nodes), left(servers, less.servers), left(bytes, less.bytes)};
  }
  std::size_t nodes = 0;
  std::size_t servers = 0;
  std::size_t bytes = 0;  // about, in memory
  friend bool operator==(const MountUsage&, const MountUsage&) = default;
};

class MountAccounts {
 public:
  explicit MountAccounts(const MountTableOptions& options);

  // BadState when the user would have too much with `more`. What he has already, but for that, is no obstacle: he may
  // take less of one thing although there is too much of another.
  Result<void> check(const std::string& user, const MountUsage& more) const;
  void add(const std::string& user, const MountUsage& more);
  void take(const std::string& user, const MountUsage& less);
  MountUsage usage(const std::string& user) const;

 private:
  const MountUsage most_;
  std::map<std::string, MountUsage> users_;  // only those that have something
};

}  // namespace nb::services
