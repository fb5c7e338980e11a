// LoadCount: how many of something a server has, and how many it may have. Safe from any thread.
#pragma once

#include <atomic>
#include <cstddef>

namespace nb::rpc {

class LoadCount {
 public:
  // False: there are `most` already, and nothing has changed.
  bool enter(std::size_t most) {
    if (count_.fetch_add(1, std::memory_order_relaxed) < most) return true;
    leave();
    return false;
  }
  void leave() { count_.fetch_sub(1, std::memory_order_relaxed); }
  std::size_t count() const { return count_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::size_t> count_ = 0;
};

// What a server counts over all its connections.
struct ServerLoad {
  LoadCount calls;
  LoadCount streams;
  LoadCount queued;  // of a pool also those that hold one of its threads
};

}  // namespace nb::rpc
