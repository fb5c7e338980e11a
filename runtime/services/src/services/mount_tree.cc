#include "services/mount_tree.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <nb/base/verror.h>

#include "naming/endpoint.h"
#include "naming/errors.h"
#include "naming/names.h"

namespace nb::services {

namespace {

using v23::naming::MountEntry;
using v23::naming::MountFlag;

constexpr std::size_t kMaxElement = 512;
constexpr std::size_t kMaxElements = 128;
constexpr std::size_t kMaxServers = 1000;
constexpr std::size_t kMaxServerName = 4096;
constexpr std::uint32_t kForEver = 10u * 365 * 24 * 60 * 60;  // seconds
constexpr std::string_view kTemplate = "%%";

bool has(MountFlag flags, MountFlag flag) {
  return (static_cast<std::uint32_t>(flags) & static_cast<std::uint32_t>(flag)) != 0;
}

MountFlag only_kept(std::uint32_t flags) {
  return MountFlag(flags &
                   (static_cast<std::uint32_t>(v23::naming::MT) | static_cast<std::uint32_t>(v23::naming::Leaf)));
}

// What is no storage shall not be used as one.
Result<void> check_length(const Path& path) {
  if (path.size() > kMaxElements) return verror::BadArg("the name has too many elements");
  for (const std::string& element : path) {
    if (element.size() > kMaxElement) {
      return verror::BadArg("path element " + element.substr(0, 32) + "...: too long (at most 512 bytes)");
    }
  }
  return {};
}

Result<void> check_server(const std::string& server) {
  if (server.size() > kMaxServerName) return verror::BadArg("malformed address: the name of the server is too long");
  const std::string address = naming::is_rooted(server) ? naming::split_address_name(server).address : server;
  if (naming::parse_endpoint(address)) return {};
  return verror::BadArg("malformed address " + address + " for mounted server " + server);
}

Error no_such_name(const Path& path) {
  return path.empty() ? naming::kRootNameDoesntExist.for_peers() : naming::kNameDoesntExist.for_peers(name_of(path));
}

// A version that the client names: none, the current one, or another.
bool is_current(const std::string& wanted, std::int32_t version) {
  if (wanted.empty()) return true;
  std::int32_t number = -1;
  const char* end = wanted.data() + wanted.size();
  const auto read = std::from_chars(wanted.data(), end, number);
  return read.ec == std::errc() && read.ptr == end && number == version;
}

std::int32_t next_version(std::int32_t version) { return version == INT32_MAX ? 0 : version + 1; }

}  // namespace

Path path_of(std::string_view name) {
  Path path;
  while (!name.empty()) {
    const std::size_t end = std::min(name.find('/'), name.size());
    if (end > 0) path.emplace_back(name.substr(0, end));
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  return path;
}

std::string name_of(const Path& path) {
  std::string name;
  for (const std::string& element : path) {
    if (!name.empty()) name.push_back('/');
    name.append(element);
  }
  return name;
}

struct MountTree::Node {
  Node(Node* parent_, std::string element_, std::string creator_)
      : parent(parent_), element(std::move(element_)), creator(std::move(creator_)) {}

  bool has_mount() const { return !servers.empty(); }
  std::string name() const {
    std::string text = element;
    for (const Node* up = parent; up != nullptr && up->parent != nullptr; up = up->parent)
      text = up->element + "/" + text;
    return text;
  }

  Node* const parent;  // null: the root
  const std::string element;
  const std::string creator;
  std::map<std::string, std::unique_ptr<Node>, std::less<>> children;
  std::vector<Server> servers;  // the latest to be refreshed first
  MountFlag flags{};
  std::optional<Permissions> permissions;
  std::int32_t version = 0;
  bool is_explicit = false;
  std::optional<Permissions> children_template;
};

struct MountTree::Changes {
  std::vector<Node*> made;  // from the top down
};

MountTree::MountTree(const MountTableOptions& options)
    : options_(options), root_(std::make_unique<Node>(nullptr, "", "")) {}

MountTree::~MountTree() = default;

std::size_t MountTree::size() {
  const std::lock_guard lock(mutex_);
  return size_;
}

// ---- what was there before ----

// Without asking who may: it was allowed once.
MountTree::Node& MountTree::restored(const Path& path, const std::string& creator) {
  Node* node = root_.get();
  for (const std::string& element : path) {
    auto& child = node->children[element];
    if (child == nullptr) {
      child = std::make_unique<Node>(node, element, creator);
      child->permissions = node->children_template ? std::optional(expand_template(*node->children_template, element))
                                                   : node->permissions;
      ++nodes_of_user_[creator];
      ++size_;
    }
    node = child.get();
  }
  return *node;
}

Result<void> MountTree::load() {
  const std::lock_guard lock(mutex_);
  if (options_.store() != nullptr) {
    auto nodes = options_.store()->load();
    if (!nodes) return nodes.error();
    // Parents first, so that each node gets the maker that it was stored with.
    std::ranges::sort(*nodes, {}, &StoredNode::name);
    const auto now = options_.clock()->now();
    const auto wall_now = options_.clock()->wall_now();
    for (const StoredNode& from : *nodes) {
      Node& node = restored(path_of(from.name), from.creator);
      node.permissions = from.permissions;
      node.version = from.version;
      node.is_explicit = from.is_explicit;
      node.flags = only_kept(from.flags);
      for (const StoredServer& server : from.servers) {
        if (server.expires <= wall_now) continue;
        node.servers.emplace_back(server.name,
                                  now + std::chrono::duration_cast<Clock::Steady::duration>(server.expires - wall_now));
      }
    }
  }
  apply_permissions();
  // What expired meanwhile is forgotten for good.
  const auto pruned = prune_everything();
  return pruned.empty() ? Result<void>() : keep(pruned, {});
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
    Node& node = restored(path, "");
    if (is_template) {
      node.children_template = permissions;
    } else {
      node.permissions = permissions;
      node.version = next_version(node.version);
      node.is_explicit = true;
    }
  }
}

// ---- rules ----

Result<void> MountTree::satisfies(const Node& node, const MountCaller& caller, Tags tags) const {
  if (!node.permissions || permits(*node.permissions, caller, tags)) return {};
  if (super_users_ && includes(*super_users_, caller.names)) return {};
  return verror::NoAccess("to " + (node.parent == nullptr ? "the root of the table" : node.name()));
}

bool MountTree::is_mounted(Node& node) {
  if (node.servers.empty()) return false;
  const auto now = options_.clock()->now();
  std::erase_if(node.servers, [now](const Server& server) { return server.expires < now; });
  if (node.servers.empty()) node.flags = MountFlag();
  return !node.servers.empty();
}

bool MountTree::is_useless(Node& node) {
  return node.parent != nullptr && node.children.empty() && !node.is_explicit && !node.children_template &&
         !is_mounted(node);
}

void MountTree::erase(Node& node) {
  // Downwards without recursion.
  std::vector<Node*> doomed{&node};
  while (!doomed.empty()) {
    Node* const one = doomed.back();
    doomed.pop_back();
    for (auto& [element, child] : one->children) doomed.push_back(child.get());
    if (const auto count = nodes_of_user_.find(one->creator); count != nodes_of_user_.end() && --count->second == 0) {
      nodes_of_user_.erase(count);
    }
    --size_;
  }
  node.parent->children.erase(node.parent->children.find(node.element));
}

std::vector<std::string> MountTree::prune_everything() {
  std::vector<Node*> all{root_.get()};
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (auto& [element, child] : all[i]->children) all.push_back(child.get());
  }
  std::vector<std::string> pruned;
  // Those below come behind those above.
  for (auto node = all.rbegin(); node != all.rend(); ++node) {
    if (!is_useless(**node)) continue;
    pruned.push_back((*node)->name());
    erase(**node);
  }
  return pruned;
}

