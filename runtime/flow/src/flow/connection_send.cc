// What the application asks for, and the frames that leave.
#include <algorithm>

#include "flow/codec.h"
#include "flow/connection_core.h"
#include "flow/errors.h"

namespace nb::flow {

void Connection::Core::express_encoded(Bytes message) {
  scheduler_.express(std::move(message));
  if (scheduler_.express_bytes() > options_.limits.express_bytes) {
    fail(kAborted("the peer does not read what this end has to say"));
  }
}

Result<FlowId> Connection::Core::open_flow(FlowOptions options) {
  if (phase_ == Phase::kHandshake) return kBadState("the handshake is not done");
  if (phase_ != Phase::kEstablished) return kBadState("the connection is closed");
  if (peer_in_lame_duck_) return kBadState("the peer asks for no new flows on this connection");
  if (session_.remote.routing_id.is_null()) return kBadState("the peer accepts no flows: it has no routing id");
  if (awaits_discharges_) return kBadState("the discharges of the peer's blessings have not come yet");
  if (flows_.size() >= options_.limits.flows) return kBadState("too many flows are open on this connection");
  if (Error error = unfit(options.shown)) return error;

  const FlowId id = next_own_;
  next_own_ += 2;
  FlowState& flow =
      flows_.try_emplace(id, id, SendWindow::borrowing_from(pool_), ReceiveWindow::opened_here(options_.window))
          .first->second;
  flow.opened_here = true;
  flow.shown = options.shown.blessings.is_zero() ? nameless() : std::move(options.shown);
  flow.side_channel = options.side_channel;
  flow.channel_timeout = options.channel_timeout;
  if (flow.channel_timeout > Duration::zero()) health_->add(flow.channel_timeout, now_);
  if (!flow.side_channel) {
    ++busy_flows_;
    last_used_ = now_;
  }
  ++unopened_;
  return id;
}

void Connection::Core::write(FlowId id, Bytes payload, bool close) {
  FlowState* const flow = find(id);
  if (flow == nullptr || flow->closed_by_peer || flow->closes_after_queue || phase_ != Phase::kEstablished) return;
  flow->was_written = true;
  flow->queue.push(std::move(payload));
  flow->closes_after_queue = close;
  if (!flow->side_channel) last_used_ = now_;
  scheduler_.schedule(*flow);
}

void Connection::Core::consumed(FlowId id, std::size_t n) {
  FlowState* const flow = find(id);
  if (flow == nullptr || n == 0 || phase_ != Phase::kEstablished) return;
  forget_unread(*flow, n);
  if (!flow->side_channel) last_used_ = now_;
  if (!flow->closed_by_peer) return ledger_->consumed(*flow);
  if (flow->receive.unread() > 0) return;
  --zombies_;
  erase(*flow);
}

void Connection::Core::set_deadline(FlowId id, std::optional<TimePoint> deadline) {
  FlowState* const flow = find(id);
  if (flow == nullptr || flow->closed_by_peer || phase_ != Phase::kEstablished) return;
  if (flow->deadline) deadlines_.erase({*flow->deadline, id});
  flow->deadline = deadline;
  if (deadline) deadlines_.emplace(*deadline, id);
}

void Connection::Core::keep_messages(FlowId id) {
  if (FlowState* const flow = find(id)) flow->keeps_messages = true;
}

void Connection::Core::send_clear(FlowId id) {
  if (FlowState* const flow = find(id)) flow->keeps_messages = flow->sends_clear = true;
}

void Connection::Core::accept_clear(FlowId id) {
  if (FlowState* const flow = find(id)) flow->accepts_clear = true;
}

void Connection::Core::close_flow(FlowId id) {
  FlowState* const flow = find(id);
  if (flow == nullptr || phase_ != Phase::kEstablished) return;
  if (flow->closed_by_peer) {
    --zombies_;
    return erase(*flow);
  }
  if (flow->is_on_wire) {
    // A Release wakes writers at every peer, a Close does not at all of them; so it goes first when there is much to
    // hand back.
    if (flow->receive.unreturned() > session_.agreement.pool / 8) express(ledger_->take(*flow));
    express(Data{id, kClose, {}});
    if (phase_ != Phase::kEstablished) return;
  }
  end_flow_here(*flow);
}

// What is the same for both ways to end: the flow takes part in nothing any more.
void Connection::Core::leave_open_flows(FlowState& flow) {
  scheduler_.forget(flow);
  if (!flow.side_channel) --busy_flows_;
  if (flow.channel_timeout > Duration::zero()) health_->remove(flow.channel_timeout);
  if (flow.deadline) deadlines_.erase({*flow.deadline, flow.id});
  flow.deadline.reset();
}

void Connection::Core::end_flow_here(FlowState& flow) {
  leave_open_flows(flow);
  outstanding_.record(flow.id, flow.send.borrowed());
  ledger_->closed_here(flow);
  if (!flow.is_on_wire) --unopened_;
  erase(flow);
  acknowledge_lame_duck();
}

void Connection::Core::forget_unread(FlowState& flow, std::uint64_t n) {
  flow.receive.consume(n);
  unread_ -= n;
}

void Connection::Core::erase(FlowState& flow) {
  unread_ -= flow.receive.unread();
  flows_.erase(flow.id);
}

bool Connection::Core::has_output() const {
  switch (phase_) {
    case Phase::kHandshake:
      return scheduler_.has_express();
    case Phase::kEstablished:
      return scheduler_.has_express() || scheduler_.has_flow() || ledger_->is_due();
    case Phase::kClosing:
      return true;
    case Phase::kClosed:
      return false;
  }
  return false;
}

Output Connection::Core::take_output(std::size_t budget) {
  Output out(cipher_.get());
  if (phase_ == Phase::kClosed) return out;
  if (cipher_ && cipher_->is_worn_out())
    fail(kAborted("the connection has sealed all frames that its keys are good for"));
  if (phase_ == Phase::kEstablished && ledger_->is_due()) {
    for (const Release& grants : ledger_->take()) scheduler_.express(encode(grants));
  }
  while (out.size() < budget) {
    if (const std::optional<Bytes> message = scheduler_.next_express()) {
      if (setup_has_left_) {
        out.begin_frame();
      } else {
        out.begin_clear_frame();
      }
      setup_has_left_ = true;
      out.append(*message);
      out.end_frame();
    } else if (FlowState* const flow = scheduler_.next_flow()) {
      send_one(out, *flow);
    } else {
      if (phase_ != Phase::kClosing) break;
      append_message(out.begin_frame(), TearDown{tear_down_});
      out.end_frame();
      shut();
      break;
    }
  }
  if (!scheduler_.has_express()) health_response_queued_ = false;
  if (phase_ == Phase::kHandshake) last_said_ = now_;
  return out;
}

// What the flow shows, before it is named.
void Connection::Core::introduce(Output& out, FlowState& flow, OpenFlow& head) {
  BlessingsSender& sender = session_.blessings->sender;
  const BlessingsSender::Keys keys = sender.keys_for(flow.shown);
  flow.shown = {};
  head.blessings_key = keys.blessings;
  head.discharges_key = keys.discharges;
  if (!sender.has_output()) return;
  for (const Bytes& message : take_messages(sender)) {
    out.begin_frame();
    out.append(message);
    out.end_frame();
  }
}

// One OpenFlow or Data, with as much as tokens and MTU let go.
void Connection::Core::send_one(Output& out, FlowState& flow) {
  const std::uint64_t tokens = std::min(session_.agreement.mtu, flow.send.available());
  const std::size_t n = flow.next_payload(tokens);
  flow.send.take(n);
  const bool had_bytes = n > 0;
  const bool last = n == flow.queue.size();
  const std::uint64_t close_flag = last && flow.closes_after_queue ? kClose : 0;
  const bool clear = flow.sends_clear && flow.is_on_wire && had_bytes;

  if (flow.is_on_wire) {
    append_head(out.begin_frame(), Data{flow.id, close_flag | (clear ? kDisableEncryption : 0), {}});
  } else {
    const std::uint64_t side_flag = flow.side_channel ? kSideChannel : 0;
    OpenFlow head{flow.id, options_.window, 0, 0, close_flag | side_flag, {}};
    introduce(out, flow, head);
    append_head(out.begin_frame(), head);
  }
  if (clear) {  // the next frame, right behind
    out.end_frame();
    out.begin_clear_frame();
  }
  flow.queue.move_to(out, n);
  out.end_frame();

  const bool opens = !flow.is_on_wire;
  flow.is_on_wire = true;
  flow.has_sent = true;
  if (opens) --unopened_;
  if (phase_ == Phase::kEstablished) {
    if (opens) acknowledge_lame_duck();
    if (last && (had_bytes || opens || close_flag != 0)) events_.emplace_back(FlowDrained{flow.id});
    if (close_flag != 0) {
      events_.emplace_back(FlowClosed{flow.id, ClosedBy::kLocal, Error()});
      return end_flow_here(flow);
    }
  } else if (close_flag != 0) {
    return;  // all flows are reported closed and go with the connection
  }
  scheduler_.schedule(flow);
}

}  // namespace nb::flow
