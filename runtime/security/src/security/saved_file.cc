#include "security/saved_file.h"

#include <chrono>
#include <thread>
#include <utility>

#include <nb/base/verror.h>

#include "security/file_lock.h"

namespace nb::security {

SavedFile::SavedFile(std::shared_ptr<FileOperations> files, std::string folder, const std::string& name,
                     const std::string& lock, PublicKey public_key, PrivateKey key, Access access,
                     std::shared_ptr<Clock> clock)
    : files_(std::move(files), folder, name, std::move(public_key)),
      name_(folder + '/' + name),
      lock_(folder + '/' + lock),
      key_(std::move(key)),
      access_(access),
      clock_(std::move(clock)) {}

Result<std::optional<Bytes>> SavedFile::newer(Look look) {
  const auto now = clock_->now();
  if (look == Look::kSeldom && looked_at_ && now - *looked_at_ < kLookEvery) {
    if (found_) return found_;
    return std::optional<Bytes>();
  }
  looked_at_ = now;
  auto found = this->look();
  found_ = found.error();
  return found;
}

Result<std::optional<Bytes>> SavedFile::look() {
  const auto now = files_.stamps();
  if (!now) return now.error();
  if (*now == seen_) return std::optional<Bytes>();
  if (why_ && *now == failed_) return why_;
  if (is_read_only()) return load_without_lock();
  const auto lock = FileLock::lock(lock_, FileLock::Mode::kShared);
  if (!lock) return lock.error();
  return load_changed();
}

Result<std::optional<Bytes>> SavedFile::load_changed(SignedFiles::Leftovers leftovers) {
  const auto now = files_.stamps();
  if (!now) return now.error();
  if (*now == seen_) return std::optional<Bytes>();
  auto data = files_.load(leftovers);
  why_ = data.error();
  (data ? seen_ : failed_) = *now;
  return data;
}

// Somebody may be writing, and Go writes in place: what does not fit may fit a moment later. Only what never fits is
// looked for in what is left of an older save.
Result<std::optional<Bytes>> SavedFile::load_without_lock() {
  constexpr int kTries = 5;
  constexpr std::chrono::milliseconds kPause(20);
  for (int tries = 1;; ++tries) {
    auto data = load_changed(tries == kTries ? SignedFiles::Leftovers::kCount : SignedFiles::Leftovers::kIgnored);
    if (data || tries == kTries) return data;
    std::this_thread::sleep_for(kPause);
  }
}

void SavedFile::reject(const Error& why) {
  found_ = why_ = why;
  failed_ = std::exchange(seen_, SignedFiles::Stamps());
}

Result<void> SavedFile::repair() {
  if (is_read_only() || !key_) return {};
  const auto lock = FileLock::lock(lock_, FileLock::Mode::kExclusive);
  if (!lock) return lock.error();
  return files_.repair();
}

Result<void> SavedFile::update(const std::function<Result<Bytes>(std::optional<Bytes> newer)>& make) {
  if (is_read_only()) return verror::BadState("\"" + name_ + "\" was opened to be read only");
  if (!key_) return verror::BadState("\"" + name_ + "\" cannot be signed: the private key was not opened");
  const auto lock = FileLock::lock(lock_, FileLock::Mode::kExclusive);
  if (!lock) return lock.error();
  auto newer = load_changed();
  if (!newer) return newer.error();
  const auto data = make(*std::move(newer));
  if (!data) return data.error();
  if (auto saved = files_.save(key_, *data); !saved) return saved;
  auto now = files_.stamps();
  if (!now) return now.error();
  seen_ = *now;
  found_ = Error();
  return {};
}

}  // namespace nb::security
