#include "services/mount_tree.h"

#include <algorithm>
#include <charconv>

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

}  // namespace

MountTree::MountTree(const MountTableOptions& options) : options_(options), nodes_(options) {}

std::size_t MountTree::size() {
  const std::lock_guard lock(mutex_);
  return nodes_.size();
}

Result<void> MountTree::mount(const MountCaller& caller, const Path& path, const std::string& server,
                              std::uint32_t ttl_seconds, MountFlag flags) {
  if (auto fine = check_length(path); !fine) return fine;
  if (auto fine = check_server(server); !fine) return fine;
  const std::chrono::seconds ttl(ttl_seconds == 0 ? kForEver : ttl_seconds);
  const std::lock_guard lock(mutex_);
  return sweeping([&] { return try_mount(caller, path, server, ttl, flags); });
}

Result<void> MountTree::try_mount(const MountCaller& caller, const Path& path, const std::string& server,
                                  std::chrono::seconds ttl, MountFlag flags) {
  Made made;
  auto found = find(caller, path, kMountTags, &made);
  if (!found) return found.error();
  MountNode* const node = *found;
  if (node == nullptr) return no_such_name(path);
  const MountFlag kept = kept_flags(static_cast<std::uint32_t>(flags));
  if (nodes_.is_mounted(*node)) {
    if (has_flag(kept, v23::naming::MT) != has_flag(node->flags, v23::naming::MT)) {
      return verror::BadState("mount table doesn't match: servers and mount tables do not go together under a name");
    }
    if (kept != node->flags) return verror::BadState("leaf doesn't match");
  }

  const MountServer mounted(server, caller.creator, options_.clock()->now() + ttl, next_place_++);
  const auto before = std::ranges::find(node->servers, server, &MountServer::name);
  const bool is_new = before == node->servers.end();
  const bool replaces = has_flag(flags, v23::naming::Replace);
  Result<void> can;
  if (is_new && !replaces && node->servers.size() >= kMaxServers) {
    can = verror::BadState("too many servers are mounted here");
  } else if (is_new || before->owner != caller.creator) {
    MountUsage more = MountNodes::cost_of(mounted);
    // What makes room for it is given back.
    for (const MountServer& other : node->servers) {
      if (replaces && other.owner == caller.creator) more = more.without(MountNodes::cost_of(other));
    }
    can = afford(caller.creator, more);
  }
  if (!can) {
    take_back(made);
    return can;
  }

  MountTableChange change;
  for (const auto& [element, child] : node->children) change.erased.push_back(child->name());
  for (const MountServer& other : node->servers) {
    if (replaces && other.name != server) change.unmounted.emplace_back(node->name(), other.name);
  }
  const MountFlag flags_before = std::exchange(node->flags, kept);
  for (const MountNode* each : made) change.nodes.push_back(stored(*each));
  if (made.empty() && node->stored_flags != kept) change.nodes.push_back(stored(*node));
  change.servers.push_back(stored(*node, mounted));
  if (auto done = keep(std::move(change)); !done) {
    node->flags = flags_before;
    take_back(made);
    return done;
  }
  for (MountNode* each : made) each->stored_flags = each->flags;
  node->stored_flags = node->flags;
  if (replaces) nodes_.drop_all_servers(*node);
  nodes_.put(*node, mounted);
  nodes_.erase_children(*node);
  return {};
}

Result<void> MountTree::unmount(const MountCaller& caller, const Path& path, const std::string& server) {
  const std::lock_guard lock(mutex_);
  auto found = find(caller, path, kMountTags, nullptr);
  if (!found) return found.error();
  MountNode* const node = *found;
  if (node == nullptr) return {};
  std::vector<std::string> gone;
  for (const MountServer& each : node->servers) {
    if (server.empty() || each.name == server) gone.push_back(each.name);
  }
  const bool is_last = gone.size() == node->servers.size();
  const MountFlag flags_before = node->flags;
  if (is_last) node->flags = MountFlag();
  MountTableChange change;
  if (is_last && MountNodes::would_be_useless(*node)) {
    change.erased.push_back(nodes_.highest_useless(*node));
  } else {
    for (const std::string& each : gone) change.unmounted.emplace_back(node->name(), each);
    if (node->stored_flags && node->stored_flags != node->flags) change.nodes.push_back(stored(*node));
  }
  if (auto done = keep(std::move(change)); !done) {
    node->flags = flags_before;
    return done;
  }
  if (node->stored_flags) node->stored_flags = node->flags;
  for (const std::string& each : gone) nodes_.drop(*node, each);
  nodes_.prune(node, MountNodes::InStore::kGone);
  return {};
}

