#include "transport/websocket_dial.h"

#include <array>
#include <utility>

#include "transport/errors.h"
#include "transport/http_head.h"
#include "transport/http_upgrade.h"
#include "transport/websocket_stream.h"

namespace nb::transport {
namespace {

constexpr std::size_t kAnswerReadSize = 1024;

// Handlers hold it weakly, so dropping the handle ends everything.
class WebSocketDialing final : public Dialing, public std::enable_shared_from_this<WebSocketDialing> {
 public:
  WebSocketDialing(std::shared_ptr<Loop> loop, std::string protocol, std::string address, RandomSource random,
                   DialDone done)
      : loop_(std::move(loop)),
        protocol_(std::move(protocol)),
        address_(std::move(address)),
        random_(std::move(random)),
        done_(std::move(done)) {}

  ~WebSocketDialing() override {
    loop_->forget(timer_);
    if (stream_) stream_->close();
  }

  void start(Protocol& bytes, const std::string& below, const DialOptions& options) {
    if (options.deadline) {
      timer_ = loop_->call_at(*options.deadline, [weak = weak_from_this()] {
        if (auto self = weak.lock()) self->finish(dial_timed_out(self->target()));
      });
    }
    dialing_ = bytes.dial(loop_, below, address_, options, [weak = weak_from_this()](auto stream) {
      auto self = weak.lock();
      if (!self || !self->done_) return;
      if (!stream) return self->finish(stream.error());
      self->stream_ = std::move(*stream);
      self->upgrade();
    });
  }

 private:
  std::string target() const { return protocol_ + " " + address_; }

  void upgrade() {
    key_ = make_websocket_key(random_);
    const auto request = upgrade_request(address_, key_);
    if (!request) return fail(request.error());
    const BytesView slice = as_bytes(*request);
    // A few hundred bytes, and the first ones: they fit.
    const auto sent = stream_->try_write({&slice, 1});
    if (!sent) return fail(sent.error());
    if (*sent != slice.size()) return fail(dial_failed("the connection does not take the request"));
    read_answer();
  }

  void read_answer() {
    stream_->read_some(buffer_, [weak = weak_from_this()](const Result<std::size_t>& n) {
      auto self = weak.lock();
      if (!self || !self->done_) return;
      if (!n) return self->fail(n.error());
      if (*n == 0) return self->fail(dial_failed("the server hangs up in place of upgrading to a websocket"));
      self->came(BytesView(self->buffer_).first(*n));
    });
  }

  void came(BytesView bytes) {
    const auto taken = head_.feed(bytes);
    if (!taken) return fail(taken.error());
    if (!head_.is_complete()) return read_answer();
    if (const auto agreed = check_upgrade_answer(head_.head(), key_); !agreed) return fail(agreed.error());
    const BytesView rest = bytes.subspan(*taken);
    finish(make_websocket_stream(std::exchange(stream_, nullptr), WebSocket::Role::kClient, random_, protocol_,
                                 Bytes(rest.begin(), rest.end())));
  }

  // Whatever went wrong once we were connected, to the caller it is a dial that failed.
  void fail(const Error& why) { finish(dial_failed("dialing " + target() + ": " + std::string(why.message()))); }

  void finish(Result<std::shared_ptr<Stream>> result) {
    if (!done_) return;
    const auto self = shared_from_this();
    loop_->forget(timer_);
    if (const auto stream = std::exchange(stream_, nullptr)) stream->close();
    std::exchange(done_, nullptr)(std::move(result));
  }

  const std::shared_ptr<Loop> loop_;  // shared by what lives on it
  const std::string protocol_;
  const std::string address_;
  const RandomSource random_;
  DialDone done_;  // empty: finished
  TimerId timer_ = TimerId::kNone;
  std::shared_ptr<Dialing> dialing_;
  std::shared_ptr<Stream> stream_;  // between the two parts of the dial
  std::string key_;
  std::array<std::uint8_t, kAnswerReadSize> buffer_{};
  HttpHeadReader head_;
};

}  // namespace

std::shared_ptr<Dialing> dial_websocket(const std::shared_ptr<Protocol>& bytes, const std::shared_ptr<Loop>& loop,
                                        const std::string& protocol, const std::string& below,
                                        const std::string& address, DialOptions options, RandomSource random,
                                        DialDone done) {
  auto dialing = std::make_shared<WebSocketDialing>(loop, protocol, address, std::move(random), std::move(done));
  dialing->start(*bytes, below, options);
  return dialing;
}

}  // namespace nb::transport
