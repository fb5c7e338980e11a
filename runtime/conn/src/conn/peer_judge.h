// Whether a server is the one that was dialed (docs/spec/flow-protocol.md 11.2, docs/spec/rpc.md 4.6).
#pragma once

#include <string>

#include <nb/base/result.h>
#include <nb/security/blessing_names.h>

#include "conn/dial.h"
#include "conn/manager.h"
#include "flow/shown_blessings.h"
#include "naming/endpoint.h"

namespace nb::conn {

// The two ends of a connection as the dialing one sees them.
struct Ends {
  Ends(const naming::Endpoint& local_, const naming::Endpoint& remote_, flow::ShownBlessings local_shown_,
       flow::ShownBlessings remote_shown_);

  std::string local;  // endpoints
  std::string remote;
  naming::RoutingId remote_id;
  flow::ShownBlessings local_shown;
  flow::ShownBlessings remote_shown;
};

// Asks the wish's authorizer about the remote end. Gives the names of it that count, or NotTrusted with the
// authorizer's error as its sub-error. Calls out to the authorizer and to caveat validators, so no lock may be held;
// any thread.
Result<BlessingNames> judge_peer(const ManagerOptions& options, const Wish& wish, const Ends& ends);

}  // namespace nb::conn
