// What a mount table keeps for its next life: who may do what with which node, and what is mounted there.
//
// A table writes before it answers: what somebody was told has happened is there after a crash.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nb/base/clock.h>
#include <nb/base/result.h>
#include <nb/security/access.h>

namespace nb {

struct StoredServer {
  StoredServer() = default;
  StoredServer(std::string name_, Clock::Wall expires_) : name(std::move(name_)), expires(expires_) {}
  std::string name;
  Clock::Wall expires{};
  friend bool operator==(const StoredServer&, const StoredServer&) = default;
};

struct StoredNode {
  StoredNode() = default;
  std::string name;     // "a/b"; "" for the root
  std::string creator;  // whose node it counts as
  std::optional<Permissions> permissions;
  std::int32_t version = 0;  // of the permissions
  bool is_explicit = false;  // the permissions were set, not inherited
  std::uint32_t flags = 0;   // v23::naming::MountFlag
  std::vector<StoredServer> servers;
  friend bool operator==(const StoredNode&, const StoredNode&) = default;
};

// Called by one thread at a time; may block for as long as the disk takes.
class MountTableStore {
 public:
  virtual ~MountTableStore() = default;
  // In any order.
  virtual Result<std::vector<StoredNode>> load() = 0;
  // Forgets the nodes in `erased` with everything below them, then writes those in `written` in the place of what was
  // kept of them. All of it or, with an error, nothing; lasting when it returns.
  virtual Result<void> update(const std::vector<std::string>& erased, const std::vector<StoredNode>& written) = 0;
};

// For as long as the object lives.
std::shared_ptr<MountTableStore> memory_mount_table_store();
// In an SQLite database that is this file, made if it is not there; its folder must be. One process at a time: a second
// one gets BadState.
Result<std::shared_ptr<MountTableStore>> file_mount_table_store(const std::string& path);

}  // namespace nb
