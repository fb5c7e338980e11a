// The caveats that every runtime knows (docs/spec/security.md 8.2), but for the third-party one, which CaveatValidators
// treats apart.
#pragma once

#include <optional>

#include <nb/base/result.h>
#include <nb/security/caveat.h>

namespace nb::security {

Result<void> add_standard_caveats(CaveatValidators& validators);

// Of calls that bring no validators: made once, never changed.
const CaveatValidators& standard_validators();

// The moment of an expiry caveat; none for others and when it is malformed.
std::optional<Time> expiry_of(const Caveat& caveat);

}  // namespace nb::security
