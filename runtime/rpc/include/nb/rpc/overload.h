// Overloaded: what a server answers to calls beyond its limits (ServerOptions::max_calls and its neighbours). Nothing
// of the refused call has run. Its action is RetryBackoff: calls without streams are tried again by themselves, after
// pauses and until their deadline, unless they say CallOptions::no_retry(); streams are not, since a client may have
// sent items already.
#pragma once

#include <nb/base/verror.h>

namespace nb {

inline constexpr StandardError Overloaded{"nb/rpc.Overloaded", RetryBackoff, "the server has too much to do"};

}  // namespace nb
