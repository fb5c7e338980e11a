// What a client shows to a server, and what it gives it (docs/spec/rpc.md 4.6 rules 7 and 8, and 4.7).
#pragma once

#include <vector>

#include <nb/base/result.h>
#include <nb/rpc/call_options.h>
#include <nb/rpc/client_call.h>
#include <nb/security/blessing_names.h>
#include <nb/security/discharge_fetcher.h>

#include "conn/connection.h"
#include "rpc/known_names.h"
#include "rpc/runtime_core.h"

namespace nb::rpc {

// The blessings that the principal has for a server with these names. If it has none: nameless, or NotTrusted when the
// call is strict (ClientPolicy).
Result<Blessings> blessings_for(const RuntimeCore& runtime, const BlessingNames& server, const CallOptions& options);

// What a discharger may be told about the call. The arguments are looked at only when a caveat asks for them; one that
// cannot be converted is left out, or NotTrusted when the call is strict.
Result<DischargePurpose> purpose_of(const std::vector<Caveat>& third_party_caveats, const BlessingNames& server,
                                    const CallSpec& call);

// What the granters of the call give to the server at the other end of the flow, which has this name; zero when there
// are none. NotTrusted when one fails or what they give does not go together.
Result<Blessings> granted_on(const RuntimeCore& runtime, const CallSpec& call, conn::Flow& flow, const KnownName& name);

}  // namespace nb::rpc
