// The only door to the disk: load reads and write writes through it, so that every stage can be tested in memory.
//
// Paths are '/'-separated and absolute or relative to current_directory(). An implementation is used by one thread.
#pragma once

#include <nb/base/result.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace vdlc {

class FileSystem {
 public:
  enum class Kind { kMissing, kFile, kDirectory };
  struct Entry {
    std::string name;         // the last element only
    Kind kind = Kind::kFile;  // of what a link leads to
    bool is_link = false;
  };

  virtual ~FileSystem() = default;

  virtual std::string current_directory() const = 0;
  // Follows symbolic links. What is neither file nor directory counts as a file.
  virtual Kind kind(const std::string& path) const = 0;
  virtual nb::Result<std::string> read(const std::string& path) const = 0;
  // Sorted by name, without "." and "..".
  virtual nb::Result<std::vector<Entry>> list(const std::string& directory) const = 0;

  // Replaces the file in one step (no reader sees half of it) and makes missing parent directories.
  virtual nb::Result<void> write(const std::string& path, std::string_view text) = 0;
};

std::unique_ptr<FileSystem> make_real_file_system();

// Files held in memory; a directory exists when something lies in it. For tests and fuzzers.
class MemoryFileSystem final : public FileSystem {
 public:
  explicit MemoryFileSystem(std::string current_directory = "/");

  // For building the world of a test. Paths as for the other functions.
  void add(const std::string& path, std::string text);
  // read() and list() of this path fail from now on.
  void make_unreadable(const std::string& path);
  const std::map<std::string, std::string>& files() const { return files_; }

  std::string current_directory() const override { return current_directory_; }
  Kind kind(const std::string& path) const override;
  nb::Result<std::string> read(const std::string& path) const override;
  nb::Result<std::vector<Entry>> list(const std::string& directory) const override;
  nb::Result<void> write(const std::string& path, std::string_view text) override;

 private:
  std::string absolute(const std::string& path) const;

  std::string current_directory_;
  std::map<std::string, std::string> files_;  // absolute clean path to text
  std::map<std::string, bool> unreadable_;
};

}  // namespace vdlc
