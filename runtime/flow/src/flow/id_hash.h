// A hash for numbers that a peer chooses; the seed keeps it from choosing ones that collide.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nb::flow {

struct IdHash {
  std::uint64_t seed = 0;
  std::size_t operator()(std::uint64_t id) const {
    std::uint64_t x = id ^ seed;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return static_cast<std::size_t>(x ^ (x >> 31));
  }
};

}  // namespace nb::flow
