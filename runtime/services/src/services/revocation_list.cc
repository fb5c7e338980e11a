#include <nb/services/revocation_list.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include <nb/base/bytes.h>
#include <nb/base/verror.h>

#include "security/file_lock.h"
#include "security/file_operations.h"

namespace nb {
namespace {

using security::FileLock;
using security::FileStamp;
using Ids = std::set<std::string>;

constexpr std::size_t kMaxFileBytes = 16 << 20;
// base64 of 64 bytes, the longest hash.
constexpr std::size_t kMaxIdBytes = 88;

bool is_id(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
           c == '=';
  };
  return !text.empty() && text.size() <= kMaxIdBytes && std::all_of(text.begin(), text.end(), fits);
}

Result<void> check_id(std::string_view id) {
  if (is_id(id)) return {};
  return verror::BadArg("this is not the id of a third-party caveat");
}

class MemoryRevocations final : public RevocationList {
 public:
  Result<void> revoke(std::string_view id) override {
    if (auto fits = check_id(id); !fits) return fits;
    const std::lock_guard lock(mutex_);
    ids_.emplace(id);
    return {};
  }
  Result<void> restore(std::string_view id) override {
    const std::lock_guard lock(mutex_);
    ids_.erase(std::string(id));
    return {};
  }
  Result<bool> is_revoked(std::string_view id) override {
    const std::lock_guard lock(mutex_);
    return ids_.contains(std::string(id));
  }
  Result<Ids> revoked() override {
    const std::lock_guard lock(mutex_);
    return ids_;
  }

 private:
  std::mutex mutex_;
  Ids ids_;
};

Result<Ids> parse(std::string_view text, const std::string& path) {
  Ids ids;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos || !is_id(text.substr(0, end))) {
      return verror::BadState("\"" + path + "\" holds a line that is not an id, or is cut off");
    }
    ids.emplace(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return ids;
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

class FileRevocations final : public RevocationList {
 public:
  explicit FileRevocations(std::string path) : path_(std::move(path)) {}

  Result<void> create() {
    const std::lock_guard lock(mutex_);
    const auto file_lock = lock_file();
    if (!file_lock) return file_lock.error();
    const auto stamp = files_->stamp(path_);
    if (!stamp) return stamp.error();
    if (*stamp) return verror::Exist("there is a list of revocations \"" + path_ + "\"");
    return write(Ids());
  }

  Result<void> open() {
    const std::lock_guard lock(mutex_);
    const auto stamp = files_->stamp(path_);
    if (!stamp) return stamp.error();
    if (!*stamp) return verror::NoExist("there is no list of revocations \"" + path_ + "\"");
    return refresh();
  }

  Result<void> revoke(std::string_view id) override {
    if (auto fits = check_id(id); !fits) return fits;
    return change([&](Ids& ids) { return ids.emplace(id).second; });
  }
  Result<void> restore(std::string_view id) override {
    return change([&](Ids& ids) { return ids.erase(std::string(id)) > 0; });
  }
  Result<bool> is_revoked(std::string_view id) override {
    const std::lock_guard lock(mutex_);
    if (auto done = refresh(); !done) return done.error();
    return ids_.contains(std::string(id));
  }
  Result<Ids> revoked() override {
    const std::lock_guard lock(mutex_);
    if (auto done = refresh(); !done) return done.error();
    return ids_;
  }

 private:
  // For the owner alone: whoever can open it can hold it, and keep anything from being revoked.
  Result<FileLock> lock_file() const { return FileLock::lock(path_ + ".lock", FileLock::Mode::kExclusive, 0600); }

  // The file is replaced as a whole, so reading it needs no lock between processes.
  Result<void> refresh() {
    const auto now = files_->stamp(path_);
    if (!now) return now.error();
    if (!*now) return verror::BadState("the list of revocations \"" + path_ + "\" is gone");
    if (*now == seen_) return {};
    const auto content = files_->read(path_, kMaxFileBytes);
    if (!content) return content.error();
    if (!*content) return verror::BadState("the list of revocations \"" + path_ + "\" is gone");
    auto ids = parse(as_text(**content), path_);
    if (!ids) return ids.error();
    ids_ = *std::move(ids);
    seen_ = *now;
    return {};
  }

  template <class F>
  Result<void> change(F&& f) {
    const std::lock_guard lock(mutex_);
    const auto file_lock = lock_file();
    if (!file_lock) return file_lock.error();
    if (auto done = refresh(); !done) return done;
    auto changed = ids_;
    if (!f(changed)) return {};
    return write(std::move(changed));
  }

  Result<void> write(Ids ids) {
    std::string text;
    for (const auto& id : ids) text += id + '\n';
    if (text.size() > kMaxFileBytes) return verror::BadState("there are too many revocations for one file");
    const auto fresh = path_ + ".new";
    auto done = files_->remove(fresh);
    if (done) done = security::write_new_file(*files_, fresh, 0600, as_bytes(text));
    if (done) done = files_->rename(fresh, path_);
    if (done) done = files_->sync_folder(folder_of(path_));
    if (!done) return done;
    const auto now = files_->stamp(path_);
    if (!now) return now.error();
    ids_ = std::move(ids);
    seen_ = *now;
    return {};
  }

  const std::string path_;
  const std::shared_ptr<security::FileOperations> files_ = security::system_files();
  std::mutex mutex_;
  Ids ids_;
  std::optional<FileStamp> seen_;
};

}  // namespace

std::shared_ptr<RevocationList> memory_revocations() { return std::make_shared<MemoryRevocations>(); }

Result<std::shared_ptr<RevocationList>> file_revocations(std::string path) {
  auto list = std::make_shared<FileRevocations>(std::move(path));
  if (auto opened = list->open(); !opened) return opened.error();
  return std::shared_ptr<RevocationList>(std::move(list));
}

Result<std::shared_ptr<RevocationList>> create_file_revocations(std::string path) {
  auto list = std::make_shared<FileRevocations>(std::move(path));
  if (auto created = list->create(); !created) return created.error();
  return std::shared_ptr<RevocationList>(std::move(list));
}

}  // namespace nb
