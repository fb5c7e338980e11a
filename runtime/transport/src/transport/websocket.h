// WebSocket: one end of an open websocket (RFC 6455), without I/O. Wslay finds and makes the frames; what they mean,
// and what is refused, stands here.
//
//   websocket.feed(bytes_from_the_socket);
//   while (websocket.next(message) == WebSocket::Status::kMessage) …
//   websocket.send(slices);
//   send(websocket.output()), websocket.sent(n);
//
// One binary message is one frame of the flow layer, without the three bytes of length that it has on a byte stream
// (docs/spec/flow-protocol.md 2.3). Pings are answered, pongs ignored. The peer is not trusted: text, wrong masking,
// reserved bits and opcodes, broken fragmentation and messages beyond the limit end it with the close code that the RFC
// has for them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include <nb/base/bytes.h>
#include <nb/base/error.h>

#include "transport/random_source.h"

struct wslay_frame_context;
struct wslay_frame_iocb;

namespace nb::transport {

class WebSocket {
 public:
  enum class Role : std::uint8_t { kClient, kServer };  // the client masks what it sends, the server does not
  enum class Status : std::uint8_t { kMessage, kNeedMore, kEnded };

  // `random` makes the masks. `limit` is the longest message accepted, in bytes.
  WebSocket(Role role, RandomSource random, std::size_t limit);
  ~WebSocket();
  WebSocket(const WebSocket&) = delete;
  WebSocket& operator=(const WebSocket&) = delete;

  // From the next frame on.
  void limit_messages(std::size_t limit) { limit_ = limit; }

  // Hands in bytes; they must stay until next() has not given a message, and only then may more be fed.
  void feed(BytesView bytes);
  // kMessage: `message` is whole, valid until the next call, and the caller's to change. kEnded is said for ever; see
  // why_ended(). Any call may leave output.
  Status next(std::span<std::uint8_t>& message);
  // No error: the peer has closed it in an orderly way.
  const Error& why_ended() const { return why_; }

  // One binary message, gathered. After a close, ours or in answer to the peer's, it does nothing.
  void send(std::span<const BytesView> slices);
  // Says that we are going away: code 1001, reason "EOF". What the peer still says can be read.
  void close() { close_with(1001, "EOF"); }
  bool is_close_sent() const { return is_close_sent_; }

  BytesView output() const { return BytesView(output_).subspan(sent_); }
  void sent(std::size_t n);  // the first n bytes of output()

 private:
  struct Wslay;  // its callbacks

  Status fail(std::uint16_t code, std::string_view why);
  // A close code, or 0 when the beginning of the frame is fine.
  std::uint16_t check_begin(const wslay_frame_iocb& frame, const char*& why) const;
  Status end_control(std::uint8_t opcode);
  Status peer_closed();
  void put_frame(std::uint8_t opcode, std::span<const BytesView> slices);
  void close_with(std::uint16_t code, std::string_view reason);
  void draw_mask(std::span<std::uint8_t> mask);

  const Role role_;
  const RandomSource random_;
  std::size_t limit_;
  std::unique_ptr<wslay_frame_context, void (*)(wslay_frame_context*)> wslay_;

  BytesView input_;
  bool is_in_frame_ = false;
  std::uint64_t frame_left_ = 0;
  bool is_in_message_ = false;  // a fragment came, and not yet the last one
  bool was_given_ = false;      // message_ was the last result of next()
  Bytes message_;
  std::array<std::uint8_t, 125> control_{};
  std::size_t control_size_ = 0;
  bool has_ended_ = false;
  Error why_;

  Bytes output_;
  std::size_t sent_ = 0;
  std::size_t pong_bytes_ = 0;  // of pongs since there was no output
  bool is_close_sent_ = false;
  std::array<std::uint8_t, 256> masks_{};  // drawn ahead: a call of the system for each frame is dear
  std::size_t next_mask_ = masks_.size();
};

}  // namespace nb::transport
