// Connections and flows as the rpc layer sees them: a connection carries flows, a flow carries payload bytes both ways.
//
// Everything here belongs to one executor, the connection's: call functions only there (`post` brings you there) and
// expect every listener call there. No locks. The protocol itself is runtime/flow; this is its shell around Asio.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include <nb/base/bytes.h>
#include <nb/base/context.h>
#include <nb/base/result.h>

#include "flow/shown_blessings.h"
#include "flow/time.h"
#include "naming/endpoint.h"

namespace nb::conn {

class Connection;

// Told what happens on a flow. After on_closed nothing more is told.
class FlowListener {
 public:
  virtual ~FlowListener() = default;
  // One payload, in order of arrival. Its bytes count against the receive window until Flow::consumed() is told.
  virtual void on_payload(Bytes payload) = 0;
  // All that was handed to write() has passed flow control and left for the transport.
  virtual void on_drained() = 0;
  // The flow is over: one of us closed it (`why` is no error; ours when the last byte of write(…, close) has left), or
  // the connection ended (`why` says how). Not told after Flow::close().
  virtual void on_closed(const Error& why) = 0;
};

// One flow. The connection holds it while it is open; a listener is held weakly, and a flow whose listener has gone is
// closed when something arrives for it. May be dropped on any thread.
class Flow {
 public:
  virtual ~Flow() = default;
  virtual std::uint64_t id() const = 0;
  virtual Connection& connection() = 0;
  // What both ends show on this flow (docs/spec/flow-protocol.md 6.7), for as long as it lives: the opener what it gave
  // to open_flow(), the other end what it showed on the connection at that time. Whoever shows no blessings shows its
  // key: they are nameless then.
  virtual const flow::ShownBlessings& local_shown() const = 0;
  virtual const flow::ShownBlessings& remote_shown() const = 0;
  // Payloads that arrived before a listener was set are delivered to it at once, in order.
  virtual void listen(std::weak_ptr<FlowListener> listener) = 0;
  // Before a listener is set: the payload that came with the opening of the flow, which is taken as if a listener had
  // got it; empty if there was none, or it was taken.
  virtual Bytes take_first() { return {}; }
  // Queues bytes; they are cut into messages of at most the MTU as flow control allows. `close`: the last of them
  // carries the Close flag. Frames leave batched at the end of the current turn of the executor.
  virtual void write(Bytes payload, bool close) = 0;
  virtual std::size_t pending() const = 0;  // bytes queued that flow control still holds back
  // For flows that carry a connection of their own, whose frames are messages (docs/spec/flow-protocol.md 12.4). From
  // now on each write leaves as one payload, however long it waits for the peer, and is at most max_message() long; and
  // payloads may arrive in the clear, which on any other flow ends the connection.
  virtual void carry_messages() {}
  // From now on payloads leave in the clear: they are sealed already.
  virtual void send_clear() {}
  virtual std::size_t max_message() const { return 65536; }
  // The application has taken n bytes: the peer may send as many more.
  virtual void consumed(std::size_t n) = 0;
  // Ends both directions (there is no half-close below rpc); what is queued and unsent is dropped.
  virtual void close() = 0;
  virtual bool is_open() const = 0;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  virtual ~Connection() = default;

  // Any thread. False: the event loop has stopped, and the task is gone without having run.
  virtual bool post(std::function<void()> task) = 0;
  virtual bool in_executor() const = 0;

  virtual const naming::Endpoint& local_endpoint() const = 0;
  virtual const naming::Endpoint& remote_endpoint() const = 0;
  virtual bool is_open() const = 0;
  // What both ends show now, apart from single flows; it changes when an end gets new blessings or discharges.
  virtual const flow::ShownBlessings& local_shown() const = 0;
  virtual const flow::ShownBlessings& remote_shown() const = 0;

  // The flow gets its id now; its OpenFlow leaves with the first write. Shows `shown` to the peer, which must be bound
  // to the own key; zero: only the key. While the flow is open, health checks are at least as frequent as
  // `channel_timeout` asks, when it is not zero. Fails when the connection is closing.
  virtual Result<std::shared_ptr<Flow>> open_flow(flow::ShownBlessings shown, flow::Duration channel_timeout) = 0;
  Result<std::shared_ptr<Flow>> open_flow(flow::ShownBlessings shown = {}) { return open_flow(std::move(shown), {}); }
  // A flow that does not keep the connection from being idle (the type flow).
  virtual Result<std::shared_ptr<Flow>> open_side_channel(flow::ShownBlessings shown, flow::Duration channel_timeout) {
    return open_flow(std::move(shown), channel_timeout);
  }
  Result<std::shared_ptr<Flow>> open_side_channel() { return open_side_channel({}, {}); }
  // False: closing, or the peer asked for no more flows.
  virtual bool can_open_flows() const { return is_open(); }
  // Closes the connection with a TearDown that carries `reason`; every flow hears on_closed.
  virtual void close(const Error& reason) = 0;
  // Calls back once, on the executor, when the connection has ended.
  virtual void when_closed(std::function<void(const Error&)> callback) = 0;

  // The rpc layer keeps its per-connection state here (type flow, type tables).
  std::shared_ptr<void> attachment;
};

// Gets the flows that peers open, of every connection of a manager, on that connection's executor.
using FlowAcceptor = std::function<void(std::shared_ptr<Flow>)>;

}  // namespace nb::conn
