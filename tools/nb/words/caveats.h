// Caveats in words.
#pragma once

#include <string>

#include <nb/security/caveat.h>
#include <nlohmann/json.hpp>

namespace tool {

// "expires at 2030-01-02T03:04:05Z", "method is Get or Put", … One line, also when the caveat is malformed or unknown;
// third-party caveats inside each other down to the eighth.
std::string describe(const nb::Caveat& caveat);
// {"kind": "method", "id": "54a6…", "text": …, and the parameter by a name of its own where it is known}.
nlohmann::ordered_json caveat_json(const nb::Caveat& caveat);
std::string hex(nb::BytesView bytes);

}  // namespace tool
