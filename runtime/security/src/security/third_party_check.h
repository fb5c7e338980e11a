// What the check of a third-party caveat asks of discharges (docs/spec/security.md 9.3, steps 1 to 3). Step 4, the
// caveats of the discharge itself, is done by CaveatValidators, in a list of work and not by recursion, so that
// discharges which lead to each other come to an end.
#pragma once

#include <span>

#include <nb/base/result.h>
#include <nb/security/blessings.h>
#include <nb/security/security_call.h>

namespace nb::security {

// The first of call.remote_discharges with the id of `caveat`, which is a third-party caveat, decides: if its signature
// is good, its caveats, which must hold too. They live as long as the call. Fails when there is none, when it is
// another's, and when the parameter of `caveat` is malformed.
Result<std::span<const Caveat>> caveats_of_discharge(const SecurityCall& call, const Caveat& caveat);

}  // namespace nb::security
