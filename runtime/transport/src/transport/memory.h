// An in-memory network: streams between two ends in one process, under the protocol name `local`. Addresses are any
// names. Each direction holds a bounded number of bytes. On loops that a test polls, everything happens in the same
// order every time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "transport/stream.h"

namespace nb::transport {

class MemoryNetwork : public Protocol {
 public:
  static std::shared_ptr<MemoryNetwork> make(std::size_t capacity = 256 * 1024);

  // Two ends that are connected already; each belongs to its loop.
  virtual std::pair<std::shared_ptr<Stream>, std::shared_ptr<Stream>> connect(std::shared_ptr<Loop> a,
                                                                              std::shared_ptr<Loop> b) = 0;
  // Dials to `address` neither succeed nor fail until they are given up, like those to a host that swallows packets.
  virtual void swallow(std::string address) = 0;
};

}  // namespace nb::transport
