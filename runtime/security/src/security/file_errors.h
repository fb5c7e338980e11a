// What the system says when it refuses something with a file, as an error.
#pragma once

#include <string>
#include <string_view>

#include <nb/base/error.h>

namespace nb::security {

// From errno: NoExist, Exist, NoAccess, and Internal for the rest; the text is "cannot open "path": reason".
Error file_error(std::string_view verb, const std::string& path);

}  // namespace nb::security
