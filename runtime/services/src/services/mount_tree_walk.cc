// The way to a node: who may go it, and who may make what is missing.
#include <chrono>
#include <utility>

#include <nb/base/verror.h>

#include "services/mount_tree.h"

namespace nb::services {

namespace {

// Sweeping looks at the whole table; users who have too much must not make it do that all the time.
constexpr std::chrono::minutes kSweepAtMostEach(1);

}  // namespace

Result<void> MountTree::satisfies(const MountNode& node, const MountCaller& caller, Tags tags) const {
  if (!node.permissions || permits(*node.permissions, caller, tags)) return {};
  if (super_users_ && includes(*super_users_, caller.names)) return {};
  return verror::NoAccess("to " + (node.is_root() ? "the root of the table" : node.name()));
}

Result<void> MountTree::afford(const std::string& user, const MountUsage& more) {
  auto can = nodes_.accounts().check(user, more);
  if (!can) is_over_limit_ = true;
  return can;
}

Result<void> MountTree::sweeping(const std::function<Result<void>()>& operation) {
  is_over_limit_ = false;
  auto done = operation();
  const auto now = options_.clock()->now();
  if (done || !is_over_limit_ || (swept_at_ && now - *swept_at_ < kSweepAtMostEach)) return done;
  swept_at_ = now;
  nodes_.prune_everything();
  return operation();
}

Result<MountNode*> MountTree::make_child(MountNode& parent, const std::string& element, const MountCaller& caller) {
  if (const auto may = satisfies(parent, caller, kCreateTags); !may) return may.error();
  std::optional<Permissions> permissions;
  if (parent.children_template) {
    permissions = expand_template(*parent.children_template, element);
    if (!permits(*permissions, caller, kCreateTags)) {
      return verror::NoAccess("to " + element + ", which the template is not for");
    }
  } else if (parent.permissions) {
    permissions = inherited(*parent.permissions, caller);
  }
  const auto can = afford(caller.creator, MountNodes::cost_of_child(element, caller.creator, permissions));
  if (!can) return can.error();
  return &nodes_.add_child(parent, element, caller.creator, std::move(permissions));
}

void MountTree::take_back(Made& made) {
  if (!made.empty()) nodes_.erase(*made.front());
  made.clear();
}

Result<MountTree::Found> MountTree::traverse(const MountCaller& caller, const Path& path, Made* made) {
  Found found;
  found.node = &nodes_.root();
  for (; found.used < path.size(); ++found.used) {
    if (const auto may = satisfies(*found.node, caller, kTraverseTags); !may) {
      if (made != nullptr) take_back(*made);
      return may.error();
    }
    if (nodes_.is_mounted(*found.node)) return found;
    const auto child = found.node->children.find(path[found.used]);
    if (child != found.node->children.end()) {
      found.node = child->second.get();
      continue;
    }
    if (made == nullptr) {
      found.node = nullptr;
      return found;
    }
    auto node = make_child(*found.node, path[found.used], caller);
    if (!node) {
      take_back(*made);
      return node.error();
    }
    found.node = *node;
    made->push_back(*node);
  }
  return found;
}

Result<MountNode*> MountTree::find(const MountCaller& caller, const Path& path, Tags tags, Made* made) {
  auto found = traverse(caller, path, made);
  if (!found) return found.error();
  if (found->node == nullptr || found->used < path.size()) return static_cast<MountNode*>(nullptr);
  if (const auto may = satisfies(*found->node, caller, tags); !may) {
    if (made != nullptr) take_back(*made);
    return may.error();
  }
  return found->node;
}

}  // namespace nb::services
