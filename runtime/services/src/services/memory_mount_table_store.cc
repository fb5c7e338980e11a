#include <map>
#include <mutex>
#include <string>
#include <utility>

#include <nb/services/mount_table_store.h>

namespace nb {
namespace {

class MemoryMountTableStore final : public MountTableStore {
 public:
  Result<StoredTable> load() override {
    const std::lock_guard lock(mutex_);
    StoredTable table;
    for (const auto& [name, node] : nodes_) table.nodes.push_back(node);
    for (const auto& [name, server] : servers_) table.servers.push_back(server);
    return table;
  }

  Result<void> update(const MountTableChange& change) override {
    const std::lock_guard lock(mutex_);
    for (const std::string& name : change.erased) {
      // '0' is the character behind '/'.
      nodes_.erase(name);
      nodes_.erase(nodes_.lower_bound(name + "/"), nodes_.lower_bound(name + "0"));
      servers_.erase(servers_.lower_bound({name, ""}), servers_.lower_bound({name + std::string(1, '\0'), ""}));
      servers_.erase(servers_.lower_bound({name + "/", ""}), servers_.lower_bound({name + "0", ""}));
    }
    for (const auto& mounted : change.unmounted) servers_.erase(mounted);
    for (const StoredNode& node : change.nodes) nodes_[node.name] = node;
    for (const StoredServer& server : change.servers) servers_[{server.node, server.name}] = server;
    return {};
  }

 private:
  std::mutex mutex_;
  std::map<std::string, StoredNode> nodes_;
  std::map<std::pair<std::string, std::string>, StoredServer> servers_;  // by node and name
};

}  // namespace

std::shared_ptr<MountTableStore> memory_mount_table_store() { return std::make_shared<MemoryMountTableStore>(); }

}  // namespace nb
