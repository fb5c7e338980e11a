#include "flow/frame_reader.h"

#include <algorithm>

#include <nb/base/check.h>

namespace nb::flow {
namespace {

std::size_t content_size(BytesView header) {
  const std::size_t value = std::size_t{header[0]} << 16 | std::size_t{header[1]} << 8 | header[2];
  return kMaxFrameSize - value;
}

}  // namespace

std::array<std::uint8_t, kFrameHeaderSize> frame_header(std::size_t size) {
  NB_CHECK(size <= kMaxFrameSize, "a frame's length fits in three bytes");
  const std::size_t value = kMaxFrameSize - size;
  return {static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 8),
          static_cast<std::uint8_t>(value)};
}

void FrameReader::feed(MutableBytes bytes) {
  NB_CHECK(input_.empty(), "frames are taken out until more bytes are needed");
  input_ = bytes;
}

FrameReader::Status FrameReader::next(MutableBytes& frame) {
  if (partial_was_given_) {
    partial_.clear();
    partial_was_given_ = false;
  }
  const auto move_to_partial = [this](std::size_t n) {
    n = std::min(n, input_.size());
    partial_.insert(partial_.end(), input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(n));
    input_ = input_.subspan(n);
  };

  if (partial_.empty() && input_.size() >= kFrameHeaderSize) {
    const std::size_t size = content_size(input_);
    if (size > limit_) return Status::kTooLong;
    if (input_.size() - kFrameHeaderSize >= size) {  // all there: no copy
      frame = input_.subspan(kFrameHeaderSize, size);
      input_ = input_.subspan(kFrameHeaderSize + size);
      return Status::kFrame;
    }
  }
  if (partial_.size() < kFrameHeaderSize) move_to_partial(kFrameHeaderSize - partial_.size());
  if (partial_.size() < kFrameHeaderSize) return Status::kNeedMore;
  const std::size_t size = content_size(partial_);
  if (size > limit_) {
    input_ = {};
    return Status::kTooLong;
  }
  move_to_partial(kFrameHeaderSize + size - partial_.size());
  if (partial_.size() < kFrameHeaderSize + size) return Status::kNeedMore;
  frame = MutableBytes(partial_).subspan(kFrameHeaderSize);
  partial_was_given_ = true;
  return Status::kFrame;
}

}  // namespace nb::flow
