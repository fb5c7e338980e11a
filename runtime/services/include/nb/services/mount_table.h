// The mount table: a server that knows which servers stand under which names (docs/spec/rpc.md 11.2).
//
//   nb::MountTableOptions options;
//   options.store(nb::file_mount_table_store("/var/lib/names/table").value());
//   auto server = runtime.serve(nb::make_mount_table(options).value(),
//                               nb::ServerOptions().listen("tcp", "0.0.0.0:8101").serves_mount_table().handlers(
//                                   nb::pool(4)));
//
// Everybody may ask: who gets an answer is decided node by node. A node is made with the permissions of its parent, and
// its maker as Admin; a table without any permissions at all lets everybody do everything.
//
// With a store on disk a call may wait for the disk, so its methods belong on a pool.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <nb/base/clock.h>
#include <nb/base/result.h>
#include <nb/rpc/server.h>
#include <nb/security/access.h>
#include <nb/services/mount_table_store.h>

namespace nb {

class MountTableOptions {
 public:
  MountTableOptions() = default;

  // Node names, and what holds there from the start, whatever was stored. Those in the Admin list of "" may do
  // everything everywhere, also when the permissions of the root are changed later. In the permissions of "users/%%",
  // which are for all children of "users" that will be made, "%%" stands for the child's name.
  MountTableOptions& permissions(std::map<std::string, Permissions> by_name) {
    permissions_ = std::move(by_name);
    return *this;
  }
  // Without one, nothing outlives the table.
  MountTableOptions& store(std::shared_ptr<MountTableStore> store) {
    store_ = std::move(store);
    return *this;
  }
  // How many nodes one user may have made; 1000 unless this is said. A user is the first part of a blessing name, or
  // the first three where the second is one letter ("dev.v.io:u:alice").
  MountTableOptions& max_nodes_per_user(std::size_t count) {
    max_nodes_per_user_ = count;
    return *this;
  }
  // How many servers one user may have mounted, 10 000 unless this is said; those count that he was the last to
  // refresh.
  MountTableOptions& max_servers_per_user(std::size_t count) {
    max_servers_per_user_ = count;
    return *this;
  }
  // How much room one user's nodes, with their permissions, and servers may take in memory, about; 16 MiB unless this
  // is said.
  MountTableOptions& max_bytes_per_user(std::size_t bytes) {
    max_bytes_per_user_ = bytes;
    return *this;
  }
  MountTableOptions& clock(std::shared_ptr<Clock> clock) {
    clock_ = std::move(clock);
    return *this;
  }

  const std::map<std::string, Permissions>& permissions() const { return permissions_; }
  const std::shared_ptr<MountTableStore>& store() const { return store_; }  // may be null
  std::size_t max_nodes_per_user() const { return max_nodes_per_user_; }
  std::size_t max_servers_per_user() const { return max_servers_per_user_; }
  std::size_t max_bytes_per_user() const { return max_bytes_per_user_; }
  const std::shared_ptr<Clock>& clock() const { return clock_; }

 private:
  std::map<std::string, Permissions> permissions_;
  std::shared_ptr<MountTableStore> store_;
  std::size_t max_nodes_per_user_ = 1000;
  std::size_t max_servers_per_user_ = 10'000;
  std::size_t max_bytes_per_user_ = 16 << 20;
  std::shared_ptr<Clock> clock_ = system_clock();
};

// {"": {"Admin": {"In": ["alice"]}}, "users/%%": {…}}: the form of the reference's files. At most 4 MiB; a name, tag or
// field that stands there twice is refused.
Result<std::map<std::string, Permissions>> mount_table_permissions_from_json(std::string_view json);

// Fails when the store cannot be read.
Result<std::shared_ptr<Dispatcher>> make_mount_table(const MountTableOptions& options);

}  // namespace nb
