#include "load/file_system.h"
#include "load/paths.h"

namespace vdlc {
namespace {

nb::Error refusal(const std::string& what) { return nb::Error("v.io/v23/verror.NoExist", nb::NoRetry, what); }

}  // namespace

MemoryFileSystem::MemoryFileSystem(std::string current_directory) : current_directory_(std::move(current_directory)) {}

std::string MemoryFileSystem::absolute(const std::string& path) const {
  return absolute_path(current_directory_, path);
}

void MemoryFileSystem::add(const std::string& path, std::string text) { files_[absolute(path)] = std::move(text); }

void MemoryFileSystem::make_unreadable(const std::string& path) { unreadable_[absolute(path)] = true; }

FileSystem::Kind MemoryFileSystem::kind(const std::string& path) const {
  const std::string full = absolute(path);
  if (files_.contains(full)) return Kind::kFile;
  if (full == "/" || unreadable_.contains(full)) return Kind::kDirectory;
  const auto below = files_.lower_bound(full + "/");
  return below != files_.end() && below->first.starts_with(full + "/") ? Kind::kDirectory : Kind::kMissing;
}

nb::Result<std::string> MemoryFileSystem::read(const std::string& path) const {
  const std::string full = absolute(path);
  if (unreadable_.contains(full)) return refusal("permission denied");
  const auto found = files_.find(full);
  if (found == files_.end()) return refusal("no such file");
  return found->second;
}

nb::Result<std::vector<FileSystem::Entry>> MemoryFileSystem::list(const std::string& directory) const {
  const std::string full = absolute(directory);
  if (unreadable_.contains(full)) return refusal("permission denied");
  if (kind(full) != Kind::kDirectory) return refusal("no such directory");
  const std::string prefix = full == "/" ? full : full + "/";
  std::map<std::string, Kind> entries;
  for (auto at = files_.lower_bound(prefix); at != files_.end() && at->first.starts_with(prefix); ++at) {
    const std::string rest = at->first.substr(prefix.size());
    const std::size_t slash = rest.find('/');
    entries[rest.substr(0, slash)] = slash == std::string::npos ? Kind::kFile : Kind::kDirectory;
  }
  std::vector<Entry> result;
  for (const auto& [name, kind] : entries) result.push_back({name, kind, false});
  return result;
}

nb::Result<void> MemoryFileSystem::write(const std::string& path, std::string_view text) {
  if (unreadable_.contains(absolute(path))) return refusal("permission denied");
  files_[absolute(path)] = text;
  return {};
}

}  // namespace vdlc
