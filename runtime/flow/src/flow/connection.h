// Connection: the protocol of one end of one connection, without any I/O (docs/spec/flow-protocol.md 2 to 10, 13, 15).
//
// Feed it what arrives, tell it the time, ask it to write; take from it frames to send and events to act on:
//
//   connection.receive(bytes_from_the_socket, now);
//   for (Event& event : connection.take_events()) …            // FlowOpened, FlowPayload, FlowClosed…
//   connection.write(id, std::move(answer), /*close=*/true);
//   if (connection.has_output()) send(connection.take_output());
//   set_timer(connection.next_deadline());                      // and then: connection.advance(now)
//
// After any call that is not const there may be new events and new output; take_output() makes events too
// (FlowDrained). The core calls nobody back, so its functions may be called while events are being worked through.
// Not thread-safe: it belongs to one executor, the connection's.
//
// The peer is not trusted: what breaks the protocol or a limit ends the connection with a TearDown that says why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <nb/base/bytes.h>
#include <nb/base/result.h>

#include "flow/event.h"
#include "flow/mutable_bytes.h"
#include "flow/options.h"
#include "flow/output.h"
#include "flow/shown_blessings.h"
#include "flow/time.h"
#include "flow/version.h"
#include "naming/endpoint.h"

namespace nb::flow {

struct FlowOptions {
  bool side_channel = false;   // does not count for idleness, here and at the peer
  Duration channel_timeout{};  // when not zero, health checks are at least as frequent as this asks
  ShownBlessings shown;        // to the peer, on this flow; zero: only the key. Bound to the own key
};

// What a connection remembers of flows, those that are over included. For who looks for leaks.
struct FlowTables {
  std::size_t flows = 0;              // open, or closed by the peer and not read to the end
  std::size_t deadlines = 0;          // of flows
  std::uint64_t shared = 0;           // tokens in the pool
  std::uint64_t outstanding = 0;      // tokens that flows closed here still owe the pool
  std::uint64_t unreturned = 0;       // bytes that are missing in the peer's pool
  std::size_t closed_to_release = 0;  // flows closed by the peer that a Release is to name
};

class Connection {
 public:
  // The own Setup is the first output. Options that contradict each other (mtu above window) are a bug of the caller.
  Connection(Options options, TimePoint now);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // --- what happens to it ---

  // Bytes of a stream transport, cut anywhere. Frames are opened where they lie: what is in `bytes` afterwards is of no
  // use to anybody.
  void receive_in_place(MutableBytes bytes, TimePoint now);
  void receive(BytesView bytes, TimePoint now);  // the same with a copy of them
  // One message of a transport that keeps messages apart; it has no length header. Opened where it lies.
  void receive_frame_in_place(MutableBytes frame, TimePoint now);
  void receive_frame(BytesView frame, TimePoint now);
  // The longest content of the next frame that is not refused, so that a transport need not collect more. It grows with
  // the handshake.
  std::size_t frame_limit() const;
  // The transport has ended: `why` is what the transport knows, or no error for an orderly end of stream.
  // Does nothing when the connection is closed already.
  void transport_closed(const Error& why);
  // Lets timers fire. Call it at next_deadline() or whenever convenient.
  void advance(TimePoint now);
  // The earliest time at which advance() has something to do.
  std::optional<TimePoint> next_deadline() const;

  // --- what it gives ---

  std::vector<Event> take_events();
  bool has_events() const;
  bool has_output() const;
  // Frames in scheduled order: control messages first, then the flows in turn, one message each. Stops after the frame
  // that reaches `budget` bytes, so that a control message never waits behind more than that; ask again when
  // has_output(). Taken frames count as sent.
  Output take_output(std::size_t budget = 256 * 1024);

  // --- the connection ---

