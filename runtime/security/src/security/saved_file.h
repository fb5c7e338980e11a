// One saved state of a credentials folder (the blessing store, or the roots) as its owner in this process sees it:
// tells when another process has changed it, and makes changes under the lock, on top of what others have made.
//
// A look at the folder takes two calls of the system, and a call of rpc asks six times: that was 9 of its 17 us. So the
// folder is looked at only every kLookEvery, and what was found then stands until the next look.
//
// Whoever has one guards it: one thread at a time.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <nb/base/bytes.h>
#include <nb/base/clock.h>
#include <nb/base/log.h>
#include <nb/base/result.h>

#include "security/signed_files.h"

namespace nb::security {

class SavedFile {
 public:
  static constexpr std::chrono::milliseconds kLookEvery{100};

  enum class Access { kReadOnly, kReadWrite };
  // Of "blessingstore" in `folder`, guarded by the lock file `lock` there. Read only: no locks, no writes.
  SavedFile(std::shared_ptr<FileOperations> files, std::string folder, const std::string& name, const std::string& lock,
            PublicKey public_key, PrivateKey key, Access access, std::shared_ptr<Clock> clock = system_clock());

  // kSeldom: what was found less than kLookEvery ago still counts.
  enum class Look { kSeldom, kNow };
  // What is saved, if it is another than at the last call or update(). None also when nothing was ever saved.
  Result<std::optional<Bytes>> newer(Look look = Look::kSeldom);

  // Calls `make` with what newer() would give, and saves what it returns; nothing is saved when it fails. When this
  // fails, what was saved before stands. BadState when the folder is only read or there is no key to sign with.
  Result<void> update(const std::function<Result<Bytes>(std::optional<Bytes> newer)>& make);

  // What was given last cannot be used, because of `why`: newer() says so until it changes, and update() gives it
  // again, so that nobody writes over what they have not understood.
  void reject(const Error& why);

  // Finishes what a save that was stopped has left undone, so that others too can read it. Nothing when read only.
  Result<void> repair();

  bool is_read_only() const { return access_ == Access::kReadOnly; }
  const std::string& name() const { return name_; }

 private:
  Result<std::optional<Bytes>> look();
  Result<std::optional<Bytes>> load_changed(SignedFiles::Leftovers leftovers = SignedFiles::Leftovers::kCount);
  Result<std::optional<Bytes>> load_without_lock();

  SignedFiles files_;
  std::string name_, lock_;
  PrivateKey key_;
  Access access_;
  std::shared_ptr<Clock> clock_;  // shared with the program
  std::optional<Clock::Steady> looked_at_;
  Error found_;  // the error of the latest look, or none
  SignedFiles::Stamps seen_;
  SignedFiles::Stamps failed_;  // what could not be loaded is not tried again before it changes
  Error why_;
};

}  // namespace nb::security
