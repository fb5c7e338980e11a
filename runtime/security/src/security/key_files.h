// The two key files of a credentials folder (docs/spec/security.md 12.2). Who calls holds the lock dir.lock.
#pragma once

#include <memory>
#include <string>

#include <nb/base/log.h>
#include <nb/base/result.h>
#include <nb/security/credentials.h>
#include <nb/security/private_key.h>

#include "security/file_operations.h"

namespace nb::security {

struct FolderKeys {
  FolderKeys() = default;
  PublicKey public_key;
  PrivateKey private_key;  // none when the folder is only read and it could not be opened
};

// Makes both files, 0400. Exist when there is one of them; a creation that was cut short before it was done does not
// count.
Result<void> create_key_files(FileOperations& files, const std::string& folder, const PrivateKey& key,
                              const Passphrase& passphrase);

Result<FolderKeys> read_key_files(FileOperations& files, const std::string& folder, const CredentialsOptions& options);

// Whether nobody but its owner, this user or root, can put files into the folder; options may make it a warning.
Result<void> check_folder(const std::string& folder, const CredentialsOptions& options);

}  // namespace nb::security
