// The error ids of package v.io/v23/flow that this layer answers with (docs/spec/flow-protocol.md 18.1).
#pragma once

#include <nb/base/verror.h>

namespace nb::flow {

// The peer or the transport ended the connection.
inline constexpr StandardError kNetwork{"v.io/v23/flow.Network", NoRetry, "network error"};
// The operation does not fit the state of the connection or of the flow.
inline constexpr StandardError kBadState{"v.io/v23/flow.BadState", NoRetry, "invalid state"};
// The peer broke the protocol or a limit, or the two ends cannot agree.
inline constexpr StandardError kAborted{"v.io/v23/flow.Aborted", NoRetry, "connection refused to go on"};

}  // namespace nb::flow
