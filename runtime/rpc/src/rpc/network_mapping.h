// What a failure to read from the peer is for the caller (docs/spec/rpc.md 4.8, "network mapping").
#pragma once

#include <nb/base/error.h>
#include <nb/rpc/era.h>

namespace nb::rpc {

// `cause` freed of network errors around it. One that is a timeout becomes Timeout, or Canceled when `context_error`,
// why the call's context has ended, is that. One with an id of its own stays; anything else becomes BadProtocol. In
// 2015 network errors that ask to be tried again counted as timeouts, too.
Error map_network_error(const Error& cause, const Error& context_error, Era era);

}  // namespace nb::rpc
