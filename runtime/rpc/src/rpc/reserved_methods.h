// ReservedMethods: what every server answers itself, at any of its names: __Glob (docs/spec/rpc.md 7.2).
#pragma once

#include <string>

#include <nb/rpc/server.h>

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

  const ServiceDescriptor& service_descriptor() const override;

 private:
  ServerCore& server_;
};

}  // namespace nb::rpc
