// The proxy: a server that leads connections to servers which cannot be reached themselves, because they are behind a
// router or listen nowhere (docs/spec/flow-protocol.md 12).
//
//   auto proxy = nb::serve_proxy(runtime, nb::ServerOptions().listen("wsh",
//   "0.0.0.0:8100").authorizer(members)).value(); … elsewhere: nb::ServerOptions().proxy(proxy.name())
//
// A server dials the proxy and is reached from then on at the proxy's addresses, under its own routing id. Clients need
// to know nothing about it. What passes is sealed between client and server: the proxy sees who talks to whom, and how
// much, but can neither read nor change it.
#pragma once

#include <cstddef>

#include <nb/base/result.h>
#include <nb/rpc/runtime.h>
#include <nb/rpc/server.h>

namespace nb {

// What one proxy carries at once; what is more is refused.
struct ProxyLimits {
  ProxyLimits() = default;

  std::size_t servers = 1'000;  // and proxies, that are reached through it
  std::size_t routes = 10'000;  // connections that pass through; each holds 2 MiB at most, where an end does not read
  std::size_t routes_of_one_client = 1'000;  // connections of one client, or of one proxy in front of this one
};

// Serves a proxy. Of the options, `authorizer` says who may be reached through it: it is asked when a server comes, and
// again for each connection to it (method and suffix are empty); clients are not asked. Without one, servers of the
// same tree of names. `proxy`: stands behind that proxy itself, and leads on to its servers what comes from there. The
// server that is given has the proxy's endpoints; stop() ends all that passes. It has no objects: calls to it find
// nothing.
Result<Server> serve_proxy(const Runtime& runtime, const ServerOptions& options, const ProxyLimits& limits = {});

}  // namespace nb
