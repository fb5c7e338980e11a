// Authorizers: who may call (docs/spec/security.md 10.2 and 10.3).
//
// An authorizer is asked before a method runs, and by a client before it shows anything of itself to a server. It must
// not block, is called on any thread, several at once, and must be immutable or guard itself.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <nb/base/context.h>
#include <nb/base/result.h>
#include <nb/security/pattern.h>
#include <nb/security/security_call.h>

namespace nb {

class Authorizer {
 public:
  virtual ~Authorizer() = default;
  // Success lets the call through. The error is for the log and, as NoAccess (NotTrusted on a client), for the peer.
  virtual Result<void> authorize(const Context& context, const SecurityCall& call) const = 0;
};

// One end's name extends the other's (10.2): the rule for servers that ask for none.
std::shared_ptr<const Authorizer> default_authorizer();
// Everybody, nameless peers included.
std::shared_ptr<const Authorizer> allow_everyone();
// The owner of this key and nobody else.
std::shared_ptr<const Authorizer> public_key_authorizer(PublicKey key);
// A valid name matches one in the endpoint that was dialed: the rule of clients, and for clients only. No names there:
// refused; "..." there matches nobody (Go takes it for everybody, which would switch authentication off).
std::shared_ptr<const Authorizer> endpoint_authorizer();
// A valid name matches one of the patterns; "..." lets in everybody.
std::shared_ptr<const Authorizer> patterns_authorizer(std::vector<BlessingPattern> patterns);
// From a function.
std::shared_ptr<const Authorizer> authorizer(std::function<Result<void>(const Context&, const SecurityCall&)> rule);

// The same error without a word about names, keys and reasons: for peers that shall not learn what they lack ([A-56]).
Error without_details(const Error& error);

}  // namespace nb
