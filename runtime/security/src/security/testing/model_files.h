// A folder in memory that stops at a chosen operation, as a program that is killed, or as a machine that loses power:
// then what was not made to last may be there or not, in any combination.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <nb/base/verror.h>

#include "security/file_operations.h"

namespace nb::security::testing {

class ModelFiles final : public FileOperations {
 public:
  // From now on this many operations that change something succeed; the next one and all after it fail.
  void stop_after(std::size_t operations) { left_ = operations; }
  void go_on() { left_ = SIZE_MAX; }
  bool has_stopped() const { return left_ == 0; }

  // How many ways there are to lose power now: which of the changes of names since the last sync_folder() lasted, and
  // whether content that was not synced did as a whole, by half or not at all.
  std::size_t ways_to_lose_power() const { return (std::size_t{1} << pending_.size()) * 3; }
  ModelFiles after_power_loss(std::size_t way) const {
    ModelFiles after = *this;
    after.names_ = durable_names_;
    for (std::size_t i = 0; i < pending_.size(); ++i) {
      if (way / 3 >> i & 1) pending_[i].apply(after.names_);
    }
    for (auto& inode : after.inodes_) {
      if (way % 3 == 0) inode.content = inode.durable;
      if (way % 3 == 1 && inode.content != inode.durable) inode.content.resize(inode.content.size() / 2);
    }
    after.settle();
    return after;
  }
  // The program is killed: what it did stays, whether it lasts or not.
  ModelFiles after_kill() const {
    ModelFiles after = *this;
    after.go_on();
    return after;
  }

  Result<std::optional<FileStamp>> stamp(const std::string& path) override {
    const auto found = names_.find(path);
    if (found == names_.end()) return std::optional<FileStamp>();
    FileStamp stamp;
    stamp.inode = found->second + 1;
    return std::optional(stamp);
  }
  Result<std::optional<Bytes>> read(const std::string& path, std::size_t) override {
    const auto found = names_.find(path);
    if (found == names_.end()) return std::optional<Bytes>();
    return std::optional(inodes_[found->second].content);
  }
  Result<int> create(const std::string& path, unsigned) override {
    if (names_.contains(path)) return verror::Exist(path);
    if (stopped()) return crash();
    inodes_.emplace_back();
    change(Change{"", path, inodes_.size() - 1});
    return static_cast<int>(inodes_.size() - 1);
  }
  Result<void> write(int file, BytesView bytes) override {
    auto& content = inodes_[static_cast<std::size_t>(file)].content;
    if (stopped()) {
      // Cut short in the middle of it.
      if (!content.empty() || was_stopped_) return crash();
      was_stopped_ = true;
      content.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2));
      return crash();
    }
    content.insert(content.end(), bytes.begin(), bytes.end());
    return {};
  }
  Result<void> sync(int file) override {
    if (stopped()) return crash();
    auto& inode = inodes_[static_cast<std::size_t>(file)];
    inode.durable = inode.content;
    return {};
  }
  void close(int) override {}
  Result<void> rename(const std::string& from, const std::string& to) override {
    if (!names_.contains(from)) return verror::NoExist(from);
    if (stopped()) return crash();
    change(Change{from, to, names_.at(from)});
    return {};
  }
  Result<void> remove(const std::string& path) override {
    if (stopped()) return crash();
    if (names_.contains(path)) change(Change{path, "", 0});
    return {};
  }
  Result<void> sync_folder(const std::string&) override {
    if (stopped()) return crash();
    durable_names_ = names_;
    pending_.clear();
    return {};
  }

  void put(const std::string& path, Bytes content) {
    inodes_.push_back({content, content});
    names_[path] = inodes_.size() - 1;
    durable_names_ = names_;
  }

 private:
  struct Inode {
    Bytes content, durable;
  };
  using Names = std::map<std::string, std::size_t>;
  struct Change {
    std::string from, to;
    std::size_t inode = 0;
    void apply(Names& names) const {
      if (!from.empty()) names.erase(from);
      if (!to.empty()) names[to] = inode;
    }
  };

  bool stopped() {
    if (left_ == 0) return true;
    if (left_ != SIZE_MAX) --left_;
    return false;
  }
  static Error crash() { return verror::Aborted("stopped here"); }
  void change(const Change& change) {
    change.apply(names_);
    pending_.push_back(change);
  }
  void settle() {
    durable_names_ = names_;
    pending_.clear();
    for (auto& inode : inodes_) inode.durable = inode.content;
    go_on();
    was_stopped_ = false;
  }

  std::size_t left_ = SIZE_MAX;
  bool was_stopped_ = false;
  std::vector<Inode> inodes_;
  Names names_, durable_names_;
  std::vector<Change> pending_;
};

}  // namespace nb::security::testing
