// From blessings to names: where every authorization starts (docs/spec/security.md 10.1).
#pragma once

#include <string>
#include <vector>

#include <nb/base/context.h>
#include <nb/security/security_call.h>

namespace nb {

struct BlessingNames {
  std::vector<std::string> valid;                         // chains without caveats first
  std::vector<v23::security::RejectedBlessing> rejected;  // with the reason for each
};

// The names of the remote end that count in this call: root recognized, all caveats hold. One budget for
// all of them: 1024 caveats, those of discharges included, and 64 third-party caveats that differ; what is beyond it
// does not hold.
BlessingNames remote_blessing_names(const Context& context, const SecurityCall& call);
// The names of the local end: roots recognized, caveats not asked, bound to the own key.
std::vector<std::string> local_blessing_names(const SecurityCall& call);
// The names of blessings that sign data at rest: only Const and Expiry caveats (5.6).
BlessingNames signing_blessing_names(const Principal& principal, const Blessings& blessings, Time now);

}  // namespace nb
