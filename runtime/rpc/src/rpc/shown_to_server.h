// What a client shows to a server, and what it gives it (docs/spec/rpc.md 4.6 rules 7 and 8, and 4.7).
#pragma once

#include <string>
#include <vector>

#include <nb/base/context.h>
#include <nb/base/result.h>
#include <nb/rpc/call_options.h>
#include <nb/security/discharge_fetcher.h>

#include "conn/connection.h"
#include "conn/dial.h"
#include "rpc/runtime_core.h"

namespace nb::rpc {

// The blessings that the principal has for a server with these names; nameless if it has none.
Blessings blessings_for(const RuntimeCore& runtime, const std::vector<std::string>& server_names);

// What a discharger may be told about the call. The arguments are looked at only when a caveat asks for them; one that
// cannot be converted is left out.
DischargePurpose purpose_of(const std::vector<Caveat>& third_party_caveats,
                            const std::vector<std::string>& server_names, const std::string& method,
                            const Values& arguments);

// What all granters of the call give to the server at the other end of the flow; zero when there are none. NotTrusted
// when one fails or what they give does not go together.
Result<Blessings> granted_on(const RuntimeCore& runtime, const Context& context, const std::vector<Granter>& granters,
                             conn::Flow& flow, const std::vector<std::string>& endpoint_names);

}  // namespace nb::rpc
