// Frames of a stream transport: three bytes, highest first, 0xffffff minus the length, then the content
// (docs/spec/flow-protocol.md 2.1). FrameReader finds them in bytes that arrive cut anywhere.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <nb/base/bytes.h>

#include "flow/mutable_bytes.h"

namespace nb::flow {

inline constexpr std::size_t kFrameHeaderSize = 3;
inline constexpr std::size_t kMaxFrameSize = 0xffffff;

// `size` is at most kMaxFrameSize.
std::array<std::uint8_t, kFrameHeaderSize> frame_header(std::size_t size);

class FrameReader {
 public:
  enum class Status : std::uint8_t { kFrame, kNeedMore, kTooLong };

  explicit FrameReader(std::size_t limit) : limit_(limit) {}

  // The longest content accepted from the next frame on.
  void set_limit(std::size_t limit) { limit_ = limit; }
  std::size_t limit() const { return limit_; }

  // Hands in bytes; they must stay until next() has said kNeedMore, and only then may more be fed.
  void feed(MutableBytes bytes);

  // kFrame: `frame` is the content of the next one, valid until the next call; it may be opened where it lies. kTooLong
  // is said as soon as the header is there, before anything is kept for its content, and stays.
  Status next(MutableBytes& frame);

 private:
  std::size_t limit_;
  MutableBytes input_;
  Bytes partial_;  // header and beginning of a frame that is spread over several feeds
  bool partial_was_given_ = false;
};

}  // namespace nb::flow
