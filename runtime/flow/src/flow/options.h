// What one end of a connection is told when it is made. A plain value; all limits of docs/spec/flow-protocol.md 15.2
// that do not need keys are here, with their defaults.
#pragma once

#include <cstddef>
#include <cstdint>

#include "flow/role.h"
#include "flow/time.h"
#include "flow/version.h"
#include "naming/endpoint.h"

namespace nb::flow {

// How the two ends know each other. There is no default on purpose.
enum class Security : std::uint8_t {
  // Nobody is who they say, anybody can read along. For the time until the authenticated handshake is built; only the
  // runtime's own plain mode, which listens on loopback alone, may ask for it.
  kPlaintextWithoutAnyAuthentication = 1,
};

struct Limits {
  std::size_t setup_frame = 64 * 1024;    // the first frame
  std::size_t flows = 10'000;             // open flows, of both ends together, before a peer's next one is refused
  std::size_t open_flow_burst = 100'000;  // OpenFlow messages at once…
  std::size_t open_flow_rate = 200'000;   // …and per second in the long run
  std::size_t unread_bytes = 256u << 20;  // received and not consumed, over all flows
  std::size_t express_bytes = 4u << 20;   // control messages that wait for the peer to read
  std::size_t release_closed = 1024;      // closed flows whose tokens may wait for a common Release
};

struct Options {
  Options(Role role, Security security) : role(role), security(security) {}

  Role role;
  Security security;
  VersionRange versions = kDefaultVersions;

  // Dialer: the local socket's address with the own routing id; acceptor: the endpoint it listens on.
  naming::Endpoint local;
  // Dialer only: the endpoint that was dialed.
  naming::Endpoint remote;

  std::uint64_t mtu = 65536;        // largest payload of one message; at most `window`
  std::uint64_t window = 1u << 20;  // W: bytes a peer may have sent on one flow that were not consumed
  bool accepts_flows = false;       // whether the peer may open flows (needs a routing id in `local`)
  Duration channel_timeout = std::chrono::minutes(30);  // without an answer to a health check; zero: no checks
  Duration first_frame_timeout = std::chrono::seconds(10);
  Duration handshake_timeout = std::chrono::seconds(60);
  Duration lame_duck_timeout = std::chrono::seconds(30);  // for the peer's AckLameDuck
  std::uint64_t table_seed = 0;  // random: keeps peers from choosing flow ids that collide in the table
  Limits limits;
};

}  // namespace nb::flow
