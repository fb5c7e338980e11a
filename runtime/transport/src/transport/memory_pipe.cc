#include "transport/memory_pipe.h"

#include <algorithm>
#include <utility>

namespace nb::transport {

std::size_t MemoryPipe::write(BytesView bytes) {
  std::unique_lock lock(mutex_);
  if (state_ != State::kOpen) return 0;
  const std::size_t n = std::min(bytes.size(), capacity_ - bytes_.size());
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
  wake(std::move(lock));
  return n;
}

std::size_t MemoryPipe::read(std::span<std::uint8_t> into) {
  std::unique_lock lock(mutex_);
  if (state_ == State::kBroken) return 0;
  const std::size_t n = std::min(into.size(), bytes_.size());
  const auto end = bytes_.begin() + static_cast<std::ptrdiff_t>(n);
  std::copy(bytes_.begin(), end, into.begin());
  bytes_.erase(bytes_.begin(), end);
  wake(std::move(lock));
  return n;
}

std::optional<std::uint8_t> MemoryPipe::first() const {
  const std::lock_guard lock(mutex_);
  if (bytes_.empty()) return std::nullopt;
  return bytes_.front();
}

MemoryPipe::State MemoryPipe::state() const {
  std::lock_guard lock(mutex_);
  return state_;
}

void MemoryPipe::when_readable(std::function<void()> wake_up) {
  std::unique_lock lock(mutex_);
  wake_reader_ = std::move(wake_up);
  wake(std::move(lock));
}

void MemoryPipe::when_writable(std::function<void()> wake_up) {
  std::unique_lock lock(mutex_);
  wake_writer_ = std::move(wake_up);
  wake(std::move(lock));
}

void MemoryPipe::end() {
  std::unique_lock lock(mutex_);
  if (state_ == State::kOpen) state_ = State::kEnded;
  wake(std::move(lock));
}

void MemoryPipe::break_both() {
  std::unique_lock lock(mutex_);
  state_ = State::kBroken;
  bytes_.clear();
  wake(std::move(lock));
}

void MemoryPipe::wake(std::unique_lock<std::mutex> lock) {
  std::function<void()> reader;
  std::function<void()> writer;
  if (!bytes_.empty() || state_ != State::kOpen) reader = std::exchange(wake_reader_, nullptr);
  if (bytes_.size() < capacity_ || state_ != State::kOpen) writer = std::exchange(wake_writer_, nullptr);
  lock.unlock();
  if (reader) reader();
  if (writer) writer();
}

}  // namespace nb::transport
