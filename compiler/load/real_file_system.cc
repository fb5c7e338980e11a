#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "load/file_system.h"
#include "load/paths.h"

namespace vdlc {
namespace {

namespace fs = std::filesystem;

nb::Error failure(std::string_view what) {
  return nb::Error("v.io/v23/verror.NoExist", nb::NoRetry, std::string(what));
}
nb::Error failure(const std::error_code& code) { return failure(code.message()); }

class RealFileSystem final : public FileSystem {
 public:
  std::string current_directory() const override {
    std::error_code code;
    return fs::current_path(code).generic_string();
  }

  Kind kind(const std::string& path) const override {
    std::error_code code;
    const fs::file_status status = fs::status(path, code);
    if (!fs::exists(status)) return Kind::kMissing;
    return fs::is_directory(status) ? Kind::kDirectory : Kind::kFile;
  }

  nb::Result<std::string> read(const std::string& path) const override {
    if (kind(path) == Kind::kDirectory) return failure("it is a directory");
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    if (!in) return failure(std::strerror(errno));
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (in.bad()) return failure("reading failed");
    return text;
  }

  nb::Result<std::vector<Entry>> list(const std::string& directory) const override {
    std::error_code code;
    fs::directory_iterator entries(directory, code);
    if (code) return failure(code);
    std::vector<Entry> result;
    while (entries != fs::directory_iterator()) {
      const std::string name = entries->path().filename().generic_string();
      std::error_code ignored;
      result.push_back({name, kind(join_path(directory, name)), entries->is_symlink(ignored)});
      entries.increment(code);
      if (code) return failure(code);
    }
    std::sort(result.begin(), result.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
    return result;
  }

  // Written beside the target and moved over it. The process id keeps two compilers apart that write the same file.
  nb::Result<void> write(const std::string& path, std::string_view text) override {
    std::error_code code;
    const std::string parent(parent_path(path));  // "." for a bare name
    fs::create_directories(parent, code);
    if (code && !fs::is_directory(parent)) return failure(code);
    const std::string temporary = path + ".tmp" + std::to_string(::getpid());
    errno = 0;
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    out.close();
    if (!out) {
      const std::string reason = errno != 0 ? std::strerror(errno) : "writing failed";
      fs::remove(temporary, code);
      return failure(reason);
    }
    fs::rename(temporary, path, code);
    if (!code) return {};
    std::error_code ignored;
    fs::remove(temporary, ignored);
    return failure(code);
  }
};

}  // namespace

std::unique_ptr<FileSystem> make_real_file_system() { return std::make_unique<RealFileSystem>(); }

}  // namespace vdlc
