// IdSource: ids of traces and spans in the form that Go's are (docs/spec/rpc.md 10.1). Safe from any thread.
//
//   random, 14 bytes | 1 and a counter of 15 bits, big-endian
//
// The random bytes are drawn anew when the counter has run out.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <span>

#include "v.io/v23/uniqueid/uniqueid.vdl.h"

namespace nb::observe {

class IdSource {
 public:
  using Random = std::function<void(std::span<std::uint8_t>)>;
  explicit IdSource(Random random) : random_(std::move(random)) {}

  v23::uniqueid::Id make();
  // True in this part of all cases.
  bool draw(double rate);

 private:
  const Random random_;
  std::mutex mutex_;  // guards the rest, and calls of random_
  v23::uniqueid::Id next_;
  std::uint16_t count_ = 0;
  bool is_fresh_ = false;
};

}  // namespace nb::observe
