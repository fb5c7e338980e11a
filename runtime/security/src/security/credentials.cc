#include <nb/security/credentials.h>

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <utility>

#include <nb/base/verror.h>

#include "security/disk_roots.h"
#include "security/disk_store.h"
#include "security/file_errors.h"
#include "security/file_lock.h"
#include "security/file_operations.h"
#include "security/key_files.h"
#include "security/saved_file.h"

namespace nb {
namespace {

using security::FileLock;
using security::SavedFile;

constexpr const char* kFolderLock = "dir.lock";
constexpr const char* kStoreLock = "blessings.lock";
constexpr const char* kRootsLock = "blessingroots.lock";

// The folder and those above it that are missing, for the owner alone.
Result<void> make_folder(const std::string& folder) {
  std::filesystem::path path;
  for (const auto& part : std::filesystem::path(folder)) {
    path /= part;
    if (path.empty() || ::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) continue;
    return security::file_error("make folder", path.string());
  }
  return {};
}

Result<std::shared_ptr<const Principal>> make_principal(std::shared_ptr<security::FileOperations> files,
                                                        const std::string& folder, security::FolderKeys keys,
                                                        const CredentialsOptions& options) {
  const auto access = options.is_read_only() ? SavedFile::Access::kReadOnly : SavedFile::Access::kReadWrite;
  auto store = security::disk_store(
      keys.public_key,
      SavedFile(files, folder, "blessingstore", kStoreLock, keys.public_key, keys.private_key, access, options.clock()),
      options.log());
  if (!store) return store.error();
  auto roots = security::disk_roots(
      SavedFile(files, folder, "blessingroots", kRootsLock, keys.public_key, keys.private_key, access, options.clock()),
      options.log());
  if (!roots) return roots.error();
  if (!keys.private_key) return Principal::make_public_only(keys.public_key, *std::move(store), *std::move(roots));
  return Principal::make(keys.private_key, *std::move(store), *std::move(roots));
}

}  // namespace

Result<std::shared_ptr<const Principal>> create_credentials(const std::string& folder, KeyType type,
                                                            const CredentialsOptions& options) {
  auto key = PrivateKey::make(type);
  if (!key) return key.error();
  return create_credentials(folder, *key, options);
}

Result<std::shared_ptr<const Principal>> create_credentials(const std::string& folder, const PrivateKey& key,
                                                            const CredentialsOptions& options) {
  if (options.is_read_only()) return verror::BadArg("credentials that are only read cannot be made");
  if (!key) return verror::BadArg("credentials need a private key");
  if (auto made = make_folder(folder); !made) return made.error();
  if (auto fits = security::check_folder(folder, options); !fits) return fits.error();
  auto files = security::system_files();
  {
    // Go takes these files for granted.
    for (const auto* name : {kStoreLock, kRootsLock}) {
      if (auto lock = FileLock::lock(folder + '/' + name, FileLock::Mode::kExclusive); !lock) return lock.error();
    }
    const auto lock = FileLock::lock(folder + '/' + kFolderLock, FileLock::Mode::kExclusive);
    if (!lock) return lock.error();
    if (auto made = security::create_key_files(*files, folder, key, options.passphrase()); !made) return made.error();
  }
  security::FolderKeys keys;
  keys.public_key = key.public_key();
  keys.private_key = key;
  return make_principal(std::move(files), folder, std::move(keys), options);
}

Result<std::shared_ptr<const Principal>> open_credentials(const std::string& folder,
                                                          const CredentialsOptions& options) {
  auto files = security::system_files();
  if (auto fits = security::check_folder(folder, options); !fits) return fits.error();
  Result<security::FolderKeys> keys = verror::Internal("not read");
  {
    std::optional<Result<FileLock>> lock;
    if (!options.is_read_only()) {
      lock.emplace(FileLock::lock(folder + '/' + kFolderLock, FileLock::Mode::kShared));
      if (!*lock) return lock->error();
    }
    keys = security::read_key_files(*files, folder, options);
  }
  if (!keys) return keys.error();
  return make_principal(std::move(files), folder, *std::move(keys), options);
}

}  // namespace nb
