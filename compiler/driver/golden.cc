#include "driver/golden.h"

#include <cstdio>
#include <cstdlib>

#include "load/paths.h"

namespace vdlc::golden {
namespace {

FileSystem& disk() {
  static const std::unique_ptr<FileSystem> kDisk = make_real_file_system();
  return *kDisk;
}

bool refreshing() {
  const char* wish = std::getenv("NIOBIUM_REFRESH");
  return wish != nullptr && std::string_view(wish) == "1";
}

// Said at the end of the program, since each file counts as a test case.
struct Tally {
  int passed = 0;
  int failed = 0;
  ~Tally() { std::printf("golden files: %d passed, %d failed\n", passed, failed); }
};

std::string counted(std::string difference) {
  static Tally tally;
  ++(difference.empty() ? tally.passed : tally.failed);
  return difference;
}

}  // namespace

std::string directory(const std::string& name) {
  const char* source = std::getenv("NIOBIUM_SOURCE");
  return join_path(join_path(source ? source : ".", "testdata"), name);
}

std::vector<std::string> entries(const std::string& directory, const std::string& ending) {
  std::vector<std::string> names;
  const auto list = disk().list(directory);
  if (!list) return names;
  for (const FileSystem::Entry& entry : *list) {
    if (entry.name.ends_with(ending)) names.push_back(entry.name);
  }
  return names;
}

std::string read(const std::string& path) { return disk().read(path).value_or(""); }

std::string difference(const std::string& expectation_path, const std::string& actual) {
  if (refreshing()) {
    // Nothing is written as no file, so that the folder shows at once which inputs say something.
    if (actual.empty() && disk().kind(expectation_path) != FileSystem::Kind::kFile) return "";
    const auto written = disk().write(expectation_path, actual);
    return written ? "" : "cannot write " + expectation_path;
  }
  const std::string expected = read(expectation_path);
  if (expected == actual) return counted("");
  return counted("\n==== expected (" + expectation_path + ")\n" + expected + "==== actual\n" + actual +
                 "==== refresh with NIOBIUM_REFRESH=1");
}

void copy_tree(const std::string& directory, const std::string& at, MemoryFileSystem& into) {
  std::vector<std::string> open{""};
  while (!open.empty()) {
    const std::string below = open.back();
    open.pop_back();
    const auto list = disk().list(join_path(directory, below));
    if (!list) continue;
    for (const FileSystem::Entry& entry : *list) {
      const std::string path = join_path(below, entry.name);
      if (entry.kind == FileSystem::Kind::kDirectory) {
        open.push_back(path);
      } else {
        into.add(join_path(at, path), read(join_path(directory, path)));
      }
    }
  }
}

}  // namespace vdlc::golden
