// Credentials: a principal in a folder, in files that Go Vanadium's tools read and write too (docs/spec/security.md
// 12).
//
// Stores are signed by the key; a folder that was tampered with is refused ([A-50]). A crash at any moment loses
// nothing that was saved before. Several processes may use one folder: they lock it.
#pragma once

#include <memory>
#include <string>

#include <nb/base/log.h>
#include <nb/base/result.h>
#include <nb/security/principal.h>

namespace nb {

class CredentialsOptions {
 public:
  CredentialsOptions() {}
  CredentialsOptions& passphrase(Passphrase passphrase) {
    passphrase_ = std::move(passphrase);
    return *this;
  }
  // No locks, no writes; without the passphrase of an encrypted key, a principal that cannot sign, with an error in the
  // log.
  CredentialsOptions& read_only() {
    read_only_ = true;
    return *this;
  }
  CredentialsOptions& log(std::shared_ptr<LogSink> log) {
    log_ = std::move(log);
    return *this;
  }
  // A private key that others than its owner can read: refused unless this is said, then a warning ([A-52]).
  CredentialsOptions& accept_readable_key() {
    accept_readable_key_ = true;
    return *this;
  }

  const Passphrase& passphrase() const { return passphrase_; }
  bool is_read_only() const { return read_only_; }
  bool accepts_readable_key() const { return accept_readable_key_; }
  const std::shared_ptr<LogSink>& log() const { return log_; }

 private:
  Passphrase passphrase_;
  bool read_only_ = false;
  bool accept_readable_key_ = false;
  std::shared_ptr<LogSink> log_;
};

// Makes the folder (0700) and a new key in it; fails (Exist) if there is one. With a passphrase the key is encrypted.
Result<std::shared_ptr<const Principal>> create_credentials(const std::string& folder,
                                                            KeyType type = KeyType::kEcdsa256,
                                                            const CredentialsOptions& options = CredentialsOptions());
Result<std::shared_ptr<const Principal>> create_credentials(const std::string& folder, const PrivateKey& key,
                                                            const CredentialsOptions& options = CredentialsOptions());
// Opens what is there. Changes to the principal's store and roots are written to the folder before they return.
Result<std::shared_ptr<const Principal>> open_credentials(const std::string& folder,
                                                          const CredentialsOptions& options = CredentialsOptions());

}  // namespace nb