std::string MountTree::highest_useless(const Node& node) {
  const Node* highest = &node;
  for (Node* up = node.parent; up->parent != nullptr && up->children.size() == 1 && !up->is_explicit &&
                               !up->children_template && !is_mounted(*up);
       up = up->parent) {
    highest = up;
  }
  return highest->name();
}

void MountTree::prune(Node* node) {
  // The store may still have those that expired; they go when it is loaded next.
  while (is_useless(*node)) {
    Node* const parent = node->parent;
    erase(*node);
    node = parent;
  }
}

Result<MountTree::Node*> MountTree::make_child(Node& parent, const std::string& element, const MountCaller& caller,
                                               Changes& changes) {
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
  std::size_t& count = nodes_of_user_[caller.creator];
  if (count >= options_.max_nodes_per_user()) return verror::BadState("user has exceeded their node limit");
  ++count;
  ++size_;
  auto child = std::make_unique<Node>(&parent, element, caller.creator);
  child->permissions = std::move(permissions);
  Node* const made = child.get();
  parent.children.emplace(element, std::move(child));
  changes.made.push_back(made);
  return made;
}

Result<MountTree::Found> MountTree::traverse(const MountCaller& caller, const Path& path, Changes* changes) {
  Found found;
  found.node = root_.get();
  for (; found.used < path.size(); ++found.used) {
    if (const auto may = satisfies(*found.node, caller, kTraverseTags); !may) return may.error();
    if (is_mounted(*found.node)) return found;
    const auto child = found.node->children.find(path[found.used]);
    if (child != found.node->children.end()) {
      found.node = child->second.get();
      continue;
    }
    if (changes == nullptr) {
      found.node = nullptr;
      return found;
    }
    auto made = make_child(*found.node, path[found.used], caller, *changes);
    if (!made) {
      prune(found.node);
      return made.error();
    }
    found.node = *made;
  }
  return found;
}

