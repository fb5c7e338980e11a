// Discharges: what a third party signs to say that its caveat holds (docs/spec/security.md 9).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nb/base/context.h>
#include <nb/base/result.h>
#include <nb/security/blessings.h>
#include <nb/vdl/time.h>

#include "v.io/v23/security/security.vdl.h"

namespace nb {

struct SecurityCall;

using Discharge = v23::security::WireDischarge;

// The parts of a third-party caveat, none when `caveat` is another one, malformed, or has more than
// 64 checks.
struct ThirdParty {
  std::string id;  // base64; what a discharge for it is filed under (9.2)
  PublicKey discharger;
  std::string location;
  v23::security::ThirdPartyRequirements requirements;
  std::vector<Caveat> checks;  // for the discharger
};
std::optional<ThirdParty> third_party(const Caveat& caveat);

const std::string& discharge_id(const Discharge& discharge);  // "" for a zero value
std::optional<Time> discharge_expiry(const Discharge& discharge);

// The discharges of one end of a call in the order they were shown: the first one with the id decides ([A-33]).
using Discharges = std::vector<Discharge>;

// What a discharger does first: checks that `caveat` is a third-party caveat for the key of call.local_principal, and
// that all its checks (at most 64) hold in `call`. Whoever asks may be anybody: the work is bounded as that of
// remote_blessing_names() is.
Result<void> dischargeable(const Context& context, const SecurityCall& call, const Caveat& caveat);

// Gets discharges from wherever they are issued; the RPC layer implements it with a call of the service at `location`.
class DischargeClient {
 public:
  virtual ~DischargeClient() = default;
  // Calls `done` exactly once, from any thread.
  virtual void discharge(const Context& context, const std::string& location, const Caveat& caveat,
                         const v23::security::DischargeImpetus& impetus,
                         std::function<void(Result<Discharge>)> done) = 0;
};

}  // namespace nb
