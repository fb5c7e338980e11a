// ReservedMethods: what every server answers itself, at any of its names: __Signature and __MethodSignature
// (docs/spec/rpc.md 7.1), __Glob (7.2).
#pragma once

#include <string>
#include <vector>

#include <nb/rpc/server.h>
#include <nb/rpc/signature.h>

#include "v.io/v23/naming/naming.vdl.h"

namespace nb::rpc {

class ServerCore;

class ReservedMethods final : public virtual Service {
 public:
  // The server owns this, and outlives its calls.
  explicit ReservedMethods(ServerCore& server) : server_(server) {}

  // Asks the objects below, each with its own authorizer, and never deeper than ten of them where the pattern does not
  // say how deep.
  Reply<void> glob(ServerCall& call, std::string pattern, ServerStream<void, v23::naming::GlobReply>& replies);

  // What the object at the name offers, and these methods. No authorizer is asked: who may connect may know.
  Reply<std::vector<InterfaceSignature>> signature(ServerCall& call);
  // One method of it; of these methods also at names where there is no object.
  Reply<MethodSignature> method_signature(ServerCall& call, std::string method);

  const ServiceDescriptor& service_descriptor() const override;

 private:
  // Who finds what is at this name; null: nobody.
  Dispatcher* dispatcher_for(const std::string& suffix) const;

  ServerCore& server_;
};

}  // namespace nb::rpc
