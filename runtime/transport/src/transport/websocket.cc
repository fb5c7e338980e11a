#include "transport/websocket.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include <sys/types.h>
#include <wslay/wslay.h>

#include <nb/base/check.h>

#include "transport/errors.h"

namespace nb::transport {
namespace {

// Pongs that the peer has not read; then it pings for the sake of our memory.
constexpr std::size_t kMaxPongBytes = 256 * 1024;
// Storage above this is given back when it is empty.
constexpr std::size_t kKeptBytes = 16 * 1024;

constexpr std::uint16_t kProtocolError = 1002;
constexpr std::uint16_t kUnsupportedData = 1003;
constexpr std::uint16_t kPolicyViolation = 1008;
constexpr std::uint16_t kMessageTooBig = 1009;

bool is_control(std::uint8_t opcode) { return (opcode & 8) != 0; }

bool is_close_code(std::uint16_t code) {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

void clear(Bytes& bytes) {
  if (bytes.capacity() > kKeptBytes) {
    bytes = Bytes();
  } else {
    bytes.clear();
  }
}

// The peer's words for a log line.
std::string printable(BytesView bytes) {
  std::string text(as_text(bytes));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

}  // namespace

struct WebSocket::Wslay {
  static ssize_t take_input(std::uint8_t* into, std::size_t size, int, void* user) {
    auto& self = *static_cast<WebSocket*>(user);
    const std::size_t n = std::min(size, self.input_.size());
    if (n == 0) return -1;
    std::memcpy(into, self.input_.data(), n);
    self.input_ = self.input_.subspan(n);
    return static_cast<ssize_t>(n);
  }

  static ssize_t put_output(const std::uint8_t* bytes, std::size_t size, int, void* user) {
    Bytes& output = static_cast<WebSocket*>(user)->output_;
    output.insert(output.end(), bytes, bytes + size);
    return static_cast<ssize_t>(size);
  }

  static int make_mask(std::uint8_t* into, std::size_t size, void* user) {
    static_cast<WebSocket*>(user)->draw_mask({into, size});
    return 0;
  }
};

WebSocket::WebSocket(Role role, RandomSource random, std::size_t limit)
    : role_(role), random_(std::move(random)), limit_(limit), wslay_(nullptr, wslay_frame_context_free) {
  const wslay_frame_callbacks callbacks{&Wslay::put_output, &Wslay::take_input, &Wslay::make_mask};
  wslay_frame_context* made = nullptr;
  NB_CHECK(wslay_frame_context_init(&made, &callbacks, this) == 0, "there is memory for a websocket");
  wslay_.reset(made);
}

WebSocket::~WebSocket() = default;

// ---- receiving ----

void WebSocket::feed(BytesView bytes) {
  NB_CHECK(input_.empty(), "the input before this one is used up");
  if (!has_ended_) input_ = bytes;
}

WebSocket::Status WebSocket::next(std::span<std::uint8_t>& message) {
  if (std::exchange(was_given_, false)) message_.clear();
  while (!has_ended_) {
    wslay_frame_iocb frame{};
    const ssize_t n = wslay_frame_recv(wslay_.get(), &frame);
    if (n == WSLAY_ERR_WANT_READ) {
      if (message_.empty()) clear(message_);
      return Status::kNeedMore;
    }
    if (n < 0) return fail(kProtocolError, "a malformed frame");
    if (!is_in_frame_) {
      const char* why = nullptr;
      if (const std::uint16_t code = check_begin(frame, why); code != 0) return fail(code, why);
      is_in_frame_ = true;
      frame_left_ = frame.payload_length;
    }
    const BytesView data(frame.data, static_cast<std::size_t>(n));
    frame_left_ -= data.size();
    if (is_control(frame.opcode)) {
      std::copy(data.begin(), data.end(), control_.begin() + static_cast<std::ptrdiff_t>(control_size_));
      control_size_ += data.size();
    } else {
      // What the header promises is not reserved: it may never come.
      message_.insert(message_.end(), data.begin(), data.end());
    }
    if (frame_left_ > 0) continue;
    is_in_frame_ = false;
    if (is_control(frame.opcode)) {
      if (end_control(frame.opcode) == Status::kEnded) return Status::kEnded;
      continue;
    }
    is_in_message_ = frame.fin == 0;
    if (is_in_message_) continue;
    was_given_ = true;
    message = message_;
    return Status::kMessage;
  }
  return Status::kEnded;
}

std::uint16_t WebSocket::check_begin(const wslay_frame_iocb& frame, const char*& why) const {
  const auto no = [&why](std::uint16_t code, const char* text) {
    why = text;
    return code;
  };
  if (frame.rsv != 0) return no(kProtocolError, "a frame with reserved bits");
  if ((frame.mask != 0) != (role_ == Role::kServer)) {
    return no(kProtocolError,
              role_ == Role::kServer ? "a client's frame that is not masked" : "a server's masked frame");
  }
  switch (frame.opcode) {
    case WSLAY_CONNECTION_CLOSE:
    case WSLAY_PING:
    case WSLAY_PONG:
      return 0;  // wslay has looked at their length, and that they are whole
    case WSLAY_TEXT_FRAME:
      return no(kUnsupportedData, "a text message");
    case WSLAY_BINARY_FRAME:
      if (is_in_message_) return no(kProtocolError, "a new message inside a fragmented one");
      break;
    case WSLAY_CONTINUATION_FRAME:
      if (!is_in_message_) return no(kProtocolError, "a continuation of nothing");
      break;
    default:
      return no(kProtocolError, "a frame with a reserved opcode");
  }
  // A limit that was lowered may be below what is there already.
  if (message_.size() > limit_ || frame.payload_length > limit_ - message_.size()) {
    return no(kMessageTooBig, "a message that is too long");
  }
  return 0;
}

WebSocket::Status WebSocket::end_control(std::uint8_t opcode) {
  if (opcode == WSLAY_CONNECTION_CLOSE) return peer_closed();
  const BytesView content = BytesView(control_).first(std::exchange(control_size_, 0));
  if (opcode == WSLAY_PING && !is_close_sent_) {
    const std::size_t before = output_.size();
    put_frame(WSLAY_PONG, {&content, 1});
    pong_bytes_ += output_.size() - before;
    if (pong_bytes_ > kMaxPongBytes) return fail(kPolicyViolation, "more pings than it reads the answers to");
  }
  return Status::kNeedMore;
}

WebSocket::Status WebSocket::peer_closed() {
  const BytesView content = BytesView(control_).first(control_size_);
  has_ended_ = true;
  input_ = {};
  if (content.empty()) {
    close_with(0, "");
    return Status::kEnded;
  }
  const auto code = static_cast<std::uint16_t>(content.size() == 1 ? 0 : content[0] << 8 | content[1]);
  if (!is_close_code(code)) return fail(kProtocolError, "a close frame without a sound code");
  close_with(code, "");
  constexpr std::uint16_t kNormal = 1000;
  constexpr std::uint16_t kGoingAway = 1001;
  if (code != kNormal && code != kGoingAway) {
    why_ = network_error("the peer closed the websocket with code " + std::to_string(code) + ": `" +
                         printable(content.subspan(2)) + "`");
  }
  return Status::kEnded;
}

WebSocket::Status WebSocket::fail(std::uint16_t code, std::string_view why) {
  close_with(code, "");
  has_ended_ = true;
  input_ = {};
  message_ = Bytes();
  why_ = network_error("the peer breaks the websocket protocol: " + std::string(why));
  return Status::kEnded;
}

// ---- sending ----

void WebSocket::send(std::span<const BytesView> slices) {
  if (!is_close_sent_) put_frame(WSLAY_BINARY_FRAME, slices);
}

void WebSocket::put_frame(std::uint8_t opcode, std::span<const BytesView> slices) {
  wslay_frame_iocb frame{};
  frame.fin = 1;
  frame.opcode = opcode;
  frame.mask = role_ == Role::kClient ? 1 : 0;
  for (const BytesView slice : slices) frame.payload_length += slice.size();
  constexpr std::size_t kLongestHeader = 14;
  const std::size_t wanted = output_.size() + kLongestHeader + frame.payload_length;
  if (wanted > output_.capacity()) output_.reserve(std::max(wanted, 2 * output_.capacity()));
  // The first call writes the header too, also of a frame without content.
  std::uint64_t written = 0;
  bool is_begun = false;
  for (const BytesView slice : slices) {
    if (slice.empty()) continue;
    frame.data = slice.data();
    frame.data_length = slice.size();
    const ssize_t n = wslay_frame_send(wslay_.get(), &frame);
    NB_CHECK(n == static_cast<ssize_t>(slice.size()), "a frame is written whole");
    written += slice.size();
    is_begun = true;
  }
  if (!is_begun) {
    NB_CHECK(wslay_frame_send(wslay_.get(), &frame) == 0, "an empty frame is written whole");
  }
  NB_CHECK(written == frame.payload_length, "a frame is as long as its header says");
}

void WebSocket::close_with(std::uint16_t code, std::string_view reason) {
  if (std::exchange(is_close_sent_, true)) return;
  Bytes content;
  if (code != 0) {
    content = {static_cast<std::uint8_t>(code >> 8), static_cast<std::uint8_t>(code & 0xff)};
    content.insert(content.end(), reason.begin(), reason.end());
  }
  const BytesView slice = content;
  put_frame(WSLAY_CONNECTION_CLOSE, {&slice, 1});
}

void WebSocket::draw_mask(std::span<std::uint8_t> mask) {
  if (masks_.size() - next_mask_ < mask.size()) {
    random_(masks_);
    next_mask_ = 0;
  }
  std::copy_n(masks_.begin() + static_cast<std::ptrdiff_t>(next_mask_), mask.size(), mask.begin());
  next_mask_ += mask.size();
}

void WebSocket::sent(std::size_t n) {
  NB_CHECK(n <= output_.size() - sent_, "no more is sent than there is");
  sent_ += n;
  if (sent_ == output_.size()) {
    clear(output_);
    sent_ = 0;
    pong_bytes_ = 0;
  } else if (sent_ >= output_.size() / 2) {
    // So that a peer who reads slowly, but never runs dry, does not make this grow.
    output_.erase(output_.begin(), output_.begin() + static_cast<std::ptrdiff_t>(sent_));
    sent_ = 0;
  }
}

}  // namespace nb::transport
