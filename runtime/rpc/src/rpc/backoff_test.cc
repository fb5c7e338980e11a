#include "rpc/backoff.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace std::chrono_literals;

namespace {
void lowest(std::span<std::uint8_t> bytes) { std::ranges::fill(bytes, std::uint8_t{0}); }
void highest(std::span<std::uint8_t> bytes) {
  std::ranges::fill(bytes, std::uint8_t{0});
  bytes[0] = 99;
}
}  // namespace

TEST_CASE("the delay is 100 to 199 ms, doubled for every retry, at most a minute") {
  for (std::uint32_t n = 0; n < 7; ++n) {
    CHECK(*nb::rpc::backoff(n, 1h, lowest) == 100ms * (1 << n));
    CHECK(*nb::rpc::backoff(n, 1h, highest) == 199ms * (1 << n));
  }
  CHECK(*nb::rpc::backoff(10, 1h, lowest) == 60s);
  CHECK(*nb::rpc::backoff(80, 1h, lowest) == 60s);
  CHECK(*nb::rpc::backoff(0xffffffff, 1h, lowest) == 60s);
}

TEST_CASE("a reserve of 100 ms is kept before the deadline, and within it nothing is tried") {
  CHECK(*nb::rpc::backoff(3, 500ms, lowest) == 400ms);
  CHECK_FALSE(nb::rpc::backoff(0, 100ms, lowest));
  CHECK_FALSE(nb::rpc::backoff(0, -1s, lowest));
}
