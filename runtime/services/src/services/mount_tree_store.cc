// What a mount table had in its life before, and what it keeps for its next one.
#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include <nb/base/verror.h>

#include "services/mount_tree.h"

namespace nb::services {

namespace {

constexpr std::string_view kTemplate = "%%";
constexpr std::chrono::hours kLongest(24 * 365 * 20);

}  // namespace

// Without asking who may: it was allowed once.
MountNode& MountTree::restored(const Path& path, const std::string& creator) {
  MountNode* node = &nodes_.root();
  for (const std::string& element : path) {
    const auto child = node->children.find(element);
    if (child != node->children.end()) {
      node = child->second.get();
      continue;
    }
    node = &nodes_.add_child(*node, element, creator,
                             node->children_template ? std::optional(expand_template(*node->children_template, element))
                                                     : node->permissions);
  }
  return *node;
}

void MountTree::restore(StoredTable table) {
  // Parents first, so that each node gets the maker that it was stored with.
  std::ranges::sort(table.nodes, {}, &StoredNode::name);
  for (StoredNode& from : table.nodes) {
    MountNode& node = restored(path_of(from.name), from.creator);
    nodes_.set_permissions(node, std::move(from.permissions));
    node.version = from.version;
    node.is_explicit = from.is_explicit;
    node.flags = kept_flags(from.flags);
    node.stored_flags = node.flags;
  }
  // The one that was refreshed last comes first.
  std::ranges::sort(table.servers, {}, &StoredServer::place);
  const auto now = options_.clock()->now();
  const auto wall_now = options_.clock()->wall_now();
  for (StoredServer& from : table.servers) {
    MountNode* node = &nodes_.root();
    for (const std::string& element : path_of(from.node)) {
      const auto child = node->children.find(element);
      node = child == node->children.end() ? nullptr : child->second.get();
      if (node == nullptr) break;
    }
    if (node == nullptr) continue;
    next_place_ = std::max(next_place_, from.place + 1);
    // What has expired is put there, too: it goes as anything does that expires.
    const auto left = std::clamp<std::chrono::nanoseconds>(from.expires - wall_now, -std::chrono::hours(1), kLongest);
    nodes_.put(*node, MountServer(std::move(from.name), from.owner.empty() ? node->creator : std::move(from.owner),
                                  now + left, from.place));
  }
}

Result<void> MountTree::load() {
  const std::lock_guard lock(mutex_);
  if (options_.store() != nullptr) {
    auto table = options_.store()->load();
    if (!table) return table.error();
    restore(*std::move(table));
  }
  apply_permissions();
  nodes_.prune_everything();
  return keep(MountTableChange());
}

void MountTree::apply_permissions() {
  // std::map gives shorter names first where one begins with the other: parents before children.
  for (const auto& [name, permissions] : options_.permissions()) {
    Path path = path_of(name);
    const bool is_template = !path.empty() && path.back() == kTemplate;
    if (is_template) path.pop_back();
    if (path.empty() && !is_template) {
      if (const auto admins = permissions.find("Admin"); admins != permissions.end()) super_users_ = admins->second;
    }
    MountNode& node = restored(path, "");
    if (is_template) {
      node.children_template = permissions;
    } else {
      nodes_.set_permissions(node, permissions);
      node.version = next_version(node.version);
      node.is_explicit = true;
    }
  }
}

StoredNode MountTree::stored(const MountNode& node) const {
  StoredNode to;
  to.name = node.name();
  to.creator = node.creator;
  to.permissions = node.permissions;
  to.version = node.version;
  to.is_explicit = node.is_explicit;
  to.flags = static_cast<std::uint32_t>(node.flags);
  return to;
}

StoredServer MountTree::stored(const MountNode& node, const MountServer& server) const {
  StoredServer to(node.name(), server.name);
  to.owner = server.owner;
  to.expires = options_.clock()->wall_now() +
               std::chrono::duration_cast<Clock::Wall::duration>(server.expires - options_.clock()->now());
  to.place = server.place;
  return to;
}

Result<void> MountTree::keep(MountTableChange change) {
  if (options_.store() == nullptr) return {};
  const auto& nodes = nodes_.expired_nodes();
  const auto& servers = nodes_.expired_servers();
  change.erased.insert(change.erased.begin(), nodes.begin(), nodes.end());
  change.unmounted.insert(change.unmounted.begin(), servers.begin(), servers.end());
  if (change.is_empty()) return {};
  const auto kept = options_.store()->update(change);
  if (kept) nodes_.forget_expired();
  if (kept || verror::BadArg.matches(kept.error())) return kept;
  return verror::Internal("the mount table cannot be stored: " + std::string(kept.error().message()));
}

}  // namespace nb::services
