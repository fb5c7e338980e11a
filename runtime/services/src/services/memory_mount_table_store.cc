#include <map>
#include <mutex>

#include <nb/services/mount_table_store.h>

namespace nb {
namespace {

class MemoryMountTableStore final : public MountTableStore {
 public:
  Result<std::vector<StoredNode>> load() override {
    const std::lock_guard lock(mutex_);
    std::vector<StoredNode> nodes;
    for (const auto& [name, node] : nodes_) nodes.push_back(node);
    return nodes;
  }

  Result<void> update(const std::vector<std::string>& erased, const std::vector<StoredNode>& written) override {
    const std::lock_guard lock(mutex_);
    for (const std::string& name : erased) {
      nodes_.erase(name);
      // '0' is the character behind '/'.
      nodes_.erase(nodes_.lower_bound(name + "/"), nodes_.lower_bound(name + "0"));
    }
    for (const StoredNode& node : written) nodes_[node.name] = node;
    return {};
  }

 private:
  std::mutex mutex_;
  std::map<std::string, StoredNode> nodes_;
};

}  // namespace

std::shared_ptr<MountTableStore> memory_mount_table_store() { return std::make_shared<MemoryMountTableStore>(); }

}  // namespace nb
