#include "transport/websocket_accept.h"

#include <array>
#include <chrono>
#include <utility>

#include "transport/http_head.h"
#include "transport/http_upgrade.h"
#include "transport/websocket_stream.h"

namespace nb::transport {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kForFirstByte = 10s;
constexpr std::chrono::seconds kForHead = 1s;
constexpr std::chrono::seconds kForGoodbye = 1s;  // until the peer has read why it was refused
constexpr std::size_t kReadSize = 1024;

}  // namespace

class WebSocketAccepts::Accepting : public std::enable_shared_from_this<Accepting> {
 public:
  Accepting(std::shared_ptr<WebSocketAccepts> all, std::shared_ptr<Stream> stream)
      : all_(all), options_(all->options_), loop_(stream->loop()), stream_(std::move(stream)) {}

  ~Accepting() { drop_stream(); }

  const std::shared_ptr<Loop>& loop() const { return loop_; }

  void start() {
    if (!options_.is_hybrid) return begin_head();
    set_timer(kForFirstByte);
    stream_->peek([weak = weak_from_this()](const Result<std::optional<std::uint8_t>>& first) {
      auto self = weak.lock();
      if (!self || !self->stream_) return;
      if (!first || !*first) return self->leave();
      // No frame begins so: it would be 12 MB long, and the first one is a Setup.
      if (**first == 'G') return self->begin_head();
      self->hand_over(std::move(self->stream_));
    });
  }

  // Without telling the others.
  void drop_stream() {
    loop_->forget(timer_);
    if (auto stream = std::exchange(stream_, nullptr)) stream->close();
  }

 private:
  void begin_head() {
    set_timer(kForHead);
    read_head();
  }

  void read_head() {
    stream_->read_some(buffer_, [weak = weak_from_this()](const Result<std::size_t>& n) {
      auto self = weak.lock();
      if (!self || !self->stream_) return;
      if (n.value_or(0) == 0) return self->leave();
      self->came(BytesView(self->buffer_).first(*n));
    });
  }

  void came(BytesView bytes) {
    if (is_refused_) return read_head();  // until its end
    const auto taken = head_.feed(bytes);
    if (!taken) return refuse(answer_malformed(taken.error()));
    if (!head_.is_complete()) return read_head();
    UpgradeAnswer answer = answer_upgrade(head_.head());
    if (answer.refused) return refuse(answer);
    // As the reference does: a client that does not wait for the answer is none.
    if (*taken != bytes.size()) return leave();
    if (!send(answer.text)) return leave();
    hand_over(make_websocket_stream(std::move(stream_), WebSocket::Role::kServer, options_.random, options_.protocol,
                                    Bytes()));
  }

  void refuse(const UpgradeAnswer& answer) {
    if (!send(answer.text)) return leave();
    is_refused_ = true;
    stream_->shut_down_writes();
    set_timer(kForGoodbye);
    read_head();
  }

  // A few hundred bytes, and the first ones: they fit.
  bool send(std::string_view text) {
    const BytesView slice = as_bytes(text);
    return stream_->try_write({&slice, 1}).value_or(0) == slice.size();
  }

  void set_timer(std::chrono::nanoseconds delay) {
    loop_->forget(timer_);
    timer_ = loop_->call_after(delay, [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->leave();
    });
  }

  void hand_over(std::shared_ptr<Stream> stream) {
    stream_ = nullptr;
    leave();
    loop_->guard([&] { options_.accepted(std::move(stream)); });
  }

  void leave() {
    drop_stream();
    if (const auto all = all_.lock()) all->remove(*this);
  }

  const std::weak_ptr<WebSocketAccepts> all_;
  const Options options_;
  const std::shared_ptr<Loop> loop_;  // shared by what lives on it
  std::shared_ptr<Stream> stream_;    // null: handed over, or dropped
  std::array<std::uint8_t, kReadSize> buffer_{};
  HttpHeadReader head_;
  bool is_refused_ = false;
  TimerId timer_ = TimerId::kNone;
};

void WebSocketAccepts::add(std::shared_ptr<Stream> stream) {
  const auto accepting = std::make_shared<Accepting>(shared_from_this(), std::move(stream));
  std::shared_ptr<Accepting> oldest;
  {
    const std::lock_guard lock(mutex_);
    if (is_closed_) return;  // the stream closes with it
    waiting_.push_back(accepting);
    if (waiting_.size() > options_.most) {
      oldest = std::move(waiting_.front());
      waiting_.pop_front();
    }
  }
  accepting->start();
  if (oldest) oldest->loop()->post_last([oldest] { oldest->drop_stream(); });
}

void WebSocketAccepts::close() {
  Waiting dropped;
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    dropped.swap(waiting_);
  }
  for (const auto& accepting : dropped) {
    accepting->loop()->post_last([accepting] { accepting->drop_stream(); });
  }
}

void WebSocketAccepts::remove(Accepting& accepting) {
  const std::lock_guard lock(mutex_);
  // Its own work holds it, so it does not end here. Those that stay long are in front, the others near the end.
  for (auto it = waiting_.rbegin(); it != waiting_.rend(); ++it) {
    if (it->get() != &accepting) continue;
    waiting_.erase(std::next(it).base());
    return;
  }
}

std::size_t WebSocketAccepts::size() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

}  // namespace nb::transport
