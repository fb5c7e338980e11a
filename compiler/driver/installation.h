// Where the files that come with vdlc lie.
#pragma once

#include <string>

namespace vdlc {

// The directory `name` ("vdl", "templates") beside the running program, else in the data folder it is installed with
// (../share/niobium/NAME); "" if there is neither.
std::string find_installed_directory(const std::string& name);

}  // namespace vdlc
