// What one end of a connection is told when it is made. A value; all limits of docs/spec/flow-protocol.md 15.2 that do
// not need keys are here, with their defaults.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include <nb/security/blessings.h>
#include <nb/security/principal.h>

#include "flow/cipher.h"
#include "flow/key_agreement.h"
#include "flow/role.h"
#include "flow/shown_blessings.h"
#include "flow/time.h"
#include "flow/version.h"
#include "naming/endpoint.h"

namespace nb::flow {

// Who an end is. Both ends of a connection prove who they are, and everything is sealed but the two Setups: there is no
// other kind.
struct Identity {
  // Signs for this end. Public keys alone do not do.
  std::shared_ptr<const Principal> principal;
  // What this end shows of itself: an acceptor, and a dialer that accepts flows, their default blessings. Zero: only
  // its key. Bound to the principal's key. A dialer's discharges follow right after the handshake.
  ShownBlessings shown;
  // The principal's key as blessings without names, to be shared by all connections; zero: each makes its own.
  ShownBlessings nameless;
  // Remembers chains that were found valid. Shared by all connections; may be null.
  std::shared_ptr<ChainCache> chain_cache;
  // Where the connection's key comes from. Null: the system's.
  std::shared_ptr<Randomness> randomness;
  // Whether the suite of our own kind is offered: fast where the processor helps, slow and leaky where it does not.
  bool offers_aes_gcm = has_aes_instructions();
};

struct Limits {
  std::size_t setup_frame = 64 * 1024;     // the first frame
  std::size_t handshake_bytes = 1u << 20;  // all frames until the peer has proved who it is
  std::size_t blessings_data = 1u << 20;   // a message of the blessings flow
  std::size_t flows = 10'000;              // open flows, of both ends together, before a peer's next one is refused
  std::size_t open_flow_burst = 100'000;   // OpenFlow messages at once…
  std::size_t open_flow_rate = 200'000;    // …and per second in the long run
  std::size_t unread_bytes = 256u << 20;   // received and not consumed, over all flows
  std::size_t express_bytes = 4u << 20;    // control messages that wait for the peer to read
  std::size_t release_closed = 1024;       // closed flows whose tokens may wait for a common Release
};

// The identity's nameless ones, or new ones.
ShownBlessings nameless_of(const Identity& identity);

struct Options {
  explicit Options(Role role) : role(role) {}

  Role role;
  Identity identity;  // needs a principal
  VersionRange versions = kDefaultVersions;
  // What Setup says of versions, if it shall be something else: only to repeat what was recorded of other peers.
  std::optional<VersionRange> advertised;

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
