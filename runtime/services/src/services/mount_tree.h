// MountTree: the nodes of a mount table, and what each operation does to them (docs/spec/rpc.md 11.2). No calls, no
// loop: who asks is a parameter, the time comes from a clock, and what has to last goes to the store before an
// operation answers.
//
// Safe from any thread. One lock: operations are short, but for the store, which a table on disk waits for.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nb/base/result.h>
#include <nb/services/mount_table.h>

#include "naming/glob.h"
#include "services/mount_node.h"
#include "services/mount_nodes.h"
#include "services/mount_permissions.h"
#include "v.io/v23/naming/naming.vdl.h"

namespace nb::services {

struct VersionedPermissions {
  VersionedPermissions() = default;
  std::optional<Permissions> permissions;  // none: everybody may do everything
  std::string version;
};

// Somewhere that a listing still has to look at.
struct GlobPlace {
  GlobPlace(std::string name_, naming::Glob pattern_) : name(std::move(name_)), pattern(std::move(pattern_)) {}
  std::string name;  // below where the listing began
  naming::Glob pattern;
};

class MountTree {
 public:
  explicit MountTree(const MountTableOptions& options);
  // What was stored, and then the permissions of the options. Before anything else.
  Result<void> load();

  Result<void> mount(const MountCaller& caller, const Path& path, const std::string& server, std::uint32_t ttl_seconds,
                     v23::naming::MountFlag flags);
  Result<void> unmount(const MountCaller& caller, const Path& path, const std::string& server);
  Result<void> remove(const MountCaller& caller, const Path& path, bool with_subtree);
  Result<v23::naming::MountEntry> resolve_step(const MountCaller& caller, const Path& path);
  Result<void> set_permissions(const MountCaller& caller, const Path& path, Permissions permissions,
                               const std::string& version);
  Result<VersionedPermissions> permissions(const MountCaller& caller, const Path& path);

  // One step of a listing that began at `base`: what there is to say about the place, if anything, and in `next`
  // where to look after it. What the caller may not see is not there.
  std::optional<v23::naming::MountEntry> glob_step(const MountCaller& caller, const Path& base, const GlobPlace& place,
                                                   std::vector<GlobPlace>& next);

  std::size_t size();  // nodes, the root among them

 private:
  using Made = std::vector<MountNode*>;  // nodes that an operation made, from the top down
  struct Found {
    MountNode* node = nullptr;
    std::size_t used = 0;  // elements of the path that lead to it
  };

  // mount_tree_walk.cc
  Result<void> satisfies(const MountNode& node, const MountCaller& caller, Tags tags) const;
  // Follows the path as far as there are nodes, but not through a mount point; the rest of the rules as in the
  // reference. Makes what is missing, if that is asked for, and takes it back with an error.
  Result<Found> traverse(const MountCaller& caller, const Path& path, Made* made);
  // The node of the whole path; null when there is none.
  Result<MountNode*> find(const MountCaller& caller, const Path& path, Tags tags, Made* made);
  Result<MountNode*> make_child(MountNode& parent, const std::string& element, const MountCaller& caller);
  void take_back(Made& made);
  // Whether the user can have that; remembers that somebody could not.
  Result<void> afford(const std::string& user, const MountUsage& more);
  // Does it, and when somebody has too much, perhaps once more after what has expired was swept out.
  Result<void> sweeping(const std::function<Result<void>()>& operation);

  Result<void> try_mount(const MountCaller& caller, const Path& path, const std::string& server,
                         std::chrono::seconds ttl, v23::naming::MountFlag flags);
  Result<void> try_set_permissions(const MountCaller& caller, const Path& path, const Permissions& permissions,
                                   const std::string& version);
  std::vector<v23::naming::MountedServer> servers_of(const MountNode& node, const std::string& rest) const;

  // mount_tree_store.cc
  StoredNode stored(const MountNode& node) const;
  StoredServer stored(const MountNode& node, const MountServer& server) const;
  // Nothing is to be changed here before this is done. What expired meanwhile goes with it.
  Result<void> keep(MountTableChange change);
  MountNode& restored(const Path& path, const std::string& creator);
  void restore(StoredTable table);
  void apply_permissions();

  const MountTableOptions options_;
  std::mutex mutex_;  // guards the rest
  MountNodes nodes_;
  std::int64_t next_place_ = 1;
  bool is_over_limit_ = false;
  std::optional<Clock::Steady> swept_at_;
  std::optional<AccessList> super_users_;
};

}  // namespace nb::services
