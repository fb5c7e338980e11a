// The signatures with which the ends of a connection prove who they are (docs/spec/flow-protocol.md 4.4 and 4.6).
#pragma once

#include <nb/base/bytes.h>
#include <nb/base/result.h>
#include <nb/security/principal.h>
#include <nb/security/public_key.h>

#include "flow/message.h"
#include "flow/role.h"
#include "flow/setup.h"
#include "flow/version.h"

namespace nb::flow {

// What both ends sign. From version 14 on it is all that was said in the clear, as it was on the wire; before, the two
// public keys alone, so that a change of anything else in the Setups goes unnoticed.
Bytes channel_binding(Version version, BytesView dialer_setup, BytesView acceptor_setup, const SetupKey& own,
                      const SetupKey& peer);

// Signs as the end with this role. The message's keys are zero: they are filled in by the caller.
Result<Auth> sign_auth(const Principal& principal, Role role, BytesView binding);
// Whether the owner of `key` said `auth` as the end with this role, on this very connection.
Result<void> verify_auth(const PublicKey& key, Role role, BytesView binding, const Auth& auth);

}  // namespace nb::flow
