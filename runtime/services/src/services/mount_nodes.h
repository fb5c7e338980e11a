// MountNodes: the tree of a mount table without its rules: nodes come and go, servers expire, and each is on somebody's
// account. Who may do it, and that it lasts, is MountTree's concern.
//
// One thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nb/base/clock.h>
#include <nb/base/result.h>
#include <nb/services/mount_table.h>

#include "services/mount_accounts.h"
#include "services/mount_node.h"

namespace nb::services {

class MountNodes {
 public:
  explicit MountNodes(const MountTableOptions& options);

  MountNode& root() { return *root_; }
  std::size_t size() const { return size_; }
  MountAccounts& accounts() { return accounts_; }

  // On `creator`'s account, whatever he has.
  MountNode& add_child(MountNode& parent, const std::string& element, const std::string& creator,
                       std::optional<Permissions> permissions);
  // What such a child would cost, and what a server costs.
  static MountUsage cost_of_child(const std::string& element, const std::string& creator,
                                  const std::optional<Permissions>& permissions);
  static MountUsage cost_of(const MountServer& server);
  static std::size_t bytes_of(const std::optional<Permissions>& permissions);

  void set_permissions(MountNode& node, std::optional<Permissions> permissions);
  // In the place of the one with the same name, and before all others.
  void put(MountNode& node, MountServer server);
  void drop(MountNode& node, const std::string& server);
  void drop_all_servers(MountNode& node);
  void erase(MountNode& node);  // with everything below it; not the root
  void erase_children(MountNode& node);

  // Whether a server is left; those that have expired go.
  bool is_mounted(MountNode& node);
  // Nothing would be lost with it: nothing is mounted there (would_be_useless: if it were so), nothing is below, and
  // nothing was set.
  bool is_useless(MountNode& node);
  static bool would_be_useless(const MountNode& node);
  // Erases it if it is useless, and then those above it that were only there for it.
  enum class InStore { kStill, kGone };
  void prune(MountNode* node, InStore in_store);
  // The name of the last one that prune() would erase, were nothing mounted at `node` any more.
  std::string highest_useless(const MountNode& node);
  void prune_everything();

  // What has gone by itself since the latest forget_expired(), and a store still has: nodes, and servers with theirs.
  const std::vector<std::string>& expired_nodes() const { return expired_nodes_; }
  const std::vector<std::pair<std::string, std::string>>& expired_servers() const { return expired_servers_; }
  void forget_expired();

 private:
  void account_for(const MountServer& server, bool comes);

  const std::shared_ptr<Clock> clock_;
  const bool has_store_;
  MountAccounts accounts_;
  const std::unique_ptr<MountNode> root_;
  std::size_t size_ = 1;
  std::vector<std::string> expired_nodes_;
  std::vector<std::pair<std::string, std::string>> expired_servers_;
};

}  // namespace nb::services
