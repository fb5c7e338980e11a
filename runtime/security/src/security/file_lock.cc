#include "security/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "security/file_errors.h"

namespace nb::security {

Result<FileLock> FileLock::lock(const std::string& path, Mode mode, unsigned file_mode) {
  int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, file_mode);
  // Where Go was first and only read, it made a file that nobody may write; flock does not need to.
  if (file < 0 && (errno == EACCES || errno == EROFS)) file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return file_error("open", path);
  FileLock lock(file);
  while (::flock(file, mode == Mode::kShared ? LOCK_SH : LOCK_EX) != 0) {
    if (errno != EINTR) return file_error("lock", path);
  }
  return lock;
}

FileLock::~FileLock() {
  if (file_ >= 0) ::close(file_);  // nobody else has this open file, so the lock goes with it
}

}  // namespace nb::security
