// What the check of a third-party caveat asks of discharges (docs/spec/security.md 9.3, steps 1 to 3). Step 4, the
// caveats of the discharge itself, is done by Judgement.
#pragma once

#include <cstddef>
#include <span>

#include <nb/base/result.h>
#include <nb/security/blessings.h>
#include <nb/security/security_call.h>

namespace nb::security {

// What the discharger of one third-party caveat can be asked to check.
inline constexpr std::size_t kMaxChecks = 64;

// The first of call.remote_discharges with the id of `caveat`, which is a third-party caveat, decides: if its signature
// is good, its caveats, which must hold too. They live as long as the call. Fails when there is none, when it is
// another's, and when the parameter of `caveat` is malformed.
Result<std::span<const Caveat>> caveats_of_discharge(const SecurityCall& call, const Caveat& caveat);

}  // namespace nb::security
