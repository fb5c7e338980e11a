// The state behind flow::Connection and the functions that work on it; only the connection_*.cc files include this.
//
//   connection.cc           the public face; life of a connection: handshake, timers, end
//   connection_identity.cc  who the two ends are: seals, the handshake's steps, what is shown
//   connection_receive.cc   what messages of the peer do
//   connection_send.cc      what the application asks for, and frames that leave
#pragma once

#include <set>
#include <unordered_map>
#include <utility>

#include "flow/codec.h"
#include "flow/connection.h"
#include "flow/flow_state.h"
#include "flow/frame_reader.h"
#include "flow/handshake.h"
#include "flow/health.h"
#include "flow/id_hash.h"
#include "flow/message.h"
#include "flow/rate_limit.h"
#include "flow/release_ledger.h"
#include "flow/scheduler.h"
#include "flow/send_window.h"
#include "flow/used_ids.h"

namespace nb::flow {

class Connection::Core {
 public:
  Core(Options options, TimePoint now);

  // connection.cc
  void advance(TimePoint now);
  std::optional<TimePoint> next_deadline() const;
  void close(const Error& reason);
  void transport_closed(const Error& why);
  void enter_lame_duck();

  // connection_identity.cc
  void authorize();
  void refuse(const Error& why);
  Result<void> show(ShownBlessings shown);

  // connection_receive.cc
  void receive(MutableBytes bytes, TimePoint now);
  void receive_frame(MutableBytes frame, TimePoint now);
  std::size_t frame_limit() const { return reader_.limit(); }

  // connection_send.cc
  Result<FlowId> open_flow(FlowOptions options);
  void write(FlowId id, Bytes payload, bool close);
  void consumed(FlowId id, std::size_t n);
  void close_flow(FlowId id);
  void keep_messages(FlowId id);
  void send_clear(FlowId id);
  void accept_clear(FlowId id);
  void set_deadline(FlowId id, std::optional<TimePoint> deadline);
  bool has_output() const;
  Output take_output(std::size_t budget);

  // Everything Connection only looks at.
  enum class Phase : std::uint8_t {
    kHandshake,
    kEstablished,
    kClosing,  // reported closed; what may still leave leaves, then the TearDown
    kClosed,
  };
  enum class LameDuck : std::uint8_t { kActive, kEntering, kAcknowledged, kGaveUp };

  FlowState* find(FlowId id);
  FlowTables flow_tables() const;

  Options options_;  // not changed, but for its endpoints: they go when the connection has its own
  TimePoint now_;
  Phase phase_ = Phase::kHandshake;
  Handshaken session_;  // final once established
  std::vector<Event> events_;
  std::unordered_map<FlowId, FlowState, IdHash> flows_;
  std::optional<HealthMonitor> health_;
  std::size_t busy_flows_ = 0;  // open flows that are no side channel
  std::size_t zombies_ = 0;     // closed by the peer, not yet read to the end
  TimePoint last_used_;
  bool peer_in_lame_duck_ = false;
  bool awaits_discharges_ = false;  // the peer's blessings ask for discharges, and none have come

 private:
  enum class Ending : std::uint8_t { kDrain, kTearDown, kSilent };

  // connection.cc
  void established(Handshaken session);
  void fail(const Error& error) { end(error, Ending::kTearDown); }
  void end(const Error& why, Ending ending);
  void shut();
  void move_clock(TimePoint now);
  void acknowledge_lame_duck();
  void advance_handshake();
  void advance_flow_deadlines();

  // connection_identity.cc
  std::optional<MutableBytes> open(MutableBytes frame);
  void perform(Result<HandshakeStep> next);
  void measure_rtt();
  void after_handshake();
  const ShownBlessings& nameless();
  Error unfit(const ShownBlessings& shown) const;
  void receive_blessings(const Data& message);

  // connection_receive.cc
  void handle_frame(MutableBytes frame);
  void handle_handshake(MutableBytes frame);
  void on(const Setup& message);
  void on(const TearDown& message);
  void on(const EnterLameDuck& message);
  void on(const AckLameDuck& message);
  void on(const Auth& message);
  void on(OpenFlow& message);
  void on(const Release& message);
  void on(Data& message);
  void on(const HealthCheckRequest& message);
  void on(const HealthCheckResponse& message);
  void on(const MultiProxyRequest& message);
  void on(const ProxyServerRequest& message);
  void on(const ProxyResponse& message);
  void on(const ProxyErrorResponse& message);
  void misplaced(std::string_view message);
  Error objection(const OpenFlow& message);
  Error objection(std::uint64_t flags, const Bytes& payload) const;
  void receive_payload(FlowState& flow, Bytes payload);
  void receive_close(FlowState& flow);
  bool was_opened(FlowId id) const;
  bool release(const Counter& counter);

  // connection_send.cc
  void express(const Message& message) { express_encoded(encode(message)); }
  void express_encoded(Bytes message);
  void introduce(Output& out, FlowState& flow, OpenFlow& head);
  void send_one(Output& out, FlowState& flow);
  void end_flow_here(FlowState& flow);
  void leave_open_flows(FlowState& flow);
  void forget_unread(FlowState& flow, std::uint64_t n);
  void erase(FlowState& flow);

  bool is_own(FlowId id) const { return id % 2 == first_own_ % 2; }

  std::unique_ptr<Handshake> handshake_;
  TimePoint handshake_began_;
  TimePoint last_said_;  // in the handshake
  std::optional<Duration> handshake_rtt_;
  std::size_t handshake_bytes_ = 0;
  bool got_a_frame_ = false;
  bool setup_has_left_ = false;
  bool asked_ = false;                     // AuthorizePeer waits for its answer
  std::unique_ptr<Cipher> cipher_;         // null before both Setups are known: frames are not sealed
  bool opened_a_frame_ = false;            // one that was sealed
  ShownBlessings nameless_;                // made when it is needed first
  std::optional<ShownBlessings> to_show_;  // asked for before the handshake was done
  FrameReader reader_;
  std::optional<Data> clear_payload_of_;  // the next frame is the payload of this message
  std::size_t longest_message_ = 0;       // but for the blessings flow

  const FlowId first_own_;
  FlowId next_own_;
  UsedIds peer_ids_;
  TokenPool pool_{0};
  OutstandingTokens outstanding_;
  std::optional<ReleaseLedger> ledger_;
  Scheduler scheduler_{pool_};
  RateLimit open_rate_;
  std::set<std::pair<TimePoint, FlowId>> deadlines_;
  std::size_t unopened_ = 0;  // own flows whose OpenFlow has not left
  std::uint64_t unread_ = 0;  // over all flows
  bool health_response_queued_ = false;
  bool acknowledged_peer_ = false;
  LameDuck lame_duck_ = LameDuck::kActive;
  std::optional<TimePoint> lame_duck_until_;
  std::string tear_down_;
};

}  // namespace nb::flow
