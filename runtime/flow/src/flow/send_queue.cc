#include "flow/send_queue.h"

#include <algorithm>
#include <utility>

namespace nb::flow {

SendQueue::Chunk SendQueue::chunk_of(Bytes bytes) {
  Chunk chunk;
  if (bytes.size() < kKeepFrom) {
    chunk.held = std::move(bytes);
  } else {
    chunk.held = std::make_shared<Bytes>(std::move(bytes));
  }
  return chunk;
}

void SendQueue::push(Bytes bytes) {
  if (bytes.empty()) return;
  const bool is_first = size_ == 0;
  size_ += bytes.size();
  if (is_first) {
    front_ = chunk_of(std::move(bytes));
    return;
  }
  if (more_ == nullptr) more_ = std::make_unique<Fifo<Chunk>>();
  more_->push_back(chunk_of(std::move(bytes)));
}

std::size_t SendQueue::next_payload(std::size_t limit) const {
  std::size_t n = std::min(front_.size(), limit);
  if (n >= kKeepFrom || more_ == nullptr) return n;
  for (std::size_t i = 0; i < more_->size() && n < limit; ++i) {
    const std::size_t slice = std::min((*more_)[i].size(), limit - n);
    n += slice;
    if (slice >= kKeepFrom) break;
  }
  return n;
}

void SendQueue::append_slice(Output& output, std::size_t n) const {
  if (n < kKeepFrom) {
    output.append(BytesView(front_.bytes()).subspan(front_.begin, n));
  } else {
    output.append(std::get<Shared>(front_.held), front_.begin, n);
  }
}

void SendQueue::move_to(Output& output, std::size_t n) {
  size_ -= n;
  while (n > 0) {
    const std::size_t slice = std::min(front_.size(), n);
    append_slice(output, slice);
    n -= slice;
    front_.begin += slice;
    if (front_.size() > 0) continue;
    front_ = Chunk();
    if (more_ == nullptr || more_->empty()) continue;
    front_ = std::move(more_->front());
    more_->pop_front();
  }
}

void SendQueue::clear() {
  front_ = Chunk();
  more_ = nullptr;
  size_ = 0;
}

}  // namespace nb::flow
