// What a principal shows to whom, and whom it believes, as tables.
#pragma once

#include <string>

#include <nb/security/principal.h>
#include <nlohmann/json.hpp>

namespace tool {

// "pattern  names", one a line, in columns.
std::string peers_table(const nb::Principal& principal, nb::Time now);
nlohmann::ordered_json peers_json(const nb::Principal& principal, nb::Time now);
// "pattern  key", one a line, in columns.
std::string roots_table(const nb::Principal& principal);
nlohmann::ordered_json roots_json(const nb::Principal& principal);

}  // namespace tool
