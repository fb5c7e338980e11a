// What a connection core reports to the shell around it, in the order in which it happened.
#pragma once

#include <cstdint>
#include <variant>

#include <nb/base/bytes.h>
#include <nb/base/error.h>

#include "flow/shown_blessings.h"
#include "naming/endpoint.h"

namespace nb::flow {

using FlowId = std::uint64_t;

// A dialer only, once: the peer has proved to own the key that these blessings are for, which says nothing yet about
// whose key that is. Nothing was told about this end but its fresh key. Answer with Connection::authorize() or
// refuse(); the connection waits meanwhile, as long as the handshake may take. Not asked about a proxy: a peer with
// another routing id than was dialed.
struct AuthorizePeer {
  naming::Endpoint local;
  naming::Endpoint remote;
  ShownBlessings shown;
};

// The handshake is done: flows may be opened, and version(), mtu() and the endpoints are final.
struct Established {
  // A dialer only: the peer has another routing id than was dialed. It is taken for a proxy: it proved to own a key,
  // but nobody was asked whether to trust it. See Connection::remote_shown().
  bool peer_is_proxy = false;
};

// The peer opened a flow. Bytes that came with it follow as FlowPayload.
struct FlowOpened {
  FlowId id = 0;
  bool side_channel = false;  // does not keep the connection from being idle
  // What the opener shows on this flow, bound to the key that the peer has proved to own; and what this end showed of
  // itself when the flow was opened.
  ShownBlessings remote;
  ShownBlessings local;
};

// The peer shows something else of itself now (Connection::remote_shown()). Flows that are open keep what they had.
struct PeerShows {
  ShownBlessings shown;
};

// Bytes of one message, never empty. They count against the flow's window until Connection::consumed().
struct FlowPayload {
  FlowId id = 0;
  Bytes payload;
};

// The flow's queue has run empty: everything written has left with take_output().
struct FlowDrained {
  FlowId id = 0;
};

enum class ClosedBy : std::uint8_t {
  kPeer,        // Close arrived; `why` is no error
  kLocal,       // our write(…, close) has left entirely; `why` is no error
  kDeadline,    // the flow's deadline passed; `why` is a Timeout
  kConnection,  // the connection ended; `why` says how
};

// The flow is over: nothing more is reported for it, writing to it does nothing. Bytes reported before stay readable;
// after kPeer, go on telling consumed(), and close() the flow when its reader has gone (see Connection).
// Not reported for a flow that was ended by Connection::close_flow().
struct FlowClosed {
  FlowId id = 0;
  ClosedBy by = ClosedBy::kPeer;
  Error why;
};

// The peer asks for no new flows on this connection; open_flow() fails from now on. The ack leaves by itself.
struct PeerInLameDuck {};

// The end of our enter_lame_duck(): the peer acknowledged (no flow of it will open any more), or did not in time.
struct LameDuckDone {
  bool acknowledged = false;
};

// The connection is over. Write what take_output() still gives, then close the transport. Always the last event;
// `why` is never "no error".
struct ConnectionClosed {
  Error why;
};

using Event = std::variant<AuthorizePeer, Established, PeerShows, FlowOpened, FlowPayload, FlowDrained, FlowClosed,
                           PeerInLameDuck, LameDuckDone, ConnectionClosed>;

}  // namespace nb::flow
