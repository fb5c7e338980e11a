#include "services/mount_accounts.h"

#include <nb/base/verror.h>

namespace nb::services {

MountAccounts::MountAccounts(const MountTableOptions& options)
    : most_(options.max_nodes_per_user(), options.max_servers_per_user(), options.max_bytes_per_user()) {}

Result<void> MountAccounts::check(const std::string& user, const MountUsage& more) const {
  const MountUsage has = usage(user);
  const auto is_too_much = [](std::size_t now, std::size_t plus, std::size_t most) {
    return plus > 0 && (now > most || plus > most - now);
  };
  // The words are the reference's.
  if (is_too_much(has.nodes, more.nodes, most_.nodes)) return verror::BadState("user has exceeded their node limit");
  if (is_too_much(has.servers, more.servers, most_.servers)) {
    return verror::BadState("user has exceeded their server limit");
  }
  if (is_too_much(has.bytes, more.bytes, most_.bytes)) return verror::BadState("user has exceeded their memory limit");
  return {};
}

void MountAccounts::add(const std::string& user, const MountUsage& more) {
  if (more == MountUsage()) return;
  MountUsage& has = users_[user];
  has.nodes += more.nodes;
  has.servers += more.servers;
  has.bytes += more.bytes;
}

void MountAccounts::take(const std::string& user, const MountUsage& less) {
  const auto found = users_.find(user);
  if (found == users_.end()) return;
  MountUsage& has = found->second;
  has.nodes -= less.nodes;
  has.servers -= less.servers;
  has.bytes -= less.bytes;
  if (has == MountUsage()) users_.erase(found);
}

MountUsage MountAccounts::usage(const std::string& user) const {
  const auto found = users_.find(user);
  return found == users_.end() ? MountUsage() : found->second;
}

}  // namespace nb::services
