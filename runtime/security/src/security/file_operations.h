// The operations on files that credentials are saved with, one for each call of the system: the seam at which tests
// stop a program, or a machine, between two of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <nb/base/bytes.h>
#include <nb/base/result.h>

namespace nb::security {

// By which a file that was replaced or written can be told from the one before.
struct FileStamp {
  FileStamp() = default;
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t modified_ns = 0, changed_ns = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

class FileOperations {
 public:
  virtual ~FileOperations() = default;
  // None: there is no such file.
  virtual Result<std::optional<FileStamp>> stamp(const std::string& path) = 0;
  // None: there is no such file. Fails (BadArg) when it is larger, or no ordinary file.
  virtual Result<std::optional<Bytes>> read(const std::string& path, std::size_t max_bytes) = 0;
  // Makes a file that is not there yet, and opens it for writing.
  virtual Result<int> create(const std::string& path, unsigned mode) = 0;
  virtual Result<void> write(int file, BytesView bytes) = 0;
  virtual Result<void> sync(int file) = 0;
  virtual void close(int file) = 0;
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  virtual Result<void> remove(const std::string& path) = 0;  // nothing to remove: fine
  // Makes the folder's entries last.
  virtual Result<void> sync_folder(const std::string& path) = 0;
};

std::shared_ptr<FileOperations> system_files();

// Makes a file with this content, and waits until the content (not yet its name) is safe. Removes it when that fails.
Result<void> write_new_file(FileOperations& files, const std::string& path, unsigned mode, BytesView content);

}  // namespace nb::security
