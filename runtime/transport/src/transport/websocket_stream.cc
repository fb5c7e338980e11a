#include "transport/websocket_stream.h"

#include <optional>
#include <utility>

#include <nb/base/check.h>

#include "transport/errors.h"

namespace nb::transport {
namespace {

constexpr std::size_t kFirstLimit = 64 * 1024;  // until somebody knows better; a Setup is no longer
constexpr std::size_t kFull = 256 * 1024;       // unsent bytes with which no more is taken

class WebSocketStream final : public MessageStream, public std::enable_shared_from_this<WebSocketStream> {
 public:
  WebSocketStream(std::shared_ptr<Stream> bytes, WebSocket::Role role, RandomSource random, std::string protocol,
                  Bytes first)
      : loop_(bytes->loop()),
        bytes_(std::move(bytes)),
        socket_(role, std::move(random), kFirstLimit),
        protocol_(std::move(protocol)),
        first_(std::move(first)) {}

  ~WebSocketStream() override { close(); }

  void read_messages(std::span<std::uint8_t> room, Message message, ReadDone done) override {
    NB_CHECK(!read_done_, "one read at a time");
    room_ = room;
    message_ = std::move(message);
    read_done_ = std::move(done);
    if (first_.empty() && !has_ended_) return read_bytes();
    loop_->post([weak = weak_from_this()] {
      auto self = weak.lock();
      if (!self || !self->read_done_) return;
      const Bytes first = std::exchange(self->first_, {});
      self->came(first);
    });
  }

  void limit_messages(std::size_t limit) override { socket_.limit_messages(limit); }

  Result<bool> try_write_message(std::span<const BytesView> slices) override {
    if (is_closed_ || socket_.is_close_sent()) {
      return network_error("writing to " + remote_address() + ": the websocket is closed");
    }
    if (is_full()) flush();
    if (write_error_) return *write_error_;
    if (is_full()) return false;
    socket_.send(slices);
    flush_at_end_of_turn();
    return true;
  }

  void when_writable(std::function<void()> done) override {
    NB_CHECK(!write_done_, "one wait for room at a time");
    write_done_ = std::move(done);
    loop_->post([weak = weak_from_this()] {
      if (auto self = weak.lock()) self->flush();
    });
  }

  void shut_down_writes() override {
    if (is_closed_ || std::exchange(is_shutting_down_, true)) return;
    socket_.close();
    flush();
  }

  // What fits the system's buffer now still leaves, as on a byte stream.
  void close() override {
    if (std::exchange(is_closed_, true)) return;
    socket_.close();
    const BytesView rest = socket_.output();
    if (!rest.empty() && !write_error_) (void)bytes_->try_write({&rest, 1});
    forget_callbacks();
    bytes_->close();
  }

  void abort() override {
    is_closed_ = true;
    forget_callbacks();
    bytes_->abort();
  }

  const std::shared_ptr<Loop>& loop() const override { return loop_; }
  const std::string& protocol() const override { return protocol_; }
  const std::string& local_address() const override { return bytes_->local_address(); }
  const std::string& remote_address() const override { return bytes_->remote_address(); }

 private:
  bool is_full() const { return socket_.output().size() >= kFull; }

  void forget_callbacks() {
    message_ = nullptr;
    read_done_ = nullptr;
    write_done_ = nullptr;
  }

  // ---- reading ----

  void read_bytes() {
    bytes_->read_some(room_, [weak = weak_from_this()](const Result<std::size_t>& n) {
      auto self = weak.lock();
      if (!self || !self->read_done_) return;
      if (!n) return self->read_ended(n.error());
      // An end without a close frame is an end all the same, as it is on a byte stream.
      if (*n == 0) return self->read_ended(std::size_t{0});
      self->came(self->room_.first(*n));
    });
  }

  void came(BytesView bytes) {
    const auto self = shared_from_this();  // `message` and `done` may let go of it
    socket_.feed(bytes);
    std::size_t count = 0;
    std::span<std::uint8_t> message;
    WebSocket::Status status{};
    while ((status = socket_.next(message)) == WebSocket::Status::kMessage) {
      ++count;
      message_(message);
    }
    has_ended_ = status == WebSocket::Status::kEnded;
    flush();  // pongs, or a close frame
    if (!read_done_) return;
    if (count > 0) return read_ended(count);
    if (!has_ended_) return read_bytes();
    if (socket_.why_ended()) return read_ended(socket_.why_ended());
    read_ended(std::size_t{0});
  }

  void read_ended(Result<std::size_t> result) {
    message_ = nullptr;
    std::exchange(read_done_, nullptr)(std::move(result));
  }

  // ---- writing ----

  // All messages of a turn leave with one system call.
  void flush_at_end_of_turn() {
    if (!loop_->is_current()) return flush();
    if (std::exchange(is_flush_planned_, true)) return;
    loop_->defer([weak = weak_from_this()] {
      if (auto self = weak.lock()) self->flush();
    });
  }

  void flush() {
    is_flush_planned_ = false;
    if (is_closed_) return;
    if (!is_waiting_ && !write_error_) write_some();
    if (write_done_ && (write_error_ || !is_full())) {
      const auto self = shared_from_this();
      std::exchange(write_done_, nullptr)();
    }
  }

  void write_some() {
    const BytesView rest = socket_.output();
    if (!rest.empty()) {
      const auto n = bytes_->try_write({&rest, 1});
      if (!n) {
        write_error_ = n.error();
        return;
      }
      socket_.sent(*n);
    }
    if (socket_.output().empty()) {
      if (is_shutting_down_ || has_ended_) bytes_->shut_down_writes();
      return;
    }
    is_waiting_ = true;
    bytes_->when_writable([weak = weak_from_this()] {
      auto self = weak.lock();
      if (!self) return;
      self->is_waiting_ = false;
      self->flush();
    });
  }

  const std::shared_ptr<Loop> loop_;  // shared by what lives on it
  const std::shared_ptr<Stream> bytes_;
  WebSocket socket_;
  const std::string protocol_;
  Bytes first_;
  std::span<std::uint8_t> room_;
  Message message_;
  ReadDone read_done_;
  bool has_ended_ = false;
  std::function<void()> write_done_;
  std::optional<Error> write_error_;
  bool is_flush_planned_ = false;
  bool is_waiting_ = false;  // for room in bytes_
  bool is_shutting_down_ = false;
  bool is_closed_ = false;
};

}  // namespace

std::shared_ptr<Stream> make_websocket_stream(std::shared_ptr<Stream> bytes, WebSocket::Role role, RandomSource random,
                                              std::string protocol, Bytes first) {
  return std::make_shared<WebSocketStream>(std::move(bytes), role, std::move(random), std::move(protocol),
                                           std::move(first));
}

}  // namespace nb::transport
