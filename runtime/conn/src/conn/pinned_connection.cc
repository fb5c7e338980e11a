#include "conn/pinned_connection.h"

#include <algorithm>
#include <utility>

namespace nb::conn {
namespace {

constexpr std::chrono::milliseconds kFirstPause(50);
constexpr std::chrono::milliseconds kLongestPause(60'000);

}  // namespace

PinnedConnection::PinnedConnection(std::shared_ptr<EventLoop> event_loop, flow::Duration channel_timeout, Dial dial)
    : event_loop_(std::move(event_loop)),
      channel_timeout_(channel_timeout),
      dial_(std::move(dial)),
      pause_(kFirstPause) {}

PinnedConnection::~PinnedConnection() { unpin(); }

std::shared_ptr<Connection> PinnedConnection::connection() const {
  std::lock_guard lock(mutex_);
  return connection_;
}

void PinnedConnection::let_go(const std::shared_ptr<LiveConnection>& connection) const {
  if (connection) connection->post([connection, timeout = channel_timeout_] { connection->unpin(timeout); });
}

void PinnedConnection::unpin() {
  std::shared_ptr<LiveConnection> connection;
  TimerId timer;
  Canceler canceler;
  {
    std::lock_guard lock(mutex_);
    if (std::exchange(is_unpinned_, true)) return;
    connection = connection_;
    timer = std::exchange(timer_, TimerId::kNone);
    canceler = std::exchange(canceler_, Canceler());
  }
  event_loop_->forget(timer);
  canceler.cancel();
  let_go(connection);
}

void PinnedConnection::hold(const std::shared_ptr<LiveConnection>& connection) {
  std::shared_ptr<LiveConnection> old;
  {
    std::lock_guard lock(mutex_);
    if (is_unpinned_) return;
    connection->pin(channel_timeout_);
    old = std::exchange(connection_, connection);
    pause_ = kFirstPause;
    canceler_ = Canceler();
  }
  let_go(old);
  connection->when_closed([weak = weak_from_this()](const Error&) {
    if (auto self = weak.lock()) self->lost();
  });
}

void PinnedConnection::lost() {
  std::lock_guard lock(mutex_);
  if (is_unpinned_) return;
  timer_ = event_loop_->call_at(event_loop_->clock()->now() + pause_, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->dial_again();
  });
  pause_ = std::min(pause_ * 2, kLongestPause);
}

void PinnedConnection::dial_again() {
  auto [context, canceler] = Context::root(event_loop_).with_cancel();
  {
    std::lock_guard lock(mutex_);
    if (is_unpinned_) return;
    timer_ = TimerId::kNone;
    canceler_ = canceler;
  }
  dial_(context, [weak = weak_from_this()](const Result<Dialed>& dialed) {
    auto self = weak.lock();
    if (!self) return;
    if (!dialed) return self->lost();
    self->hold(std::static_pointer_cast<LiveConnection>(dialed->connection));
  });
}

}  // namespace nb::conn
