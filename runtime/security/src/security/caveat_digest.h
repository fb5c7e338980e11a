// The digest of a caveat, as certificates, ids of third-party caveats and discharges are made of it
// (docs/spec/security.md 4.2): h( h(Id) ‖ h(ParamVom) ), over the parameter's bytes as they are.
#pragma once

#include <nb/security/blessings.h>

#include "security/hash.h"

namespace nb::security {

Digest caveat_digest(HashAlgorithm algorithm, const Caveat& caveat);

}  // namespace nb::security
