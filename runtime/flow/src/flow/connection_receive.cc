// What messages of the peer do.
#include <algorithm>

#include "flow/codec.h"
#include "flow/connection_core.h"
#include "flow/errors.h"
#include "flow/quoted.h"

namespace nb::flow {
namespace {

Error told_by_peer(const TearDown& message) {
  if (message.text.empty()) return kNetwork("the remote end closed the connection");
  return kNetwork("remote end received err: " + quoted(message.text));
}

}  // namespace

void Connection::Core::receive(MutableBytes bytes, TimePoint now) {
  move_clock(now);
  if (phase_ == Phase::kClosing || phase_ == Phase::kClosed) return;
  reader_.feed(bytes);
  MutableBytes frame;
  while (phase_ == Phase::kHandshake || phase_ == Phase::kEstablished) {
    switch (reader_.next(frame)) {
      case FrameReader::Status::kFrame:
        handle_frame(frame);
        break;
      case FrameReader::Status::kNeedMore:
        return;
      case FrameReader::Status::kTooLong:
        return fail(kAborted("a frame is longer than " + std::to_string(reader_.limit()) + " bytes"));
    }
  }
}

void Connection::Core::receive_frame(MutableBytes frame, TimePoint now) {
  move_clock(now);
  if (phase_ == Phase::kClosing || phase_ == Phase::kClosed) return;
  if (frame.size() > reader_.limit()) {
    return fail(kAborted("a frame is longer than " + std::to_string(reader_.limit()) + " bytes"));
  }
  handle_frame(frame);
}

void Connection::Core::handle_frame(MutableBytes frame) {
  got_a_frame_ = true;
  if (clear_payload_of_) {
    Data data = *std::exchange(clear_payload_of_, std::nullopt);
    data.payload.assign(frame.begin(), frame.end());
    return on(data);
  }
  if (cipher_) {
    const std::optional<MutableBytes> opened = open(frame);
    if (!opened) return;
    frame = *opened;
  }
  if (phase_ == Phase::kHandshake) return handle_handshake(frame);
  Result<Message> message = decode(frame);
  if (!message) return fail(message.error());
  if (frame.size() > longest_message_) {
    const auto* const data = std::get_if<Data>(&*message);
    if (data == nullptr || data->id != kBlessingsFlowId) {
      return fail(kAborted("a message is longer than " + std::to_string(longest_message_) + " bytes"));
    }
  }
  std::visit([this](auto& m) { on(m); }, *message);
}

void Connection::Core::handle_handshake(MutableBytes frame) {
  handshake_bytes_ += frame.size();
  if (handshake_bytes_ > options_.limits.handshake_bytes) {
    return fail(
        kAborted("the handshake takes more than " + std::to_string(options_.limits.handshake_bytes) + " bytes"));
  }
  const Result<Message> message = decode(frame);
  if (!message) return fail(message.error());
  if (const auto* const tear_down = std::get_if<TearDown>(&*message)) return on(*tear_down);
  perform(handshake_->receive(*message, frame));
}

void Connection::Core::misplaced(std::string_view message) {
  fail(kAborted(std::string(message) + " message on an established connection"));
}

void Connection::Core::on(const Setup&) { misplaced("Setup"); }
void Connection::Core::on(const MultiProxyRequest&) { misplaced("MultiProxyRequest"); }
void Connection::Core::on(const ProxyServerRequest&) { misplaced("ProxyServerRequest"); }
void Connection::Core::on(const ProxyResponse&) { misplaced("ProxyResponse"); }
void Connection::Core::on(const ProxyErrorResponse&) { misplaced("ProxyErrorResponse"); }
void Connection::Core::on(const TearDown& message) { end(told_by_peer(message), Ending::kSilent); }

void Connection::Core::on(const EnterLameDuck&) {
  if (peer_in_lame_duck_) return;
  peer_in_lame_duck_ = true;
  events_.emplace_back(PeerInLameDuck{});
  acknowledge_lame_duck();
}

void Connection::Core::on(const AckLameDuck&) {
  if (lame_duck_ == LameDuck::kEntering) events_.emplace_back(LameDuckDone{true});
  if (lame_duck_ != LameDuck::kActive) lame_duck_ = LameDuck::kAcknowledged;
}

void Connection::Core::on(const HealthCheckRequest&) {
  if (health_response_queued_) return;  // one answer is enough for a peer that asks faster than it reads
  health_response_queued_ = true;
  express(HealthCheckResponse{});
}

void Connection::Core::on(const HealthCheckResponse&) { health_->response(now_); }

Error Connection::Core::objection(std::uint64_t flags, const Bytes& payload) const {
  if ((flags & kDisableEncryption) != 0) return kAborted("DisableEncryption on a flow that carries no connection");
  if (payload.size() > session_.agreement.mtu) {
    return kAborted("a payload of " + std::to_string(payload.size()) + " bytes is longer than the MTU");
  }
  return {};
}

Error Connection::Core::objection(const OpenFlow& message) {
  const auto objected = [&message](std::string_view why) {
    return kAborted("OpenFlow " + std::to_string(message.id) + ": " + std::string(why));
  };
  if (message.id < 10) return objected("ids below 10 are reserved");
  if (is_own(message.id)) return objected("the id is one of this end's");
  if (!options_.accepts_flows) return objected("this end accepts no flows");
  if (lame_duck_ == LameDuck::kAcknowledged) return objected("the peer has acknowledged the lame duck");
  if (!peer_ids_.use(message.id)) return objected("the id was used before");
  if (message.initial_counters > std::uint64_t{1} << 63) return objected("too many initial counters");
  if (!open_rate_.take(now_)) return objected("the peer opens flows too fast");
  return objection(message.flags, message.payload);
}

void Connection::Core::on(OpenFlow& message) {
  if (const Error error = objection(message)) return fail(error);
  Result<ShownBlessings> shown = session_.blessings->receiver.resolve(message.blessings_key, message.discharges_key);
  if (!shown) return fail(shown.error());
  // One flow too many is no reason to end the others.
  if (flows_.size() >= options_.limits.flows) return express(Data{message.id, kClose, {}});

  FlowState& flow = flows_
                        .try_emplace(message.id, message.id, SendWindow::granted(pool_, message.initial_counters),
                                     ReceiveWindow::opened_by_peer(options_.window))
                        .first->second;
  flow.is_on_wire = true;
  flow.side_channel = (message.flags & kSideChannel) != 0;
  if (!flow.side_channel) {
    ++busy_flows_;
    last_used_ = now_;
  }
  events_.emplace_back(FlowOpened{message.id, flow.side_channel, *std::move(shown), session_.local_shown});
  receive_payload(flow, std::move(message.payload));
  if (phase_ == Phase::kEstablished && (message.flags & kClose) != 0) receive_close(flow);
}

void Connection::Core::on(Data& message) {
  if (message.id == kBlessingsFlowId) return receive_blessings(message);
  FlowState* const flow = find(message.id);
  if ((message.flags & kDisableEncryption) != 0 && (flow == nullptr ? was_opened(message.id) : flow->accepts_clear)) {
    // Also for a flow that this end has closed a moment ago: its payload is the next frame all the same.
    if (!message.payload.empty()) return fail(kAborted("a payload both under seal and in the clear"));
    clear_payload_of_ = Data{message.id, message.flags & ~kDisableEncryption, {}};
    return;
  }
  if (const Error error = objection(message.flags, message.payload)) return fail(error);
  if (flow == nullptr) return pool_.give_back(outstanding_.forget(message.id));
  // Some peers say Close twice; and nobody can know of a flow that was not opened yet.
  if (flow->closed_by_peer || !flow->is_on_wire) return;
  receive_payload(*flow, std::move(message.payload));
  if (phase_ == Phase::kEstablished && (message.flags & kClose) != 0) receive_close(*flow);
}

void Connection::Core::receive_payload(FlowState& flow, Bytes payload) {
  const std::uint64_t n = payload.size();
  if (n == 0) return;
  if (!flow.receive.receive(n)) {
    return fail(kAborted("a remote process has sent more data than allowed on flow " + std::to_string(flow.id)));
  }
  unread_ += n;
  if (unread_ > options_.limits.unread_bytes) {
    return fail(kAborted("more than " + std::to_string(options_.limits.unread_bytes) + " bytes are unread"));
  }
  if (!ledger_->received(flow, n)) {
    return fail(kAborted("a remote process has borrowed more tokens than its pool has"));
  }
  events_.emplace_back(FlowPayload{flow.id, std::move(payload)});
}

void Connection::Core::receive_close(FlowState& flow) {
  events_.emplace_back(FlowClosed{flow.id, ClosedBy::kPeer, Error()});
  leave_open_flows(flow);
  flow.closed_by_peer = true;
  flow.queue.clear();
  flow.send.repay_all();
  ledger_->closed_by_peer(flow, now_);
  if (flow.receive.unread() == 0) return erase(flow);
  ++zombies_;
}

void Connection::Core::on(const Release& message) {
  for (const Counter& counter : message.counters) {
    if (!release(counter)) return;
  }
}

// Of an id that has no flow now.
bool Connection::Core::was_opened(FlowId id) const {
  return is_own(id) ? id >= first_own_ && id < next_own_ : peer_ids_.was_used(id);
}

bool Connection::Core::release(const Counter& counter) {
  FlowState* const flow = find(counter.id);
  if (flow == nullptr ? !was_opened(counter.id) : !flow->is_on_wire) {
    fail(kAborted("Release for flow " + std::to_string(counter.id) + ", which was never opened"));
    return false;
  }
  if (flow == nullptr) {
    pool_.give_back(outstanding_.release(counter.id, counter.tokens));
    return true;
  }
  if (flow->closed_by_peer) return true;
  if (!flow->send.release(counter.tokens)) {
    fail(kAborted("Release for flow " + std::to_string(counter.id) + " grants more than can be counted"));
    return false;
  }
  scheduler_.schedule(*flow);
  return true;
}

}  // namespace nb::flow
