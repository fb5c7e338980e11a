#include "flow/send_queue.h"

#include <algorithm>

namespace nb::flow {

void SendQueue::push(Bytes bytes) {
  if (bytes.empty()) return;
  size_ += bytes.size();
  chunks_.push_back({std::make_shared<Bytes>(std::move(bytes)), 0});
}

std::size_t SendQueue::next_payload(std::size_t limit) const {
  std::size_t n = 0;
  for (std::size_t i = first_; i < chunks_.size() && n < limit; ++i) {
    const std::size_t slice = std::min(chunks_[i].size(), limit - n);
    n += slice;
    if (slice >= kKeepFrom) break;
  }
  return n;
}

void SendQueue::move_to(Output& output, std::size_t n) {
  size_ -= n;
  while (n > 0) {
    Chunk& chunk = chunks_[first_];
    const std::size_t slice = std::min(chunk.size(), n);
    if (slice >= kKeepFrom) {
      output.append(chunk.bytes, chunk.begin, slice);
    } else {
      output.append(BytesView(*chunk.bytes).subspan(chunk.begin, slice));
    }
    n -= slice;
    chunk.begin += slice;
    if (chunk.size() == 0) {
      chunk.bytes.reset();
      ++first_;
    }
  }
  if (first_ == chunks_.size()) {
    chunks_.clear();
    first_ = 0;
  } else if (first_ >= 64 && first_ * 2 >= chunks_.size()) {
    chunks_.erase(chunks_.begin(), chunks_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

void SendQueue::clear() {
  chunks_.clear();
  first_ = 0;
  size_ = 0;
}

}  // namespace nb::flow
