// What servers, clients and proxies say to each other on flows (docs/spec/flow-protocol.md 12): first payloads, the
// answers to them, and which way a route leads. Plain values and functions; everything read is from outside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <nb/base/bytes.h>
#include <nb/base/error.h>
#include <nb/base/result.h>

#include "naming/endpoint.h"

namespace nb::conn {

// The first bytes of flows to a proxy: what the flow is for.
inline constexpr std::uint8_t kRouteFlow = 0x7e;   // a connection to somebody behind it; the payload is a Setup
inline constexpr std::uint8_t kServerFlow = 0x75;  // a server wants to be reached through it
inline constexpr std::uint8_t kProxyFlow = 0x76;   // a proxy does

// Who says that it wants to be reached through a proxy.
enum class Proxied : std::uint8_t {
  kServer,
  kProxy,
};

// The first payload that says so. One of a proxy has a byte more than others send, and others ignore it: it says that
// the proxy finds its way in routes that still name itself, so that Setups can pass unchanged (next_hop).
Bytes proxy_request(Proxied who);

struct ProxyRequest {
  Proxied who = Proxied::kServer;
  bool keeps_setups = false;  // a proxy that finds its own place in routes
};
Result<ProxyRequest> read_proxy_request(BytesView payload);

// Answers. At most so many endpoints are read.
inline constexpr std::size_t kMostProxyEndpoints = 256;
Bytes proxy_answer(const std::vector<naming::Endpoint>& endpoints);
Bytes proxy_refusal(std::string_view why);
// The endpoints; an error if the proxy refused, or said something else.
Result<std::vector<naming::Endpoint>> read_proxy_answer(BytesView payload);

// Who is wanted at the end of a route: option 2 of the Setup that is its first payload. An error for what is no Setup
// that a server could take, and for one that does not say.
Result<naming::Endpoint> wanted_in_setup(BytesView setup);

// Where a route leads on to.
struct NextHop {
  naming::RoutingId id;
  std::size_t routes_used = 0;  // how many of the endpoint's routes are behind it then; 0: it is the server itself
};
// The one after `own` in the routes if `own` is there, else the first one there, else the wanted server. An error for
// routes that lead in a circle, are very long, or name something else than routing ids.
Result<NextHop> next_hop(const naming::Endpoint& wanted, const naming::RoutingId& own);
// The Setup as proxies want it that look at the first route only: without the routes that are used. The ends' proofs of
// who they are do not survive that from version 14 on.
Result<Bytes> without_routes(BytesView setup, std::size_t routes_used);

}  // namespace nb::conn
