#include "security/file_operations.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include <nb/base/verror.h>

#include "security/file_errors.h"

namespace nb::security {
namespace {

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

std::int64_t nanoseconds(const timespec& time) { return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; }

class SystemFiles final : public FileOperations {
 public:
  Result<std::optional<FileStamp>> stamp(const std::string& path) override {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) {
      if (errno == ENOENT) return std::optional<FileStamp>();
      return file_error("look at", path);
    }
    FileStamp stamp;
    stamp.device = found.st_dev;
    stamp.inode = found.st_ino;
    stamp.size = static_cast<std::uint64_t>(found.st_size);
    stamp.modified_ns = nanoseconds(found.st_mtim);
    stamp.changed_ns = nanoseconds(found.st_ctim);
    return std::optional(stamp);
  }

  Result<std::optional<Bytes>> read(const std::string& path, std::size_t max_bytes) override {
    // Without O_NONBLOCK a pipe in the place of the file would hold us up.
    const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.get() < 0) {
      if (errno == ENOENT) return std::optional<Bytes>();
      return file_error("open", path);
    }
    struct stat found {};
    if (::fstat(file.get(), &found) != 0) return file_error("look at", path);
    if (!S_ISREG(found.st_mode)) return verror::BadArg("\"" + path + "\" is no ordinary file");
    Bytes content;
    for (;;) {
      constexpr std::size_t kStep = 64 << 10;
      const auto before = content.size();
      content.resize(before + kStep);
      const auto got = ::read(file.get(), content.data() + before, kStep);
      content.resize(before + (got > 0 ? static_cast<std::size_t>(got) : 0));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return file_error("read", path);
      if (got == 0) return std::optional(std::move(content));
      if (content.size() > max_bytes) {
        return verror::BadArg("\"" + path + "\" has more than " + std::to_string(max_bytes) + " bytes");
      }
    }
  }

  Result<int> create(const std::string& path, unsigned mode) override {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (file < 0) return file_error("create", path);
    return file;
  }

  Result<void> write(int file, BytesView bytes) override {
    while (!bytes.empty()) {
      const auto done = ::write(file, bytes.data(), bytes.size());
      if (done < 0 && errno == EINTR) continue;
      if (done < 0) return file_error("write", "");
      bytes = bytes.subspan(static_cast<std::size_t>(done));
    }
    return {};
  }

  Result<void> sync(int file) override {
    if (::fsync(file) != 0) return file_error("make durable", "");
    return {};
  }

  void close(int file) override { ::close(file); }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (std::rename(from.c_str(), to.c_str()) != 0) return file_error("rename", from);
    return {};
  }

  Result<void> remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return file_error("remove", path);
    return {};
  }

  Result<void> sync_folder(const std::string& path) override {
    const File folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() < 0) return file_error("open", path);
    // Some file systems have no such thing for folders.
    if (::fsync(folder.get()) != 0 && errno != EINVAL) return file_error("make durable", path);
    return {};
  }
};

}  // namespace

std::shared_ptr<FileOperations> system_files() { return std::make_shared<SystemFiles>(); }

Result<void> write_new_file(FileOperations& files, const std::string& path, unsigned mode, BytesView content) {
  const auto file = files.create(path, mode);
  if (!file) return file.error();
  auto done = files.write(*file, content);
  if (done) done = files.sync(*file);
  files.close(*file);
  if (!done) (void)files.remove(path).ok();
  return done;
}

Error file_error(std::string_view verb, const std::string& path) {
  const int number = errno;
  const std::string text = "cannot " + std::string(verb) + (path.empty() ? " file" : " \"" + path + "\"") + ": " +
                           std::generic_category().message(number);
  if (number == ENOENT) return verror::NoExist(text);
  if (number == EEXIST) return verror::Exist(text);
  if (number == EACCES || number == EPERM) return verror::NoAccess(text).with_action(NoRetry);
  return verror::Internal(text);
}

}  // namespace nb::security
