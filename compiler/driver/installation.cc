#include "driver/installation.h"

#include <filesystem>
#include <system_error>

namespace vdlc {

std::string find_installed_directory(const std::string& name) {
  namespace fs = std::filesystem;
  std::error_code code;
  const fs::path program = fs::read_symlink("/proc/self/exe", code);
  if (code) return "";
  const fs::path bin = program.parent_path();
  for (const fs::path& candidate : {bin / name, bin.parent_path() / "share" / "niobium" / name}) {
    if (fs::is_directory(candidate, code)) return candidate.generic_string();
  }
  return "";
}

}  // namespace vdlc
