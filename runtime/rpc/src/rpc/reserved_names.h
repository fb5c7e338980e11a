// Who may call what is at names that begin with two underscores (docs/spec/rpc.md 7.3).
#pragma once

#include <memory>

#include <nb/security/authorizer.h>

namespace nb::rpc {

// The one that the reserved dispatcher gives; without one the default rule, and never the server's own authorizer: a
// server that everybody may call does not show everybody what it is doing.
inline std::shared_ptr<const Authorizer> reserved_authorizer(std::shared_ptr<const Authorizer> given) {
  return given == nullptr ? default_authorizer() : given;
}

}  // namespace nb::rpc
