// Endpoint: where a server can be dialed and what it claims to be (docs/spec/flow-protocol.md 1.1 to 1.5).
//
// A plain value. Its text forms are version 6, "@6@tcp@10.0.0.7:8101@@<routing id>@s@acme:svc@@", which is what
// to_string prints, and the short "host:port" and "(name)@host:port", which are only read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nb/base/result.h>

#include "naming/routing_id.h"

namespace nb::naming {

struct Endpoint {
  std::string protocol;             // "tcp", "wsh", "bidi"…; empty: unknown
  std::string address;              // "host:port" for IP protocols
  std::vector<std::string> routes;  // routing ids of proxies on the way, outermost first
  RoutingId routing_id;
  std::vector<std::string> blessing_names;  // what the server says it will present
  bool serves_mount_table = false;

  // Nothing is set: "no endpoint". Such a one is left out of messages, never sent.
  bool is_zero() const { return *this == Endpoint{}; }

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// Reads either form; any other text is a BadArg error that quotes it. An empty address reads as ":0".
Result<Endpoint> parse_endpoint(std::string_view text);

// The version 6 form. Canonical (parse and print again gives the same) for every endpoint with an address and with a
// protocol and routes free of "@", which is what both ends of a handshake must send (1.4).
std::string to_string(const Endpoint& endpoint);

// Whether `text` is exactly what to_string(parse_endpoint(text)) gives.
bool is_canonical_endpoint(std::string_view text);

}  // namespace nb::naming