Result<void> MountTree::remove(const MountCaller& caller, const Path& path, bool with_subtree) {
  if (path.empty()) return verror::BadArg("cannot delete root node");
  const std::lock_guard lock(mutex_);
  auto found = traverse(caller, path, nullptr);
  if (!found) return found.error();
  if (found->node == nullptr || found->used < path.size()) return {};
  MountNode& node = *found->node;
  if (!satisfies(node, caller, kRemoveTags)) {
    if (auto may = satisfies(*node.parent, caller, kRemoveTags); !may) return may;
  }
  if (!with_subtree && !node.children.empty()) {
    return verror::BadState("cannot delete " + name_of(path) + ": has children");
  }
  MountTableChange change;
  change.erased.push_back(node.name());
  if (auto done = keep(std::move(change)); !done) return done;
  nodes_.erase(node);
  return {};
}

std::vector<v23::naming::MountedServer> MountTree::servers_of(const MountNode& node, const std::string& rest) const {
  const auto now = options_.clock()->now();
  std::vector<v23::naming::MountedServer> servers;
  for (const MountServer& each : node.servers) {
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
  MountNode& node = *found->node;
  if (const auto may = satisfies(node, caller, kResolveTags); !may) return may.error();
  if (!nodes_.is_mounted(node)) {
    nodes_.prune(&node, MountNodes::InStore::kStill);
    return no_such_name(path);
  }
  MountEntry entry;
  entry.Name = name_of(Path(path.begin() + static_cast<std::ptrdiff_t>(found->used), path.end()));
  entry.Servers = servers_of(node, "");
  entry.ServesMountTable = has_flag(node.flags, v23::naming::MT);
  entry.IsLeaf = has_flag(node.flags, v23::naming::Leaf);
  return entry;
}

Result<void> MountTree::set_permissions(const MountCaller& caller, const Path& path, Permissions permissions,
                                        const std::string& version) {
  if (auto fine = check_length(path); !fine) return fine;
  if (auto fine = check_size(permissions); !fine) return fine;
  const std::lock_guard lock(mutex_);
  return sweeping([&] { return try_set_permissions(caller, path, permissions, version); });
}

Result<void> MountTree::try_set_permissions(const MountCaller& caller, const Path& path, const Permissions& permissions,
                                            const std::string& version) {
  Made made;
  auto found = find(caller, path, kSetTags, &made);
  if (!found) return found.error();
  MountNode* const node = *found;
  if (node == nullptr) return no_such_name(path);
  if (!is_current(version, node->version)) {
    take_back(made);
    return verror::BadVersion();
  }
  const Permissions* const before = node->permissions ? &*node->permissions : nullptr;
  std::optional<Permissions> now = keeping_admin(permissions, before, caller);
  const std::size_t bytes_before = MountNodes::bytes_of(node->permissions);
  const std::size_t bytes_now = MountNodes::bytes_of(now);
  if (!node->is_root() && bytes_now > bytes_before) {
    if (auto can = afford(node->creator, MountUsage(0, 0, bytes_now - bytes_before)); !can) {
      take_back(made);
      return can;
    }
  }
  MountTableChange change;
  for (const MountNode* each : made) {
    if (each != node) change.nodes.push_back(stored(*each));
  }
  StoredNode as_set = stored(*node);
  as_set.permissions = now;
  as_set.version = next_version(node->version);
  as_set.is_explicit = true;
  change.nodes.push_back(std::move(as_set));
  if (auto done = keep(std::move(change)); !done) {
    take_back(made);
    return done;
  }
  for (MountNode* each : made) each->stored_flags = each->flags;
  node->stored_flags = node->flags;
  nodes_.set_permissions(*node, std::move(now));
  node->version = next_version(node->version);
  node->is_explicit = true;
  return {};
}

Result<VersionedPermissions> MountTree::permissions(const MountCaller& caller, const Path& path) {
  const std::lock_guard lock(mutex_);
  auto found = find(caller, path, kGetTags, nullptr);
  if (!found) return found.error();
  const MountNode* const node = *found;
  if (node == nullptr) return naming::kNameDoesntExist.for_peers(name_of(path));
  VersionedPermissions result;
  result.permissions = node->permissions;
  if (node->permissions) result.version = std::to_string(node->version);
  return result;
}

}  // namespace nb::services