Result<MountTree::Node*> MountTree::find(const MountCaller& caller, const Path& path, Tags tags, Changes* changes) {
  auto found = traverse(caller, path, changes);
  if (!found) return found.error();
  if (found->node == nullptr || found->used < path.size()) return static_cast<Node*>(nullptr);
  if (const auto may = satisfies(*found->node, caller, tags); !may) {
    prune(found->node);
    return may.error();
  }
  return found->node;
}

// ---- the store ----

StoredNode MountTree::stored(const Node& node) const {
  const auto now = options_.clock()->now();
  const auto wall_now = options_.clock()->wall_now();
  StoredNode to;
  to.name = node.name();
  to.creator = node.creator;
  to.permissions = node.permissions;
  to.version = node.version;
  to.is_explicit = node.is_explicit;
  to.flags = static_cast<std::uint32_t>(node.flags);
  for (const Server& server : node.servers) {
    to.servers.emplace_back(server.name,
                            wall_now + std::chrono::duration_cast<Clock::Wall::duration>(server.expires - now));
  }
  return to;
}

Result<void> MountTree::keep(const std::vector<std::string>& erased, const std::vector<const Node*>& written) {
  if (options_.store() == nullptr) return {};
  std::vector<StoredNode> nodes;
  for (const Node* node : written) nodes.push_back(stored(*node));
  const auto kept = options_.store()->update(erased, nodes);
  if (kept) return {};
  if (verror::BadArg.matches(kept.error())) return kept;
  return verror::Internal("the mount table cannot be stored: " + std::string(kept.error().message()));
}

// ---- operations ----

Result<void> MountTree::mount(const MountCaller& caller, const Path& path, const std::string& server,
                              std::uint32_t ttl_seconds, MountFlag flags) {
  if (auto fine = check_length(path); !fine) return fine;
  if (auto fine = check_server(server); !fine) return fine;
  const std::chrono::seconds ttl(ttl_seconds == 0 ? kForEver : ttl_seconds);

  const std::lock_guard lock(mutex_);
  Changes changes;
  auto found = find(caller, path, kMountTags, &changes);
  if (!found) return found.error();
  Node* const node = *found;
  if (node == nullptr) return no_such_name(path);
  const MountFlag kept = only_kept(static_cast<std::uint32_t>(flags));
  if (is_mounted(*node)) {
    if (has(kept, v23::naming::MT) != has(node->flags, v23::naming::MT)) {
      return verror::BadState("mount table doesn't match: servers and mount tables do not go together under a name");
    }
    if (kept != node->flags) return verror::BadState("leaf doesn't match");
  }

  auto before = node->servers;
  const MountFlag flags_before = node->flags;
  if (has(flags, v23::naming::Replace)) node->servers.clear();
  std::erase_if(node->servers, [&](const Server& each) { return each.name == server; });
  node->flags = kept;
  node->servers.emplace(node->servers.begin(), server, options_.clock()->now() + ttl);
  Result<void> done;
  if (node->servers.size() > kMaxServers) {
    done = verror::BadState("too many servers are mounted here");
  } else {
    std::vector<std::string> erased;
    for (const auto& [element, child] : node->children) erased.push_back(child->name());
    std::vector<const Node*> written(changes.made.begin(), changes.made.end());
    if (written.empty() || written.back() != node) written.push_back(node);
    done = keep(erased, written);
  }
  if (!done) {
    node->servers = std::move(before);
    node->flags = flags_before;
    prune(node);
    return done;
  }
  while (!node->children.empty()) erase(*node->children.begin()->second);
  return {};
}

Result<void> MountTree::unmount(const MountCaller& caller, const Path& path, const std::string& server) {
  const std::lock_guard lock(mutex_);
  auto found = find(caller, path, kMountTags, nullptr);
  if (!found) return found.error();
  Node* const node = *found;
  if (node == nullptr) return {};
  auto before = node->servers;
  const MountFlag flags_before = node->flags;
  std::erase_if(node->servers, [&](const Server& each) { return server.empty() || each.name == server; });
  if (node->servers.empty()) node->flags = MountFlag();
  const bool goes = is_useless(*node);
  const auto done = goes ? keep({highest_useless(*node)}, {}) : keep({}, {node});
  if (!done) {
    node->servers = std::move(before);
    node->flags = flags_before;
    return done;
  }
  prune(node);
  return {};
}

