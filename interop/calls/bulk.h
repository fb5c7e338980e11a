// The bytes of long transfers: made by a rule that both sides know, and summed up as they pass.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include <nb/base/bytes.h>

namespace calls {

static_assert(std::endian::native == std::endian::little, "the words of a transfer are little-endian");

inline constexpr std::size_t kChunk = 32 * 1024;

// Gives the words of a transfer one after another: a word for each eight bytes.
class BulkSource {
 public:
  nb::Bytes next(std::size_t size) {
    nb::Bytes chunk(size);
    for (std::size_t at = 0; at + 8 <= size; at += 8) {
      const std::uint64_t word = ++count_ * 0x9e3779b97f4a7c15u;
      std::memcpy(chunk.data() + at, &word, 8);
    }
    return chunk;
  }

 private:
  std::uint64_t count_ = 0;
};

// Over words, so that it costs little beside what it measures. Chunks are multiples of eight bytes.
class Checksum {
 public:
  void add(nb::BytesView chunk) {
    size_ += static_cast<std::int64_t>(chunk.size());
    for (std::size_t at = 0; at + 8 <= chunk.size(); at += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, chunk.data() + at, 8);
      sum_ = (sum_ ^ word) * 0x100000001b3u;
    }
  }
  std::uint64_t sum() const { return sum_; }
  std::int64_t size() const { return size_; }

 private:
  std::uint64_t sum_ = 0xcbf29ce484222325u;
  std::int64_t size_ = 0;
};

}  // namespace calls
