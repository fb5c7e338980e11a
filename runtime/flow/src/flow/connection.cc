#include "flow/connection.h"

#include <algorithm>

#include <nb/base/check.h>

#include "flow/connection_core.h"
#include "flow/errors.h"

namespace nb::flow {
namespace {

constexpr FlowId kFirstDialerFlow = 10;
constexpr FlowId kFirstAcceptorFlow = 11;

// A stock peer that closes a flow of its own notes what the flow owes to its pool after the Close has left: what is
// handed back in between is lost to it (8.4). Peers that speak our own suite are not of that kind.
constexpr Duration kHandBackDelay = std::chrono::milliseconds(5);

FlowId first_flow(Role role) { return role == Role::kDialer ? kFirstDialerFlow : kFirstAcceptorFlow; }

void pull_closer(std::optional<TimePoint>& time, std::optional<TimePoint> candidate) {
  if (candidate && (!time || *candidate < *time)) time = candidate;
}

}  // namespace

Connection::Core::Core(Options options, TimePoint now)
    : options_(std::move(options)),
      now_(now),
      flows_(0, IdHash{options_.table_seed}),
      last_used_(now),
      handshake_(std::make_unique<Handshake>(options_)),
      handshake_began_(now),
      last_said_(now),
      reader_(options_.limits.setup_frame),
      first_own_(first_flow(options_.role)),
      next_own_(first_own_),
      peer_ids_(first_flow(other(options_.role))),
      open_rate_(options_.limits.open_flow_burst, options_.limits.open_flow_rate, now) {
  NB_CHECK(options_.mtu <= options_.window, "a whole message fits into the window of a flow");
  NB_CHECK(options_.mtu >= 1024 && options_.mtu <= kMaxFrameSize - 1024, "the MTU is between 1 KiB and 16 MiB");
  NB_CHECK(options_.window <= std::uint64_t{1} << 62, "the window is a size that can be counted");
  const VersionRange versions = options_.versions;
  NB_CHECK(
      kSupportedVersions.min <= versions.min && versions.min <= versions.max && versions.max <= kSupportedVersions.max,
      "only versions that are implemented are offered");
  session_.local = options_.local;
  session_.remote = options_.remote;
  express_encoded(handshake_->first_message());
}

void Connection::Core::established(Handshaken session) {
  session_ = std::move(session);
  const Agreement& agreed = session_.agreement;
  phase_ = Phase::kEstablished;
  handshake_.reset();
  (void)std::exchange(options_.local, naming::Endpoint());
  (void)std::exchange(options_.remote, naming::Endpoint());
  // Room for the longest head of a message, and for short control messages when the MTU is small.
  longest_message_ = std::max<std::size_t>(static_cast<std::size_t>(agreed.mtu) + 1024, 64 * 1024);
  reader_.set_limit(kTagSize + std::max(longest_message_, options_.limits.blessings_data));
  pool_.give_back(agreed.pool);
  ledger_.emplace(options_.window, agreed.pool, agreed.mtu, options_.limits.release_closed,
                  agreed.suite == Suite::kSecretbox ? kHandBackDelay : Duration::zero());
  measure_rtt();
  health_.emplace(options_.channel_timeout, *handshake_rtt_, now_);
  events_.emplace_back(Established{session_.peer_is_proxy});
  after_handshake();
}

void Connection::Core::end(const Error& why, Ending ending) {
  if (phase_ == Phase::kClosing || phase_ == Phase::kClosed) return;
  const bool was_established = phase_ == Phase::kEstablished;
  phase_ = Phase::kClosing;
  tear_down_ = why.message();

  std::vector<FlowId> open;
  for (const auto& [id, flow] : flows_) {
    if (!flow.closed_by_peer) open.push_back(id);
  }
  std::sort(open.begin(), open.end());
  for (const FlowId id : open) events_.emplace_back(FlowClosed{id, ClosedBy::kConnection, why});
  events_.emplace_back(ConnectionClosed{why});

  if (ending == Ending::kSilent) return shut();
  if (ending == Ending::kTearDown || !was_established) {
    for (auto& [id, flow] : flows_) scheduler_.forget(flow);
  }
}

// Handles of the connection may live on for long: nothing is kept for them but what they can still ask for.
void Connection::Core::shut() {
  phase_ = Phase::kClosed;
  for (auto& [id, flow] : flows_) {
    scheduler_.forget(flow);
    if (ledger_) ledger_->closed_here(flow);
  }
  while (scheduler_.next_express()) continue;
  flows_.clear();
  deadlines_.clear();
  clear_payload_of_.reset();
  handshake_.reset();
  session_.blessings.reset();
  reader_ = FrameReader(reader_.limit());
  busy_flows_ = 0;
  zombies_ = 0;
}

void Connection::Core::close(const Error& reason) {
  end(reason ? reason : kBadState("the connection was closed"), Ending::kDrain);
}

void Connection::Core::transport_closed(const Error& why) {
  if (phase_ == Phase::kClosing) return shut();
  end(why ? why : kNetwork("the connection ended without a TearDown"), Ending::kSilent);
}

void Connection::Core::enter_lame_duck() {
  if (phase_ != Phase::kEstablished || lame_duck_ != LameDuck::kActive) return;
  lame_duck_ = LameDuck::kEntering;
  lame_duck_until_ = now_ + options_.lame_duck_timeout;
  express(EnterLameDuck{});
}

// The peer waits for our word that no OpenFlow will follow: it may leave when every flow that has an id is opened.
void Connection::Core::acknowledge_lame_duck() {
  if (!peer_in_lame_duck_ || acknowledged_peer_ || unopened_ > 0 || phase_ != Phase::kEstablished) return;
  acknowledged_peer_ = true;
  express(AckLameDuck{});
}

void Connection::Core::advance_handshake() {
  const bool late = now_ >= handshake_began_ + options_.handshake_timeout ||
                    (!got_a_frame_ && now_ >= handshake_began_ + options_.first_frame_timeout);
  if (late) fail(verror::Timeout("the peer did not finish the handshake in time"));
}

void Connection::Core::advance_flow_deadlines() {
  while (phase_ == Phase::kEstablished && !deadlines_.empty() && deadlines_.begin()->first <= now_) {
    const FlowId id = deadlines_.begin()->second;
    deadlines_.erase(deadlines_.begin());
    FlowState* const flow = find(id);
    if (flow == nullptr) continue;
    flow->deadline.reset();
    if (!flow->closed_by_peer) {
      events_.emplace_back(FlowClosed{id, ClosedBy::kDeadline, verror::Timeout("the flow's deadline has passed")});
    }
    close_flow(id);
  }
}

void Connection::Core::move_clock(TimePoint now) {
  now_ = std::max(now_, now);
  if (ledger_) ledger_->advance(now_);
}

void Connection::Core::advance(TimePoint now) {
  move_clock(now);
  if (phase_ == Phase::kHandshake) return advance_handshake();
  if (phase_ != Phase::kEstablished) return;
  advance_flow_deadlines();
  if (phase_ != Phase::kEstablished) return;
  if (lame_duck_ == LameDuck::kEntering && now_ >= *lame_duck_until_) {
    lame_duck_ = LameDuck::kGaveUp;
    events_.emplace_back(LameDuckDone{false});
  }
  switch (health_->advance(now_)) {
    case HealthMonitor::Action::kNothing:
      break;
    case HealthMonitor::Action::kSendRequest:
      express(HealthCheckRequest{});
      break;
    case HealthMonitor::Action::kGiveUp:
      fail(kNetwork("the channel has become unresponsive"));
      break;
  }
}

std::optional<TimePoint> Connection::Core::next_deadline() const {
  std::optional<TimePoint> next;
  if (phase_ == Phase::kHandshake) {
    pull_closer(next, handshake_began_ + options_.handshake_timeout);
    if (!got_a_frame_) pull_closer(next, handshake_began_ + options_.first_frame_timeout);
  } else if (phase_ == Phase::kEstablished) {
    pull_closer(next, health_->next_deadline());
    pull_closer(next, ledger_->next_deadline());
    if (!deadlines_.empty()) pull_closer(next, deadlines_.begin()->first);
    if (lame_duck_ == LameDuck::kEntering) pull_closer(next, lame_duck_until_);
  }
  return next;
}

FlowState* Connection::Core::find(FlowId id) {
  const auto found = flows_.find(id);
  return found == flows_.end() ? nullptr : &found->second;
}

FlowTables Connection::Core::flow_tables() const {
  FlowTables tables;
  tables.flows = flows_.size();
  tables.deadlines = deadlines_.size();
  tables.shared = pool_.available();
  tables.outstanding = outstanding_.total();
  if (ledger_) {
    tables.unreturned = ledger_->unreturned();
    tables.closed_to_release = ledger_->closed();
  }
  return tables;
}

// --- the public face ---

Connection::Connection(Options options, TimePoint now) : core_(std::make_unique<Core>(std::move(options), now)) {}
Connection::~Connection() = default;

void Connection::receive_in_place(MutableBytes bytes, TimePoint now) { core_->receive(bytes, now); }
void Connection::receive(BytesView bytes, TimePoint now) {
  Bytes copy(bytes.begin(), bytes.end());
  core_->receive(copy, now);
}
void Connection::receive_frame_in_place(MutableBytes frame, TimePoint now) { core_->receive_frame(frame, now); }
void Connection::receive_frame(BytesView frame, TimePoint now) {
  Bytes copy(frame.begin(), frame.end());
  core_->receive_frame(copy, now);
}
std::size_t Connection::frame_limit() const { return core_->frame_limit(); }
void Connection::transport_closed(const Error& why) { core_->transport_closed(why); }
void Connection::advance(TimePoint now) { core_->advance(now); }
std::optional<TimePoint> Connection::next_deadline() const { return core_->next_deadline(); }

std::vector<Event> Connection::take_events() { return std::exchange(core_->events_, {}); }
bool Connection::has_events() const { return !core_->events_.empty(); }
bool Connection::has_output() const { return core_->has_output(); }
Output Connection::take_output(std::size_t budget) { return core_->take_output(budget); }

bool Connection::is_established() const { return core_->phase_ == Core::Phase::kEstablished; }
bool Connection::is_closed() const {
  return core_->phase_ == Core::Phase::kClosing || core_->phase_ == Core::Phase::kClosed;
}
Version Connection::version() const { return core_->session_.agreement.version; }
Suite Connection::suite() const { return core_->session_.agreement.suite; }
std::uint64_t Connection::mtu() const { return core_->session_.agreement.mtu; }
const naming::Endpoint& Connection::local_endpoint() const { return core_->session_.local; }
const naming::Endpoint& Connection::remote_endpoint() const { return core_->session_.remote; }
void Connection::watch(Duration channel_timeout) {
  if (core_->health_) core_->health_->add(channel_timeout, core_->now_);
}
void Connection::unwatch(Duration channel_timeout) {
  if (core_->health_) core_->health_->remove(channel_timeout);
}
Duration Connection::rtt(TimePoint now) const { return core_->health_ ? core_->health_->rtt(now) : Duration::zero(); }
TimePoint Connection::last_used() const { return core_->last_used_; }
std::size_t Connection::open_flow_count() const { return core_->flows_.size() - core_->zombies_; }
bool Connection::has_idle_flows_only() const { return core_->busy_flows_ == 0; }
bool Connection::can_open_flows() const {
  return is_established() && !core_->peer_in_lame_duck_ && !core_->awaits_discharges_ &&
         !remote_endpoint().routing_id.is_null();
}

FlowTables Connection::flow_tables() const { return core_->flow_tables(); }

void Connection::authorize() { core_->authorize(); }
void Connection::refuse(const Error& why) { core_->refuse(why); }
Result<void> Connection::show(ShownBlessings shown) { return core_->show(std::move(shown)); }
const ShownBlessings& Connection::local_shown() const { return core_->session_.local_shown; }
const ShownBlessings& Connection::remote_shown() const { return core_->session_.remote_shown; }
bool Connection::awaits_discharges() const { return core_->awaits_discharges_; }

void Connection::close(const Error& reason) { core_->close(reason); }
void Connection::enter_lame_duck() { core_->enter_lame_duck(); }

Result<FlowId> Connection::open_flow(FlowOptions options) { return core_->open_flow(std::move(options)); }
void Connection::write(FlowId id, Bytes payload, bool close) { core_->write(id, std::move(payload), close); }
std::size_t Connection::pending(FlowId id) const {
  const FlowState* const flow = core_->find(id);
  return flow == nullptr ? 0 : flow->queue.size();
}
void Connection::consumed(FlowId id, std::size_t n) { core_->consumed(id, n); }
void Connection::keep_messages(FlowId id) { core_->keep_messages(id); }
void Connection::send_clear(FlowId id) { core_->send_clear(id); }
void Connection::accept_clear(FlowId id) { core_->accept_clear(id); }
void Connection::close_flow(FlowId id) { core_->close_flow(id); }
bool Connection::is_open(FlowId id) const {
  const FlowState* const flow = core_->find(id);
  return flow != nullptr && !flow->closed_by_peer && !flow->closes_after_queue && is_established();
}
void Connection::set_deadline(FlowId id, std::optional<TimePoint> deadline) { core_->set_deadline(id, deadline); }

}  // namespace nb::flow
