// One direction of an in-memory stream: a bounded queue of bytes between two loops. Internal to memory.
//
// Its functions may be called from any thread. It wakes its two ends through callbacks that only post; each wake-up is
// asked for anew.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <span>

#include <nb/base/bytes.h>

namespace nb::transport {

class MemoryPipe {
 public:
  explicit MemoryPipe(std::size_t capacity) : capacity_(capacity) {}

  enum class State { kOpen, kEnded, kBroken };

  // Takes what fits.
  std::size_t write(BytesView bytes);
  // Gives what is there.
  std::size_t read(std::span<std::uint8_t> into);
  // The first byte that read() will give, if there is one.
  std::optional<std::uint8_t> first() const;
  // What a reader that read nothing, or a writer that wrote nothing, wants to know.
  State state() const;

  // Calls back once, at once or later, when there are bytes, or the pipe is not open.
  void when_readable(std::function<void()> wake);
  // Calls back once, at once or later, when there is room, or the pipe is broken.
  void when_writable(std::function<void()> wake);

  void end();         // the writer has finished: the rest can be read
  void break_both();  // either end has gone: the rest is lost

 private:
  void wake(std::unique_lock<std::mutex> lock);

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::deque<std::uint8_t> bytes_;
  State state_ = State::kOpen;
  std::function<void()> wake_reader_;
  std::function<void()> wake_writer_;
};

}  // namespace nb::transport
