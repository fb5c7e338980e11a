#include "services/mount_nodes.h"

#include <algorithm>

#include "services/mount_permissions.h"

namespace nb::services {

namespace {

// Of a node or server beside its texts.
constexpr std::size_t kNodeBytes = sizeof(MountNode) + 200;
constexpr std::size_t kServerBytes = sizeof(MountServer) + 16;

}  // namespace

MountNodes::MountNodes(const MountTableOptions& options)
    : clock_(options.clock()),
      has_store_(options.store() != nullptr),
      accounts_(options),
      root_(std::make_unique<MountNode>(nullptr, "", "")) {}

std::size_t MountNodes::bytes_of(const std::optional<Permissions>& permissions) {
  return permissions ? size_of(*permissions) : 0;
}

MountUsage MountNodes::cost_of_child(const std::string& element, const std::string& creator,
                                     const std::optional<Permissions>& permissions) {
  return {1, 0, kNodeBytes + 2 * element.size() + creator.size() + bytes_of(permissions)};
}

MountUsage MountNodes::cost_of(const MountServer& server) {
  return {0, 1, kServerBytes + server.name.size() + server.owner.size()};
}

MountNode& MountNodes::add_child(MountNode& parent, const std::string& element, const std::string& creator,
                                 std::optional<Permissions> permissions) {
  accounts_.add(creator, cost_of_child(element, creator, permissions));
  ++size_;
  auto child = std::make_unique<MountNode>(&parent, element, creator);
  child->permissions = std::move(permissions);
  return *(parent.children[element] = std::move(child));
}

void MountNodes::set_permissions(MountNode& node, std::optional<Permissions> permissions) {
  if (!node.is_root()) {
    accounts_.add(node.creator, {0, 0, bytes_of(permissions)});
    accounts_.take(node.creator, {0, 0, bytes_of(node.permissions)});
  }
  node.permissions = std::move(permissions);
}

void MountNodes::account_for(const MountServer& server, bool comes) {
  if (comes) {
    accounts_.add(server.owner, cost_of(server));
  } else {
    accounts_.take(server.owner, cost_of(server));
  }
}

void MountNodes::put(MountNode& node, MountServer server) {
  account_for(server, true);
  drop(node, server.name);
  node.servers.insert(node.servers.begin(), std::move(server));
}

void MountNodes::drop(MountNode& node, const std::string& server) {
  const auto found = std::ranges::find(node.servers, server, &MountServer::name);
  if (found == node.servers.end()) return;
  account_for(*found, false);
  node.servers.erase(found);
}

void MountNodes::drop_all_servers(MountNode& node) {
  for (const MountServer& server : node.servers) account_for(server, false);
  node.servers.clear();
}

void MountNodes::erase_children(MountNode& node) {
  while (!node.children.empty()) erase(*node.children.begin()->second);
}

void MountNodes::erase(MountNode& node) {
  // Downwards without recursion.
  std::vector<MountNode*> doomed{&node};
  for (std::size_t i = 0; i < doomed.size(); ++i) {
    MountNode& one = *doomed[i];
    for (auto& [element, child] : one.children) doomed.push_back(child.get());
    accounts_.take(one.creator, cost_of_child(one.element, one.creator, one.permissions));
    drop_all_servers(one);
    --size_;
  }
  // From below, so that no destructor recurses.
  for (auto each = doomed.rbegin(); each != doomed.rend(); ++each) {
    MountNode& parent = *(*each)->parent;
    parent.children.erase(parent.children.find((*each)->element));
  }
}

bool MountNodes::is_mounted(MountNode& node) {
  if (node.servers.empty()) return false;
  const auto now = clock_->now();
  std::erase_if(node.servers, [&](const MountServer& server) {
    if (server.expires >= now) return false;
    account_for(server, false);
    if (has_store_) expired_servers_.emplace_back(node.name(), server.name);
    return true;
  });
  if (node.servers.empty()) node.flags = v23::naming::MountFlag();
  return !node.servers.empty();
}

bool MountNodes::would_be_useless(const MountNode& node) {
  return !node.is_root() && node.children.empty() && !node.is_explicit && !node.children_template;
}

bool MountNodes::is_useless(MountNode& node) { return would_be_useless(node) && !is_mounted(node); }

void MountNodes::prune(MountNode* node, InStore in_store) {
  while (is_useless(*node)) {
    MountNode* const parent = node->parent;
    if (has_store_ && in_store == InStore::kStill) expired_nodes_.push_back(node->name());
    erase(*node);
    node = parent;
  }
}

std::string MountNodes::highest_useless(const MountNode& node) {
  const MountNode* highest = &node;
  for (MountNode* up = node.parent;
       !up->is_root() && up->children.size() == 1 && !up->is_explicit && !up->children_template && !is_mounted(*up);
       up = up->parent) {
    highest = up;
  }
  return highest->name();
}

void MountNodes::prune_everything() {
  std::vector<MountNode*> all{root_.get()};
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (auto& [element, child] : all[i]->children) all.push_back(child.get());
  }
  // Those below come behind those above.
  for (auto node = all.rbegin(); node != all.rend(); ++node) {
    const bool is_needed = is_mounted(**node);
    if (is_needed || !would_be_useless(**node)) continue;
    if (has_store_) expired_nodes_.push_back((*node)->name());
    erase(**node);
  }
}

void MountNodes::forget_expired() {
  expired_nodes_.clear();
  expired_servers_.clear();
}

}  // namespace nb::services
