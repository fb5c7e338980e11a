// Counts what operator new is asked for, in the whole program. Counting is off by default, so that measured code does
// not share a counter between its threads.
#pragma once

#include <cstdint>
#include <functional>

namespace bench {

struct Allocations {
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
};

// Of all threads, while f runs.
Allocations count_allocations(const std::function<void()>& f);

}  // namespace bench
