// A data file and its signature, name.data and name.sig, so that Go reads and writes them too
// (docs/spec/security.md 12.2 and 12.5), and so that a crash at any moment loses nothing that was saved before.
//
// They are two files, and no system replaces two at once. A save makes
//
//   name.data.new, name.sig.new   whole, and waits until they and their names are safe; then renames
//   name.sig.new  -> name.sig
//   name.data.new -> name.data    and waits again.
//
// Stopped before the first renaming, the old pair stands. Stopped between the two (or with only the second one
// lasting), name.data and name.sig do not fit, but one of them fits what is left of the other under the name .new:
// load() finds the pair that fits, whichever it is, and repair() finishes the renaming. Go, in that moment, refuses the
// folder with "data has been modified" and changes nothing, until one of ours has opened it. Go itself removes both
// files and writes them again: a crash in there loses them, which we cannot help.
//
// A crash of ours that Go has written over leaves older .new files behind. They are looked at only when the pair does
// not fit, and go with the next save.
//
// Who calls holds the lock of the pair: shared for load(), exclusive for repair() and save().
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include <nb/base/bytes.h>
#include <nb/base/result.h>
#include <nb/security/private_key.h>
#include <nb/security/public_key.h>

#include "security/file_operations.h"

namespace nb::security {

inline constexpr std::size_t kMaxDataFileBytes = 64 << 20;

class SignedFiles {
 public:
  // Of "blessingstore" in the folder, by the owner of `key`.
  SignedFiles(std::shared_ptr<FileOperations> files, std::string folder, const std::string& name, PublicKey key);

  // Whether what is left of a save counts where the pair does not fit. Without the lock it may not fit because Go is
  // writing it at the moment, and then what is left is older than both.
  enum class Leftovers { kCount, kIgnored };
  // The data; none when nothing was ever saved. Fails when there is no pair that fits ([A-50]).
  Result<std::optional<Bytes>> load(Leftovers leftovers = Leftovers::kCount) const;
  // After it the pair itself is the one that load() finds; it lasts from the next save on.
  Result<void> repair();
  // What was saved before stands if this fails before the renaming; a failure in it may leave the new one.
  Result<void> save(const PrivateKey& key, BytesView data);

  // Changes whenever somebody saves.
  using Stamps = std::array<std::optional<FileStamp>, 2>;
  Result<Stamps> stamps() const;

 private:
  struct Found {
    bool new_data = false, new_signature = false;
    std::optional<Bytes> data;
  };
  Result<Found> find(Leftovers leftovers) const;

  std::shared_ptr<FileOperations> files_;  // shared with the other files of the folder
  std::string folder_, data_, signature_;
  PublicKey key_;
};

}  // namespace nb::security
