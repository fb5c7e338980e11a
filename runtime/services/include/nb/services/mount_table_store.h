// What a mount table keeps for its next life: who may do what with which node, and what is mounted there.
//
// A table writes before it answers: what somebody was told has happened is there after a crash.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nb/base/clock.h>
#include <nb/base/result.h>
#include <nb/security/access.h>

namespace nb {

struct StoredNode {
  StoredNode() = default;
  std::string name;     // "a/b"; "" for the root
  std::string creator;  // whose node it counts as
  std::optional<Permissions> permissions;
  std::int32_t version = 0;  // of the permissions
  bool is_explicit = false;  // the permissions were set, not inherited
  std::uint32_t flags = 0;   // v23::naming::MountFlag, of what is mounted there
  friend bool operator==(const StoredNode&, const StoredNode&) = default;
};

// A server that is mounted at a node. It is one of a kind there by its name.
struct StoredServer {
  StoredServer() = default;
  StoredServer(std::string node_, std::string name_) : node(std::move(node_)), name(std::move(name_)) {}
  std::string node;
  std::string name;
  std::string owner;  // whose server it counts as
  Clock::Wall expires{};
  std::int64_t place = 0;  // of those at a node the one with the highest was refreshed last
  friend bool operator==(const StoredServer&, const StoredServer&) = default;
};

struct StoredTable {
  StoredTable() = default;
  std::vector<StoredNode> nodes;
  std::vector<StoredServer> servers;
};

// What one operation of a table changes. It is small: a server that is refreshed is one server here, however many there
// are beside it.
struct MountTableChange {
  MountTableChange() = default;
  bool is_empty() const { return erased.empty() && unmounted.empty() && nodes.empty() && servers.empty(); }
  std::vector<std::string> erased;  // nodes, with everything below them and all servers there
  std::vector<std::pair<std::string, std::string>> unmounted;  // a node, and the name of a server there
  std::vector<StoredNode> nodes;                               // as they are now; what is mounted there stays
  std::vector<StoredServer> servers;                           // as they are now
};

// Called by one thread at a time; may block for as long as the disk takes.
class MountTableStore {
 public:
  virtual ~MountTableStore() = default;
  // In any order. Servers at nodes that are not there may be among them.
  virtual Result<StoredTable> load() = 0;
  // Does what the change says, in its order: what it erases it may write anew. All of it or, with an error, nothing;
  // lasting when it returns. What is not there can be erased and unmounted.
  virtual Result<void> update(const MountTableChange& change) = 0;
};

// For as long as the object lives.
std::shared_ptr<MountTableStore> memory_mount_table_store();
// In an SQLite database that is this file, made if it is not there; its folder must be. One process at a time: a second
// one gets BadState.
Result<std::shared_ptr<MountTableStore>> file_mount_table_store(const std::string& path);

}  // namespace nb
