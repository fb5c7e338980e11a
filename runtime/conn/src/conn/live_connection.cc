#include "conn/live_connection.h"

#include <span>
#include <utility>
#include <variant>

#include <nb/base/check.h>

#include "conn/live_flow.h"
#include "transport/errors.h"

namespace nb::conn {
namespace {

// What a connection without much to read holds: it may be one of very many.
constexpr std::size_t kSmallRead = 2 * 1024;
constexpr std::size_t kLargeRead = 128 * 1024;  // two full messages, or many small ones, with one system call
constexpr std::size_t kWriteSize = 256 * 1024;  // one gathered write
constexpr std::size_t kTurnSize = 1024 * 1024;  // then the other connections of the loop get their turn

}  // namespace

LiveConnection::LiveConnection(std::shared_ptr<Loop> loop, std::shared_ptr<transport::Stream> stream,
                               const flow::Options& options, std::shared_ptr<const Household> household)
    : loop_(std::move(loop)),
      stream_(std::move(stream)),
      core_(options, loop_->clock()->now()),
      household_(std::move(household)),
      read_buffer_(std::make_unique_for_overwrite<std::uint8_t[]>(kSmallRead)),
      read_size_(kSmallRead),
      last_used_(core_.last_used().time_since_epoch()) {}

LiveConnection::~LiveConnection() = default;

void LiveConnection::start() { touch(); }

// ---- turns ----

void LiveConnection::touch() {
  if (is_touched_ || !stream_) return;
  is_touched_ = true;
  auto self = std::static_pointer_cast<LiveConnection>(shared_from_this());
  loop_->defer([self = std::move(self)] { self->end_turn(); });
}

void LiveConnection::end_turn() {
  deliver_events();
  is_touched_ = false;
  if (!stream_) return;
  flush();  // a failure, or a queue that has run empty, are new events
  if (!stream_) return;
  if (core_.has_events()) return touch();
  if (why_) return wind_up();
  note_use();
  read_more();
  set_timer();
}

void LiveConnection::note_use() {
  last_used_.store(core_.last_used().time_since_epoch(), std::memory_order_relaxed);
  has_busy_flows_.store(pins_ > 0 || !core_.has_idle_flows_only(), std::memory_order_relaxed);
}

void LiveConnection::deliver_events() {
  while (core_.has_events()) {
    auto events = core_.take_events();
    for (std::size_t i = 0; i < events.size(); ++i) {
      // Listeners are not ours: one that throws shall not cost the others their events.
      loop_->guard([&] {
        auto* const flow = std::get_if<flow::FlowOpened>(&events[i]);
        if (flow == nullptr) return std::visit([this](auto& what) { on(what); }, events[i]);
        // With its first payload, so that whoever accepts it can begin at once.
        auto* const first = i + 1 < events.size() ? std::get_if<flow::FlowPayload>(&events[i + 1]) : nullptr;
        const bool came_along = first != nullptr && first->id == flow->id;
        if (came_along) ++i;
        opened(*flow, came_along ? std::move(first->payload) : Bytes());
      });
    }
  }
}

void LiveConnection::on(flow::AuthorizePeer& event) {
  if (const auto owner = household_->owner.lock()) owner->authorize_peer(*this, event);
}

void LiveConnection::on(flow::Established& event) {
  note_rtt(loop_->clock()->now());  // of the handshake
  if (const auto owner = household_->owner.lock()) owner->established(*this, event.peer_is_proxy);
  if (wants_lame_duck_) enter_lame_duck();
}

void LiveConnection::on(flow::PeerShows&) {
  if (const auto owner = household_->owner.lock()) owner->peer_shows(*this);
}

void LiveConnection::opened(flow::FlowOpened& event, Bytes first) {
  auto self = std::static_pointer_cast<LiveConnection>(shared_from_this());
  const auto flow =
      std::make_shared<LiveFlow>(std::move(self), event.id, std::move(event.local), std::move(event.remote));
  flows_.emplace(event.id, flow);
  if (!first.empty()) flow->tell_payload(std::move(first));
  if (const FlowAcceptor& acceptor = acceptor_ ? acceptor_ : household_->acceptor) acceptor(flow);
  // Ours and the table's: nobody took it.
  if (flow.use_count() == 2) flow->close();
}

void LiveConnection::on(flow::FlowPayload& event) {
  const auto it = flows_.find(event.id);
  if (it == flows_.end()) return;  // closed by a listener a moment ago
  const auto flow = it->second;    // the listener may close it
  flow->tell_payload(std::move(event.payload));
}

void LiveConnection::on(flow::FlowDrained& event) {
  const auto it = flows_.find(event.id);
  if (it == flows_.end()) return;
  const auto flow = it->second;
  flow->tell_drained();
}

void LiveConnection::on(flow::FlowClosed& event) {
  const auto it = flows_.find(event.id);
  if (it == flows_.end()) return;
  const auto flow = std::move(it->second);
  flows_.erase(it);
  flow->tell_closed(event.why);
}

void LiveConnection::on(flow::PeerInLameDuck&) {
  if (const auto owner = household_->owner.lock()) owner->peer_in_lame_duck(*this);
}

void LiveConnection::on(flow::LameDuckDone&) {
  is_lame_duck_acknowledged_ = true;
  if (const auto owner = household_->owner.lock()) owner->lame_duck_done(*this);
}

void LiveConnection::on(flow::ConnectionClosed& event) {
  why_ = event.why;
  loop_->forget(timer_);
  for (const auto& [id, flow] : std::exchange(flows_, {})) {
    loop_->guard([this, told = flow] { told->tell_closed(*why_); });
  }
  if (const auto owner = household_->owner.lock()) owner->ended(*this, *why_);
  for (const auto& callback : std::exchange(close_callbacks_, {})) {
    loop_->guard([&] { callback(*why_); });
  }
  attachment.reset();
  // From here on the transport gets this long to take the rest and the peer's end.
  linger_timer_ = loop_->call_after(household_->linger, [weak = weak_from_this()] {
    if (auto self = std::static_pointer_cast<LiveConnection>(weak.lock())) self->drop_stream();
  });
}

// ---- reading ----

void LiveConnection::read_more() {
  if (is_reading_ || !stream_) return;
  is_reading_ = true;
  // The stream calls nobody once it is closed, and it is closed before this object goes.
  if (auto* const messages = stream_->messages()) {
    messages->limit_messages(core_.frame_limit());
    messages->read_messages(
        {read_buffer_.get(), read_size_}, [this](std::span<std::uint8_t> message) { message_came(message); },
        [this](const Result<std::size_t>& n) { read_done(n); });
    return;
  }
  stream_->read_some({read_buffer_.get(), read_size_}, [this](const Result<std::size_t>& n) { read_done(n); });
}

void LiveConnection::message_came(std::span<std::uint8_t> message) {
  message_bytes_ += message.size();
  core_.receive_frame_in_place(message, loop_->clock()->now());
  // The next one may have come with this one, and be longer than anything before the handshake.
  stream_->messages()->limit_messages(core_.frame_limit());
}

void LiveConnection::read_done(const Result<std::size_t>& n) {
  is_reading_ = false;
  const auto now = loop_->clock()->now();
  if (why_) {  // what comes after the end is of no interest, but the peer's end is
    if (n.value_or(0) == 0) return drop_stream();
    return read_more();
  }
  if (!n) {
    core_.transport_closed(n.error());
  } else if (*n == 0) {
    core_.transport_closed({});
  } else if (stream_->messages() == nullptr) {
    core_.receive_in_place({read_buffer_.get(), *n}, now);
  }
  if (core_.is_established()) note_rtt(now);
  fit_read_buffer(stream_->messages() == nullptr ? n.value_or(0) : std::exchange(message_bytes_, 0));
  touch();
}

// A read that fills the small buffer is followed by large ones, until one brings little. What bulk leaves behind is
// given up at the next small frame, a health check's at the latest.
void LiveConnection::fit_read_buffer(std::size_t came) {
  const bool wants_large = came >= kSmallRead;
  const std::size_t size = wants_large ? kLargeRead : kSmallRead;
  if (size == read_size_) return;
  // Not cleared: pages that no read ever reaches cost nothing.
  read_buffer_ = std::make_unique_for_overwrite<std::uint8_t[]>(size);
  read_size_ = size;
}

// ---- writing ----

void LiveConnection::flush() {
  std::size_t sent = 0;
  while (!is_blocked_) {
    if (!has_unsent()) {
      if (!core_.has_output()) return;
      if (sent >= kTurnSize) {
        loop_->post([weak = weak_from_this()] {
          if (auto self = std::static_pointer_cast<LiveConnection>(weak.lock())) self->touch();
        });
        return;
      }
      output_ = core_.take_output(kWriteSize);
      if (stream_->messages() != nullptr) {
        messages_unsent_ = output_.frame_count();
      } else {
        slices_ = output_.buffers();
        next_slice_ = 0;
      }
    }
    const auto n = write_some();
    if (!n) {
      core_.transport_closed(n.error());
      if (why_) drop_stream();
      return;
    }
    sent += *n;
    if (!has_unsent()) continue;
    is_blocked_ = true;
    stream_->when_writable([this] {
      is_blocked_ = false;
      touch();
    });
  }
}

Result<std::size_t> LiveConnection::write_some() {
  if (stream_->messages() != nullptr) return write_messages();
  auto n = stream_->try_write(std::span(slices_).subspan(next_slice_));
  if (n) skip(*n);
  return n;
}

Result<std::size_t> LiveConnection::write_messages() {
  std::size_t sent = 0;
  for (; next_message_ < messages_unsent_; ++next_message_) {
    const auto message = output_.frame(next_message_);
    if (output_.is_sealed(next_message_)) stream_->messages()->sealed_from_now_on();
    const auto is_taken = stream_->messages()->try_write_message(message);
    if (!is_taken) return is_taken.error();
    if (!*is_taken) return sent;
    for (const BytesView slice : message) sent += slice.size();
  }
  messages_unsent_ = next_message_ = 0;
  output_ = flow::Output();
  return sent;
}

void LiveConnection::skip(std::size_t sent) {
  while (next_slice_ < slices_.size() && sent >= slices_[next_slice_].size()) {
    sent -= slices_[next_slice_].size();
    ++next_slice_;
  }
  if (next_slice_ < slices_.size()) {
    slices_[next_slice_] = slices_[next_slice_].subspan(sent);
  } else {
    slices_.clear();
    next_slice_ = 0;
    output_ = flow::Output();  // large payloads are not needed any more
  }
}

// ---- time ----

void LiveConnection::set_timer() {
  const auto next = core_.next_deadline();
  if (!next) return;
  // One that is set for earlier does no harm: it sets itself anew. So there is not a timer a message.
  if (timer_ != TimerId::kNone && timer_time_ <= *next) return;
  loop_->forget(timer_);
  timer_time_ = *next;
  timer_ = loop_->call_at(*next, [weak = weak_from_this()] {
    auto self = std::static_pointer_cast<LiveConnection>(weak.lock());
    if (!self || self->why_) return;
    self->timer_ = TimerId::kNone;
    const auto now = self->loop_->clock()->now();
    self->core_.advance(now);
    self->note_rtt(now);
    self->touch();
  });
}

// ---- the end ----

void LiveConnection::close(const Error& reason) {
  if (why_) return;
  core_.close(reason);
  touch();
}

void LiveConnection::when_closed(std::function<void(const Error&)> callback) {
  if (!why_) {
    close_callbacks_.push_back(std::move(callback));
    return;
  }
  loop_->post([callback = std::move(callback), why = *why_] { callback(why); });
}

// The TearDown has left for the transport. Closing the socket while the peer's bytes are unread would make the system
// throw it away; so say that we are done and wait, a little, for the peer to be done too.
void LiveConnection::wind_up() {
  if (is_blocked_ || has_unsent() || core_.has_output()) return;
  if (!std::exchange(is_shut_down_, true)) stream_->shut_down_writes();
  read_more();
}

void LiveConnection::drop_stream() {
  if (!stream_) return;
  const auto self = shared_from_this();  // the owner lets go of it below
  loop_->forget(linger_timer_);
  std::exchange(stream_, nullptr)->close();
  forget();
  if (const auto owner = household_->owner.lock()) owner->gone(*this);
}

// Handles of users may live on for long; what can neither leave nor arrive any more does not.
void LiveConnection::forget() {
  core_.transport_closed({});
  (void)core_.take_events();  // nobody is told anything after the end
  read_buffer_.reset();
  read_size_ = 0;
  output_ = flow::Output();
  slices_.clear();
  messages_unsent_ = next_message_ = 0;
}

void LiveConnection::abandon(const Error& reason) {
  if (!stream_) return;
  if (!why_) core_.close(reason);
  deliver_events();
  if (stream_) flush();
  drop_stream();
}

void LiveConnection::discard() {
  if (!why_) why_ = transport::bad_state("the event loop has stopped");
  // First, so that what the others do when they go plans no more work.
  if (stream_) std::exchange(stream_, nullptr)->close();
  forget();
  flows_.clear();
  close_callbacks_.clear();
  attachment.reset();
}

void LiveConnection::authorize() {
  core_.authorize();
  touch();
}

void LiveConnection::refuse(const Error& why) {
  core_.refuse(why);
  touch();
}

Result<void> LiveConnection::show(flow::ShownBlessings shown) {
  auto done = core_.show(std::move(shown));
  touch();
  return done;
}

void LiveConnection::enter_lame_duck() {
  if (why_) return;
  wants_lame_duck_ = !core_.is_established();
  core_.enter_lame_duck();
  touch();
}

void LiveConnection::sweep(std::chrono::nanoseconds expiry) {
  if (!is_idle() || loop_->clock()->now() - core_.last_used() < expiry) return;
  if (is_lame_duck_acknowledged_) return close(transport::network_error("closed after being idle"));
  enter_lame_duck();
}

void LiveConnection::pin(flow::Duration channel_timeout) {
  ++pins_;
  if (channel_timeout > flow::Duration::zero()) core_.watch(channel_timeout);
  touch();
}

void LiveConnection::unpin(flow::Duration channel_timeout) {
  --pins_;
  if (channel_timeout > flow::Duration::zero()) core_.unwatch(channel_timeout);
  touch();
}

// ---- flows ----

Result<std::shared_ptr<Flow>> LiveConnection::open_side_channel(flow::ShownBlessings shown,
                                                                flow::Duration channel_timeout) {
  flow::FlowOptions options;
  options.side_channel = true;
  options.shown = std::move(shown);
  options.channel_timeout = channel_timeout;
  return open(std::move(options));
}

Result<std::shared_ptr<Flow>> LiveConnection::open_flow(flow::ShownBlessings shown, flow::Duration channel_timeout) {
  flow::FlowOptions options;
  options.shown = std::move(shown);
  options.channel_timeout = channel_timeout;
  return open(std::move(options));
}

Result<std::shared_ptr<Flow>> LiveConnection::open(flow::FlowOptions options) {
  const bool is_nameless = options.shown.blessings.is_zero();
  flow::ShownBlessings shown = is_nameless ? household_->nameless : options.shown;
  auto id = core_.open_flow(std::move(options));
  if (!id) return id.error();
  auto self = std::static_pointer_cast<LiveConnection>(shared_from_this());
  auto flow = std::make_shared<LiveFlow>(std::move(self), *id, std::move(shown), core_.remote_shown());
  flows_.emplace(*id, flow);
  return std::shared_ptr<Flow>(std::move(flow));
}

void LiveConnection::write(flow::FlowId id, Bytes payload, bool close) {
  core_.write(id, std::move(payload), close);
  touch();
}

void LiveConnection::consumed(flow::FlowId id, std::size_t n) {
  if (why_) return;
  core_.consumed(id, n);
  touch();
}

void LiveConnection::carry_messages(flow::FlowId id) {
  core_.keep_messages(id);
  core_.accept_clear(id);
}

void LiveConnection::close_flow(flow::FlowId id) {
  flows_.erase(id);
  if (why_) return;
  core_.close_flow(id);
  touch();
}

}  // namespace nb::conn
