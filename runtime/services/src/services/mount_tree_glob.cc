// Listing what a mount table has.
#include <utility>

#include "services/mount_tree.h"

namespace nb::services {

using v23::naming::MountEntry;

std::optional<MountEntry> MountTree::glob_step(const MountCaller& caller, const Path& base, const GlobPlace& place,
                                               std::vector<GlobPlace>& next) {
  const std::lock_guard lock(mutex_);
  Path path = base;
  for (std::string& element : path_of(place.name)) path.push_back(std::move(element));
  const auto found = traverse(caller, path, nullptr);
  // What must not be seen is not there.
  if (!found || found->node == nullptr) return std::nullopt;
  MountNode& node = *found->node;
  MountEntry entry;
  entry.Name = place.name;
  if (found->used < path.size()) {
    // The name goes on behind a mount point: somebody else knows. (Below the beginning it was mounted just now.)
    if (!place.name.empty() || !satisfies(node, caller, kResolveTags)) return std::nullopt;
    entry.Servers =
        servers_of(node, name_of(Path(path.begin() + static_cast<std::ptrdiff_t>(found->used), path.end())));
    return entry;
  }
  if (nodes_.is_mounted(node)) {
    if (!satisfies(node, caller, kResolveTags)) return entry;
    entry.Servers = servers_of(node, "");
    entry.ServesMountTable = has_flag(node.flags, v23::naming::MT);
    entry.IsLeaf = has_flag(node.flags, v23::naming::Leaf);
    return entry;
  }
  if (nodes_.is_useless(node)) {
    nodes_.prune(&node, MountNodes::InStore::kStill);
    return std::nullopt;
  }
  const bool may_list =
      satisfies(node, caller, kGlobTags) || (place.pattern.is_head_fixed() && satisfies(node, caller, kTraverseTags));
  if (!place.pattern.is_used_up() && may_list) {
    const naming::Glob tail = place.pattern.tail();
    for (const auto& [element, child] : node.children) {
      if (!place.pattern.matches_head(element) || !satisfies(*child, caller, kAnyTag)) continue;
      next.emplace_back(place.name.empty() ? element : place.name + "/" + element, tail);
    }
  }
  if (place.pattern.size() != 0 || !satisfies(node, caller, kAnyTag)) return std::nullopt;
  entry.ServesMountTable = true;  // it answers what mount tables are asked
  return entry;
}

}  // namespace nb::services
