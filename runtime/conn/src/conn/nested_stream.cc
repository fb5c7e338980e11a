#include "conn/nested_stream.h"

#include <utility>

#include "transport/errors.h"

namespace nb::conn {
namespace {

// A writer that has so much waiting in the flow is told to wait itself.
constexpr std::size_t kMostPending = 256 * 1024;

}  // namespace

std::shared_ptr<NestedStream> NestedStream::over(std::shared_ptr<Loop> loop, std::shared_ptr<Flow> flow,
                                                 std::string if_silent) {
  std::shared_ptr<NestedStream> stream(new NestedStream(std::move(loop), flow, std::move(if_silent)));
  flow->carry_messages();
  flow->listen(stream);
  return stream;
}

NestedStream::NestedStream(std::shared_ptr<Loop> loop, std::shared_ptr<Flow> flow, std::string if_silent)
    : loop_(std::move(loop)),
      flow_(std::move(flow)),
      if_silent_(std::move(if_silent)),
      carrier_(flow_->connection().local_endpoint()),
      remote_(flow_->connection().remote_endpoint()) {}

NestedStream::~NestedStream() { close(); }

// ---- reading ----

void NestedStream::on_payload(Bytes payload) {
  if (is_closed_) return;
  unread_.push_back(std::move(payload));
  plan_delivery();
}

void NestedStream::read_messages(std::span<std::uint8_t>, Message message, ReadDone done) {
  message_ = std::move(message);
  read_done_ = std::move(done);
  plan_delivery();
}

// At the end of the turn, so that everything that the carrier has brought with one read is taken together.
void NestedStream::plan_delivery() {
  if (is_delivery_planned_ || !read_done_ || (unread_.empty() && !end_)) return;
  is_delivery_planned_ = true;
  loop_->defer([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->deliver();
  });
}

void NestedStream::deliver() {
  is_delivery_planned_ = false;
  if (is_closed_ || !read_done_) return;
  const auto message = std::exchange(message_, nullptr);
  const auto done = std::exchange(read_done_, nullptr);
  std::size_t count = 0;
  for (Bytes& payload : std::exchange(unread_, {})) {
    has_read_ = true;
    ++count;
    const std::size_t size = payload.size();
    message(payload);
    flow_->consumed(size);
  }
  if (count > 0) return done(count);
  if (*end_) return done(*end_);
  if (!has_read_) return done(transport::network_error(if_silent_));
  done(std::size_t{0});
}

// ---- writing ----

Result<bool> NestedStream::try_write_message(std::span<const BytesView> slices) {
  if (is_closed_ || end_) return transport::network_error("the flow that carries the connection has ended");
  std::size_t size = 0;
  for (const BytesView slice : slices) size += slice.size();
  if (size > flow_->max_message()) {
    return transport::network_error("a frame of " + std::to_string(size) +
                                    " bytes does not pass the proxy, which takes " +
                                    std::to_string(flow_->max_message()));
  }
  const std::size_t pending = flow_->pending();
  if (pending >= kMostPending) return false;
  // What waits may be a Setup, which is not sealed, and leaves as what follows it does.
  if (is_sealed_ && !is_clear_ && pending == 0) {
    is_clear_ = true;
    flow_->send_clear();
  }
  Bytes message;
  message.reserve(size);
  for (const BytesView slice : slices) message.insert(message.end(), slice.begin(), slice.end());
  flow_->write(std::move(message), false);
  return true;
}

void NestedStream::when_writable(std::function<void()> done) {
  writable_ = std::move(done);
  if (end_ || flow_->pending() == 0) {
    loop_->post([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->wake_writer();
    });
  }
}

void NestedStream::wake_writer() {
  if (const auto writable = std::exchange(writable_, nullptr)) writable();
}

void NestedStream::on_drained() { wake_writer(); }

void NestedStream::shut_down_writes() {
  if (!is_closed_ && !end_) flow_->write({}, true);
}

// ---- the end ----

void NestedStream::on_closed(const Error& why) {
  if (is_closed_) return;
  end_ = why;
  plan_delivery();
  wake_writer();
}

void NestedStream::close() {
  if (std::exchange(is_closed_, true)) return;
  message_ = nullptr;
  read_done_ = nullptr;
  writable_ = nullptr;
  unread_.clear();
  flow_->close();
}

}  // namespace nb::conn