  bool is_established() const;
  bool is_closed() const;   // ConnectionClosed has been reported (or waits in take_events)
  Version version() const;  // these are final once established
  Suite suite() const;      // how frames are sealed
  std::uint64_t mtu() const;
  const naming::Endpoint& local_endpoint() const;
  const naming::Endpoint& remote_endpoint() const;
  Duration rtt(TimePoint now) const;  // at least the age of an unanswered health check; zero before the handshake
  TimePoint last_used() const;        // last write or consumption on a flow that is no side channel
  std::size_t open_flow_count() const;
  bool has_idle_flows_only() const;  // no flow but side channels
  bool can_open_flows() const;
  FlowTables flow_tables() const;

  // --- who the ends are ---

  // The answers to AuthorizePeer. Without a question, or when the connection has ended meanwhile, they do nothing.
  void authorize();
  // Ends the connection; the error is told in ConnectionClosed, and its message to the peer.
  void refuse(const Error& why);
  // What both ends show of themselves now, apart from single flows. The remote one is final with AuthorizePeer or
  // Established, until PeerShows.
  const ShownBlessings& local_shown() const;
  const ShownBlessings& remote_shown() const;
  // Shows something else from now on, also new discharges with the same blessings; zero: only the key. Flows that are
  // open keep what they had. Does nothing at a dialer that accepts no flows, which shows nothing but its key. Fails
  // when the blessings are not bound to the own key.
  Result<void> show(ShownBlessings shown);
  // The peer's blessings have third-party caveats, and no discharges have come yet: no flow can be opened before
  // PeerShows.
  bool awaits_discharges() const;

  // Ends the connection. What flow control lets go now still leaves, then a TearDown with `reason` (none to be told:
  // pass an error all the same, its message goes to the peer). Flows and connection are reported closed at once.
  void close(const Error& reason);
  // Asks the peer to open no more flows; ends in LameDuckDone. Once is enough.
  void enter_lame_duck();
  // Health checks are at least as frequent as `channel_timeout` asks, until unwatch() has been called with the same as
  // often. Not before the handshake is done.
  void watch(Duration channel_timeout);
  void unwatch(Duration channel_timeout);

  // --- flows ---

  // Gives the id now; OpenFlow leaves with the first write. Fails before the handshake is done, after the end, when the
  // peer is in lame duck or accepts no flows (its routing id is null), when it awaits_discharges(), when there are too
  // many flows, or when the blessings to show are somebody else's.
  Result<FlowId> open_flow(FlowOptions options = {});
  // Queues bytes; `close` ends the flow with the last of them. Writing to a flow that is over does nothing.
  // An unopened flow is opened even by an empty write.
  void write(FlowId id, Bytes payload, bool close);
  // Bytes queued that have not left with take_output(). A writer that wants bounded memory waits for FlowDrained.
  std::size_t pending(FlowId id) const;
  // The application has taken n bytes of the flow's payloads, so the peer may send as many more.
  void consumed(FlowId id, std::size_t n);
  // For flows that carry a connection of their own, whose frames are messages and sealed already (12.4).
  // From now on every write leaves as one payload, however long it waits for tokens; at most the MTU less 32 bytes.
  void keep_messages(FlowId id);
  // From now on every write leaves as one payload in a frame of its own, in the clear; after the nested Setup.
  void send_clear(FlowId id);
  // From now on payloads may arrive in the clear, which ends the connection on any other flow.
  void accept_clear(FlowId id);
  // Ends both directions at once: what is queued and unsent is dropped, unread bytes count as consumed, nothing more
  // is reported. A flow that was never written to leaves no trace on the wire. Fine for flows that are over; needed
  // after FlowClosed by the peer when not all payload was consumed, to give the bytes up.
  void close_flow(FlowId id);
  // Open for writing: neither end has closed it.
  bool is_open(FlowId id) const;
  // Closes the flow at that time with a Timeout; none: no deadline. Replaces the one before.
  void set_deadline(FlowId id, std::optional<TimePoint> deadline);

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace nb::flow
