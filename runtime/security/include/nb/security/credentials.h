// Credentials: a principal in a folder, in files that Go Vanadium's tools read and write too (docs/spec/security.md
// 12).
//
//   auto me = nb::create_credentials("/home/me/.niobium").value();
//   me->set_default_blessings(me->bless_self("me").value()).value();
//
// Stores are signed by the key; a folder that was tampered with is refused ([A-50]). A crash at any moment loses
// nothing that was saved before, and no change that was reported as done. Several processes may use one folder, Go's
// among them: they lock it (flock). What one has changed counts for the others within a tenth of a second, blessings
// and roots that were taken away too; changes are always made on top of the latest state. While one of them holds a
// lock, operations on the store and roots of the others wait.
//
// Errors: NoExist, Exist and NoAccess of the file system; errPassphraseRequired and errBadPassphrase
// (v.io/x/ref/lib/security); BadArg with a text for whatever is malformed, unsigned or does not belong together;
// BadState for changes to what is only read.
#pragma once

#include <memory>
#include <string>

#include <nb/base/clock.h>
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
  // No locks, no writes; without private key, or without the passphrase of an encrypted one, a principal that cannot
  // sign, with an error in the log. Discharges are kept in memory.
  CredentialsOptions& read_only() {
    read_only_ = true;
    return *this;
  }
  CredentialsOptions& log(std::shared_ptr<LogSink> log) {
    log_ = std::move(log);
    return *this;
  }
  // A private key that others than its owner can read, a folder that others can write (they could put another
  // principal's files, or older ones, into it), a key or folder that belongs to another user than this one and root:
  // refused (NoAccess) unless this is said, then a warning ([A-52]).
  CredentialsOptions& accept_readable_key() {
    accept_readable_key_ = true;
    return *this;
  }

  // By which that tenth of a second is measured: for tests that move time by hand. Not null; the system's when it is
  // not said.
  CredentialsOptions& clock(std::shared_ptr<Clock> clock) {
    clock_ = std::move(clock);
    return *this;
  }

  const Passphrase& passphrase() const { return passphrase_; }
  bool is_read_only() const { return read_only_; }
  bool accepts_readable_key() const { return accept_readable_key_; }
  const std::shared_ptr<LogSink>& log() const { return log_; }
  const std::shared_ptr<Clock>& clock() const { return clock_; }

 private:
  Passphrase passphrase_;
  bool read_only_ = false;
  bool accept_readable_key_ = false;
  std::shared_ptr<LogSink> log_;
  std::shared_ptr<Clock> clock_ = system_clock();
};

// Makes the folder (0700) and a new key in it; fails (Exist) if there is one. With a passphrase the key is encrypted.
Result<std::shared_ptr<const Principal>> create_credentials(const std::string& folder,
                                                            KeyType type = KeyType::kEcdsa256,
                                                            const CredentialsOptions& options = CredentialsOptions());
Result<std::shared_ptr<const Principal>> create_credentials(const std::string& folder, const PrivateKey& key,
                                                            const CredentialsOptions& options = CredentialsOptions());
// Opens what is there. Changes to the principal's store and roots are written to the folder before they return; what
// somebody else made of the folder meanwhile and cannot be read leaves the principal with what it had, which the log is
// told, and makes changes fail. Each discharge that is cached is written, too.
Result<std::shared_ptr<const Principal>> open_credentials(const std::string& folder,
                                                          const CredentialsOptions& options = CredentialsOptions());

}  // namespace nb
