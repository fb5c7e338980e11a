// Signatures: what a server tells of the methods at a name (docs/spec/rpc.md 7.1), to whoever may connect to it. Every
// generated server class has what is needed in its descriptor; `nb signature NAME` shows it.
//
// An object whose methods are known only while it runs says what it offers by deriving from HasSignature, too:
//
//   struct Gateway final : shop::ShopServer, nb::HasSignature {
//     nb::Result<std::vector<nb::InterfaceSignature>> signature(nb::ServerCall&) override { return behind_; }
//     …
//   };
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include <nb/base/result.h>
#include <nb/rpc/server_call.h>
#include <nb/rpc/service.h>

#include "signature/signature.vdl.h"

namespace nb {

using InterfaceSignature = ::vdl::signature::Interface;
using MethodSignature = ::vdl::signature::Method;

class HasSignature {
 public:
  virtual ~HasSignature() = default;
  // All interfaces at this name, but for the reserved one, which the server adds. Runs on threads of connections,
  // several at once; must not block. No authorizer is asked before; an error goes to the client as it is.
  virtual Result<std::vector<InterfaceSignature>> signature(ServerCall& call) = 0;
  // One method. Unless it is overridden: the first of this name in signature(), else verror.UnknownMethod.
  virtual Result<MethodSignature> method_signature(ServerCall& call, std::string_view method);
};

// The signatures of the interfaces of a class of services, in the order of the descriptor, methods sorted by name;
// interfaces without methods of their own are left out, as Go's servers leave them out.
std::vector<InterfaceSignature> signatures_of(const ServiceDescriptor& descriptor);

// Interfaces of the same package and name become one, in the place of the first; of embedded interfaces, and of
// methods, with the same name the first stays; methods are sorted by name.
std::vector<InterfaceSignature> cleaned_signatures(std::vector<InterfaceSignature> interfaces);

// The first method of this name; null if there is none. Alive as long as `interfaces`.
const MethodSignature* find_method(std::span<const InterfaceSignature> interfaces, std::string_view method);

}  // namespace nb
