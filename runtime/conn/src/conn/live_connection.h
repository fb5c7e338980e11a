// LiveConnection: the shell around the protocol core of one connection (flow/connection.h). It moves bytes between the
// core and a stream, turns the core's events into calls of listeners, and keeps its timer. Nothing about the protocol
// is decided here.
//
//   stream --read--> core --events--> flows, owner        at the end of a turn: events first, then everything that
//   stream <-write-- core <--calls--- flows               may be sent, in one gathered write
//
// Made by the manager, which owns it until it tells `gone`; handles of users own it as well. Everything happens on its
// loop, except what says "any thread".
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "conn/connection.h"
#include "conn/event_loop.h"
#include "flow/connection.h"
#include "transport/stream.h"

namespace nb::conn {

class LiveConnection;
class LiveFlow;

// Who made the connection hears how it fares, on the connection's loop.
class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;
  // A dialed one asks whether its peer is trusted; answer with authorize() or refuse().
  virtual void authorize_peer(LiveConnection& connection, const flow::AuthorizePeer& ask) = 0;
  virtual void established(LiveConnection& connection, bool peer_is_proxy) = 0;
  virtual void peer_shows(LiveConnection& connection) = 0;               // something new: remote_shown()
  virtual void peer_in_lame_duck(LiveConnection& connection) = 0;        // no more flows may be opened on it
  virtual void lame_duck_done(LiveConnection& connection) = 0;           // of our enter_lame_duck()
  virtual void ended(LiveConnection& connection, const Error& why) = 0;  // it is of no more use
  virtual void gone(LiveConnection& connection) = 0;                     // its transport is closed; the last call
};

class LiveConnection final : public Connection {
 public:
  // What all connections of a manager have in common.
  struct Household {
    FlowAcceptor acceptor;
    flow::ShownBlessings nameless;  // only the own key
    std::chrono::nanoseconds linger;
    std::weak_ptr<ConnectionOwner> owner;
  };

  LiveConnection(std::shared_ptr<Loop> loop, std::shared_ptr<transport::Stream> stream, const flow::Options& options,
                 std::shared_ptr<const Household> household);
  ~LiveConnection() override;

  void start();

  // Connection
  bool post(std::function<void()> task) override { return loop_->post(std::move(task)); }
  bool in_executor() const override { return loop_->is_current(); }
  const naming::Endpoint& local_endpoint() const override { return core_.local_endpoint(); }
  const naming::Endpoint& remote_endpoint() const override { return core_.remote_endpoint(); }
  bool is_open() const override { return !why_; }
  const flow::ShownBlessings& local_shown() const override { return core_.local_shown(); }
  const flow::ShownBlessings& remote_shown() const override { return core_.remote_shown(); }
  using Connection::open_flow;
  Result<std::shared_ptr<Flow>> open_flow(flow::ShownBlessings shown, flow::Duration channel_timeout) override;
  using Connection::open_side_channel;
  Result<std::shared_ptr<Flow>> open_side_channel(flow::ShownBlessings shown, flow::Duration channel_timeout) override;
  bool can_open_flows() const override { return !why_ && core_.can_open_flows(); }
  void close(const Error& reason) override;
  void when_closed(std::function<void(const Error&)> callback) override;

  // For the owner.
  const std::shared_ptr<Loop>& loop() const { return loop_; }  // any thread
  bool is_established() const { return core_.is_established(); }
  bool is_lame_duck_done() const { return is_lame_duck_acknowledged_; }
  // The answers to authorize_peer.
  void authorize();
  void refuse(const Error& why);
  // From now on this is shown to the peer; zero: only the key.
  Result<void> show(flow::ShownBlessings shown);
  // No flow can be opened before the peer has shown its discharges.
  bool awaits_discharges() const { return !why_ && core_.awaits_discharges(); }
  // Not idle, whatever happens on it, until unpin() was called as often. When not zero, health checks are at least as
  // frequent meanwhile as `channel_timeout` asks; unpin() names the same.
  void pin(flow::Duration channel_timeout);
  void unpin(flow::Duration channel_timeout);
  // These are as they were at the end of the latest turn; any thread.
  std::chrono::nanoseconds rtt() const { return rtt_.load(std::memory_order_relaxed); }
  Clock::Steady last_used() const { return Clock::Steady(last_used_.load(std::memory_order_relaxed)); }
  bool has_busy_flows() const { return has_busy_flows_.load(std::memory_order_relaxed); }  // or is pinned
  // In the handshake: as soon as it is done.
  void enter_lame_duck();
  // One step of docs/spec/flow-protocol.md 10.4: an idle connection is asked to lame duck, and ends at the next sweep.
  void sweep(std::chrono::nanoseconds expiry);
  // Ends it without waiting for anything: what does not fit the transport now is lost.
  void abandon(const Error& reason);
  // After the loop has stopped without it: lets go of what is left, so that nothing keeps itself alive. On the loop as
  // everything else (Loop::post_last): a turn may still be running.
  void discard();

