// The bytes a flow has been given to send and that have not left. Small chunks are gathered into one payload, large
// ones leave as slices of where they lie.
#pragma once

#include <cstddef>
#include <memory>
#include <variant>

#include <nb/base/bytes.h>

#include "flow/fifo.h"
#include "flow/output.h"

namespace nb::flow {

class SendQueue {
 public:
  // From this size on a slice is not copied.
  static constexpr std::size_t kKeepFrom = 16 * 1024;

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  void push(Bytes bytes);
  // How much of the front goes into one payload of at most `limit` bytes: all of it, except that a slice that is not
  // copied is the payload's last.
  std::size_t next_payload(std::size_t limit) const;
  // The bytes of the first push() that have not left.
  std::size_t first_chunk() const { return front_.size(); }
  // Moves exactly n bytes into the open frame; n is what next_payload said.
  void move_to(Output& output, std::size_t n);
  void clear();

 private:
  // Only what is not copied is shared with the batches that point at parts of it.
  using Shared = std::shared_ptr<Bytes>;
  struct Chunk {
    std::variant<Bytes, Shared> held;
    std::size_t begin = 0;
    const Bytes& bytes() const {
      const Bytes* const own = std::get_if<Bytes>(&held);
      return own != nullptr ? *own : *std::get<Shared>(held);
    }
    std::size_t size() const { return bytes().size() - begin; }
  };
  static Chunk chunk_of(Bytes bytes);
  void append_slice(Output& output, std::size_t n) const;

  // Nearly always there is at most one: it lies here, so that a message costs no further memory.
  Chunk front_;                        // empty: so is the queue
  std::unique_ptr<Fifo<Chunk>> more_;  // null until it is needed
  std::size_t size_ = 0;
};

}  // namespace nb::flow
