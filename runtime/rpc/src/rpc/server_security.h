// A call as its server's authorizer sees it, and the answer (docs/spec/rpc.md 6.2 step 5, and 6.4).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <nb/base/context.h>
#include <nb/base/result.h>
#include <nb/security/authorizer.h>
#include <nb/security/principal.h>
#include <nb/security/security_call.h>

#include "conn/connection.h"
#include "rpc/runtime_core.h"

namespace nb::rpc {

// What all calls of a server have in common. Immutable.
struct ServerAuthority {
  ServerAuthority(const RuntimeCore& runtime, const ServerOptions& options);

  // Those that the server has by default, as far as it recognizes them itself.
  std::vector<std::string> names() const;
  // `started`: when the call came in.
  SecurityCall call_on(conn::Flow& flow, Time started, std::string method, std::string suffix,
                       std::span<const Any> tags) const;
  // Checks what a client gives us: it must be whole, and bound to our key (NoAccess). Zero stays zero.
  Result<Blessings> take_granted(v23::security::WireBlessings granted) const;
  // No error, or NoAccess for the client. `own`: what the dispatcher said, null for the server's rule.
  Error decide(const Context& context, const SecurityCall& call, const Authorizer* own) const;

  // May the client see traces? Judged like a call of Trace, tagged Debug, on "__debug/vtrace" (10.4).
  bool may_see_traces(conn::Flow& flow, const Context& context, Time started) const;

  std::shared_ptr<const Principal> principal;
  std::shared_ptr<const CaveatValidators> validators;  // null: the standard ones
  std::shared_ptr<ChainCache> chain_cache;
  std::shared_ptr<const Authorizer> authorizer;  // never null
  bool is_terse;
  bool lets_everybody_in;  // acts as nobody
  bool lacks_credentials;  // made-up principal and default rule: hardly anybody can call
};

}  // namespace nb::rpc