Result<void> MountTree::remove(const MountCaller& caller, const Path& path, bool with_subtree) {
  if (path.empty()) return verror::BadArg("cannot delete root node");
  const std::lock_guard lock(mutex_);
  auto found = traverse(caller, path, nullptr);
  if (!found) return found.error();
  if (found->node == nullptr || found->used < path.size()) return {};
  Node& node = *found->node;
  if (!satisfies(node, caller, kRemoveTags)) {
    if (auto may = satisfies(*node.parent, caller, kRemoveTags); !may) return may;
  }
  if (!with_subtree && !node.children.empty()) {
    return verror::BadState("cannot delete " + name_of(path) + ": has children");
  }
  if (auto done = keep({node.name()}, {}); !done) return done;
  erase(node);
  return {};
}

std::vector<v23::naming::MountedServer> MountTree::servers_of(const Node& node, const std::string& rest) const {
  const auto now = options_.clock()->now();
  std::vector<v23::naming::MountedServer> servers;
  for (const Server& each : node.servers) {
    v23::naming::MountedServer server;
    server.Server = rest.empty() ? each.name : naming::clean(each.name + "/" + rest);
    server.Deadline = Deadline::after(each.expires - now);
    servers.push_back(std::move(server));
  }
  return servers;
}

Result<MountEntry> MountTree::resolve_step(const MountCaller& caller, const Path& path) {
  const std::lock_guard lock(mutex_);
  auto found = traverse(caller, path, nullptr);
  if (!found) return found.error();
  if (found->node == nullptr) return no_such_name(path);
  Node& node = *found->node;
  if (const auto may = satisfies(node, caller, kResolveTags); !may) return may.error();
  if (!is_mounted(node)) {
    prune(&node);
    return no_such_name(path);
  }
  MountEntry entry;
  entry.Name = name_of(Path(path.begin() + static_cast<std::ptrdiff_t>(found->used), path.end()));
  entry.Servers = servers_of(node, "");
  entry.ServesMountTable = has(node.flags, v23::naming::MT);
  entry.IsLeaf = has(node.flags, v23::naming::Leaf);
  return entry;
}

Result<void> MountTree::set_permissions(const MountCaller& caller, const Path& path, Permissions permissions,
                                        const std::string& version) {
  if (auto fine = check_length(path); !fine) return fine;
  if (auto fine = check_size(permissions); !fine) return fine;
  const std::lock_guard lock(mutex_);
  Changes changes;
  auto found = find(caller, path, kSetTags, &changes);
  if (!found) return found.error();
  Node* const node = *found;
  if (node == nullptr) return no_such_name(path);
  if (!is_current(version, node->version)) {
    prune(node);
    return verror::BadVersion();
  }
  auto before = node->permissions;
  const auto version_before = node->version;
  const bool was_explicit = std::exchange(node->is_explicit, true);
  node->permissions = keeping_admin(std::move(permissions), before ? &*before : nullptr, caller);
  node->version = next_version(node->version);
  std::vector<const Node*> written(changes.made.begin(), changes.made.end());
  if (written.empty() || written.back() != node) written.push_back(node);
  if (auto done = keep({}, written); !done) {
    node->permissions = std::move(before);
    node->version = version_before;
    node->is_explicit = was_explicit;
    prune(node);
    return done;
  }
  return {};
}

Result<VersionedPermissions> MountTree::permissions(const MountCaller& caller, const Path& path) {
  const std::lock_guard lock(mutex_);
  auto found = find(caller, path, kGetTags, nullptr);
  if (!found) return found.error();
  const Node* const node = *found;
  if (node == nullptr) return naming::kNameDoesntExist.for_peers(name_of(path));
  VersionedPermissions result;
  result.permissions = node->permissions;
  if (node->permissions) result.version = std::to_string(node->version);
  return result;
}

std::optional<MountEntry> MountTree::glob_step(const MountCaller& caller, const Path& base, const GlobPlace& place,
                                               std::vector<GlobPlace>& next) {
  const std::lock_guard lock(mutex_);
  Path path = base;
  for (std::string& element : path_of(place.name)) path.push_back(std::move(element));
  const auto found = traverse(caller, path, nullptr);
  // What must not be seen is not there.
  if (!found || found->node == nullptr) return std::nullopt;
  Node& node = *found->node;
  MountEntry entry;
  entry.Name = place.name;
  if (found->used < path.size()) {
    // The name goes on behind a mount point: somebody else knows. (Below the beginning it was mounted just now.)
    if (!place.name.empty() || !satisfies(node, caller, kResolveTags)) return std::nullopt;
    entry.Servers =
        servers_of(node, name_of(Path(path.begin() + static_cast<std::ptrdiff_t>(found->used), path.end())));
    return entry;
  }
  if (is_mounted(node)) {
    if (!satisfies(node, caller, kResolveTags)) return entry;
    entry.Servers = servers_of(node, "");
    entry.ServesMountTable = has(node.flags, v23::naming::MT);
    entry.IsLeaf = has(node.flags, v23::naming::Leaf);
    return entry;
  }
  if (is_useless(node)) {
    prune(&node);
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
