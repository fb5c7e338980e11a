// MountTree: the nodes of a mount table, and what each operation does to them (docs/spec/rpc.md 11.2). No calls, no
// loop: who asks is a parameter, the time comes from a clock, and what has to last goes to the store before an
// operation answers.
//
// Safe from any thread. One lock: operations are short, but for the store, which a table on disk waits for.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nb/base/result.h>
#include <nb/services/mount_table.h>

#include "naming/glob.h"
#include "services/mount_permissions.h"
#include "v.io/v23/naming/naming.vdl.h"

namespace nb::services {

// A name taken apart: "a/b" -> {"a", "b"}, "" -> {}.
using Path = std::vector<std::string>;
Path path_of(std::string_view name);
std::string name_of(const Path& path);

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
  ~MountTree();
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
  struct Server {
    Server(std::string name_, Clock::Steady expires_) : name(std::move(name_)), expires(expires_) {}
    std::string name;
    Clock::Steady expires;
  };
  struct Node;
  struct Found {
    Node* node = nullptr;
    std::size_t used = 0;  // elements of the path that lead to it
  };
  // What an operation changes, for the store and to be taken back.
  struct Changes;

  Result<void> satisfies(const Node& node, const MountCaller& caller, Tags tags) const;
  // Follows the path as far as there are nodes, but not through a mount point; the rest of the rules as in the
  // reference. Makes what is missing when there are `changes`.
  Result<Found> traverse(const MountCaller& caller, const Path& path, Changes* changes);
  // The node of the whole path; null when there is none.
  Result<Node*> find(const MountCaller& caller, const Path& path, Tags tags, Changes* changes);
  Result<Node*> make_child(Node& parent, const std::string& element, const MountCaller& caller, Changes& changes);
  bool is_mounted(Node& node);  // drops what has expired
  bool is_useless(Node& node);
  void prune(Node* node);                         // with those above that are only there for it
  std::string highest_useless(const Node& node);  // what prune() would begin with, seen from above
  std::vector<std::string> prune_everything();    // gives the names
  void erase(Node& node);                         // gives its nodes back to their makers
  std::vector<v23::naming::MountedServer> servers_of(const Node& node, const std::string& rest) const;

  StoredNode stored(const Node& node) const;
  Result<void> keep(const std::vector<std::string>& erased, const std::vector<const Node*>& written);
  Node& restored(const Path& path, const std::string& creator);
  void apply_permissions();

  const MountTableOptions options_;
  std::mutex mutex_;  // guards the rest
  std::unique_ptr<Node> root_;
  std::map<std::string, std::size_t, std::less<>> nodes_of_user_;
  std::size_t size_ = 1;
  std::optional<AccessList> super_users_;
};

}  // namespace nb::services
