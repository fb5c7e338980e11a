// Failures as `nb` tells them: what is wrong, about which thing, and the way out.
#pragma once

#include <string>
#include <string_view>

#include <nb/base/error.h>

namespace tool {

// For what the user can mend: says what was found and, behind "; ", what to do about it.
nb::Error failure(std::string message);
// The same error, with the thing it is about before its message.
nb::Error about(std::string_view thing, const nb::Error& error);
// The same error, with the way out behind its message.
nb::Error advise(const nb::Error& error, std::string_view way_out);

}  // namespace tool