  std::uint64_t mtu() const { return core_.mtu(); }
  // Where the transport comes from, which no peer can choose, as remote_endpoint(); the carrier's of one that a proxy
  // leads here. Empty once the transport is closed.
  std::string remote_address() const { return stream_ ? stream_->remote_address() : std::string(); }
  // Flows that the peer opens go there from now on, and not to the household's acceptor.
  void set_acceptor(FlowAcceptor acceptor) { acceptor_ = std::move(acceptor); }

  // For its flows.
  void write(flow::FlowId id, Bytes payload, bool close);
  std::size_t pending(flow::FlowId id) const { return core_.pending(id); }
  void consumed(flow::FlowId id, std::size_t n);
  void close_flow(flow::FlowId id);
  void carry_messages(flow::FlowId id);
  void send_clear(flow::FlowId id) { core_.send_clear(id); }

 private:
  Result<std::shared_ptr<Flow>> open(flow::FlowOptions options);

  // Something happened to the core: see to its events and output at the end of the turn.
  void touch();
  void end_turn();
  void deliver_events();
  void on(flow::AuthorizePeer& event);
  void on(flow::PeerShows& event);
  void on(flow::Established& event);
  void opened(flow::FlowOpened& event, Bytes first);
  void on(flow::FlowOpened&) {}  // see opened()
  void on(flow::FlowPayload& event);
  void on(flow::FlowDrained& event);
  void on(flow::FlowClosed& event);
  void on(flow::PeerInLameDuck& event);
  void on(flow::LameDuckDone& event);
  void on(flow::ConnectionClosed& event);

  void read_more();
  void fit_read_buffer(std::size_t came);
  void note_rtt(Clock::Steady now) { rtt_.store(core_.rtt(now), std::memory_order_relaxed); }
  void note_use();
  void message_came(std::span<std::uint8_t> message);
  void read_done(const Result<std::size_t>& n);
  void flush();
  Result<std::size_t> write_some();
  Result<std::size_t> write_messages();
  bool has_unsent() const { return next_slice_ < slices_.size() || next_message_ < messages_unsent_; }
  void skip(std::size_t sent);
  void set_timer();
  void wind_up();
  void drop_stream();
  void forget();
  bool is_idle() const { return is_open() && core_.is_established() && core_.has_idle_flows_only() && pins_ == 0; }

  const std::shared_ptr<Loop> loop_;           // shared by what lives on it
  std::shared_ptr<transport::Stream> stream_;  // null when it is closed; only the stream's own handlers share it
  flow::Connection core_;
  const std::shared_ptr<const Household> household_;  // shared by all connections of the manager
  FlowAcceptor acceptor_;                             // none: the household's

  std::unordered_map<flow::FlowId, std::shared_ptr<LiveFlow>> flows_;  // the open ones; users hold them as well
  std::vector<std::function<void(const Error&)>> close_callbacks_;
  std::optional<Error> why_;  // set: it has ended

  std::unique_ptr<std::uint8_t[]> read_buffer_;
  std::size_t read_size_;          // of the buffer
  std::size_t message_bytes_ = 0;  // of the messages that this read has brought
  std::size_t pins_ = 0;
  std::atomic<std::chrono::nanoseconds> rtt_{std::chrono::nanoseconds(0)};
  std::atomic<Clock::Steady::duration> last_used_;
  std::atomic<bool> has_busy_flows_{false};
  bool is_reading_ = false;
  flow::Output output_;            // taken from the core and not sent entirely
  std::vector<BytesView> slices_;  // of output_
  std::size_t next_slice_ = 0;
  // On a transport that keeps messages apart, in place of slices: frames of output_.
  std::size_t messages_unsent_ = 0;
  std::size_t next_message_ = 0;
  bool is_blocked_ = false;  // the stream is full
  bool is_touched_ = false;
  bool wants_lame_duck_ = false;  // once the handshake is done
  bool is_lame_duck_acknowledged_ = false;
  bool is_shut_down_ = false;
  TimerId timer_ = TimerId::kNone;
  Clock::Steady timer_time_{};
  TimerId linger_timer_ = TimerId::kNone;
};

}  // namespace nb::conn
