// Text from files.
#pragma once

#include <cstddef>
#include <string>

#include <nb/base/result.h>

namespace tool {

inline constexpr std::size_t kMaxFileBytes = 4 << 20;

bool is_folder(const std::string& path);
bool is_file(const std::string& path);
// The whole file, or standard input when `path` is "-"; at most 4 MiB.
nb::Result<std::string> read_text(const std::string& path);
// Without white space at either end.
std::string trimmed(const std::string& text);

}  // namespace tool
