// Arguments that stand for blessings, keys and discharges: the text itself, a file that holds it, or "-" for standard
// input.
#pragma once

#include <string>

#include <nb/base/result.h>
#include <nb/security/blessings.h>
#include <nb/security/discharge.h>
#include <nb/security/public_key.h>

#include "cli/console.h"

namespace tool {

nb::Result<nb::Blessings> read_blessings(const std::string& argument);
// Also from a folder of credentials: its default blessings.
nb::Result<nb::Blessings> read_blessings_or_folder(const Console& console, const std::string& argument);
// From base64url of the DER form, PEM, blessings (the key that they bless), or a folder of credentials.
nb::Result<nb::PublicKey> read_key(const Console& console, const std::string& argument);
// base64url of a VOM-encoded WireDischarge.
nb::Result<nb::Discharge> read_discharge(const std::string& argument);

// "ZGVy…", what read_key takes and Go's tools print.
std::string key_text(const nb::PublicKey& key);

}  // namespace tool
