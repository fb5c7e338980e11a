#include "conn/live_flow.h"

#include <algorithm>
#include <utility>

#include "conn/live_connection.h"

namespace nb::conn {

LiveFlow::LiveFlow(std::shared_ptr<LiveConnection> connection, flow::FlowId id, flow::ShownBlessings local,
                   flow::ShownBlessings remote)
    : connection_(std::move(connection)), id_(id), local_(std::move(local)), remote_(std::move(remote)) {}

LiveFlow::~LiveFlow() {
  // The peer waits for the bytes that nobody is going to read. When the loop has stopped, there is no peer any more.
  if (unread_ > 0) {
    connection_->post([connection = connection_, id = id_] { connection->close_flow(id); });
  }
}

Connection& LiveFlow::connection() { return *connection_; }

void LiveFlow::listen(std::weak_ptr<FlowListener> listener) {
  const auto self = shared_from_this();
  listener_ = std::move(listener);
  has_listener_ = true;
  while (has_early()) {
    const auto to = reader();
    if (!to) return;
    Bytes payload = take_first();
    if (payload.empty()) {
      payload = std::move(early_->front());
      early_->pop_front();
    }
    to->on_payload(std::move(payload));
  }
  if (std::exchange(is_closed_untold_, false)) {
    if (const auto to = reader()) to->on_closed(why_);
  }
}

std::shared_ptr<FlowListener> LiveFlow::reader() {
  auto to = listener_.lock();
  if (!to) close();
  return to;
}

void LiveFlow::write(Bytes payload, bool close) {
  if (!is_open_) return;
  if (close) is_open_ = false;
  connection_->write(id_, std::move(payload), close);
}

std::size_t LiveFlow::pending() const { return is_finished_ ? 0 : connection_->pending(id_); }

void LiveFlow::carry_messages() { connection_->carry_messages(id_); }

void LiveFlow::send_clear() { connection_->send_clear(id_); }

std::size_t LiveFlow::max_message() const { return static_cast<std::size_t>(connection_->mtu()); }

void LiveFlow::consumed(std::size_t n) {
  n = std::min(n, unread_);
  if (n == 0) return;
  unread_ -= n;
  connection_->consumed(id_, n);
}

void LiveFlow::close() {
  first_ = Bytes();
  early_ = nullptr;
  is_closed_untold_ = false;
  is_open_ = false;
  // Also when the flow is over: that gives up the bytes that nobody has read.
  if (!std::exchange(is_finished_, true) || unread_ > 0) {
    unread_ = 0;
    connection_->close_flow(id_);
  }
}

void LiveFlow::tell_payload(Bytes payload) {
  unread_ += payload.size();
  if (!has_listener_ || has_early()) {  // with a listener: listen() is at work further up the stack
    if (!has_early()) {
      first_ = std::move(payload);
    } else {
      if (early_ == nullptr) early_ = std::make_unique<std::deque<Bytes>>();
      early_->push_back(std::move(payload));
    }
    return;
  }
  if (const auto to = reader()) to->on_payload(std::move(payload));
}

void LiveFlow::tell_drained() {
  if (const auto to = listener_.lock()) to->on_drained();
}

void LiveFlow::tell_closed(const Error& why) {
  is_open_ = false;
  is_finished_ = true;
  why_ = why;
  if (!has_listener_ || has_early()) {
    is_closed_untold_ = true;
    return;
  }
  if (const auto to = reader()) to->on_closed(why_);
}

}  // namespace nb::conn
