// Locks between processes (and threads) that use one credentials folder: flock on a file that stays empty, as Go
// Vanadium does it, so that both respect each other. Held from lock() until destruction.
#pragma once

#include <string>

#include <nb/base/result.h>

namespace nb::security {

class FileLock {
 public:
  enum class Mode { kShared, kExclusive };
  // Waits until it is free. Makes the file if there is none.
  static Result<FileLock> lock(const std::string& path, Mode mode, unsigned file_mode = 0666);

  FileLock(FileLock&& other) noexcept : file_(other.file_) { other.file_ = -1; }
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int file) : file_(file) {}
  int file_;
};

}  // namespace nb::security
