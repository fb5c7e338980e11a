// How long a call waits before it is tried again: docs/spec/rpc.md 4.11.
#include "rpc/backoff.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

void lowest(std::span<std::uint8_t> bytes) { std::ranges::fill(bytes, std::uint8_t{0}); }
// The number that gives the longest of the doubling delays, and the longest of the powers.
void ninety_nine(std::span<std::uint8_t> bytes) {
  std::ranges::fill(bytes, std::uint8_t{0});
  bytes[0] = 99;
}
void highest(std::span<std::uint8_t> bytes) { std::ranges::fill(bytes, std::uint8_t{0xff}); }

const ClientPolicy kToday;

}  // namespace

TEST_CASE("[0-14] the delay is 100 to 199 ms, doubled for every retry") {
  for (std::uint32_t n = 0; n < 7; ++n) {
    CHECK(*backoff(n, 1h, kToday, lowest) == 100ms * (1 << n));
    CHECK(*backoff(n, 1h, kToday, ninety_nine) == 199ms * (1 << n));
  }
}

TEST_CASE("[0-15] the delay is a minute at most, after however many retries") {
  CHECK(*backoff(9, 1h, kToday, lowest) == 51200ms);
  for (const std::uint32_t n : {10u, 31u, 32u, 57u, 64u, 80u, 0xffffffffu}) {
    CAPTURE(n);
    CHECK(*backoff(n, 1h, kToday, lowest) == 60s);
    CHECK(*backoff(n, 1h, kToday, ninety_nine) == 60s);
  }
}

TEST_CASE(
    "[0-16] [1-10] a reserve is kept before the deadline, 100 ms or as the policy says, and within it there is no "
    "retry") {
  CHECK(*backoff(3, 500ms, kToday, lowest) == 400ms);
  CHECK(*backoff(0, 101ms, kToday, lowest) == 1ms);
  CHECK_FALSE(backoff(0, 100ms, kToday, lowest));
  CHECK_FALSE(backoff(0, -1s, kToday, lowest));
  for (const ClientPolicy& old : {ClientPolicy::of_2015(), ClientPolicy::of_2014()}) {
    CHECK(*backoff(3, 500ms, old, lowest) == 499ms);
    CHECK(*backoff(3, 100ms, old, lowest) == 99ms);
    CHECK_FALSE(backoff(3, 1ms, old, lowest));
  }
}

TEST_CASE("[1-9] as in 2014 the delay is a power of 1.5 to 2 seconds, one higher for every retry, up to the limit") {
  ClientPolicy old = ClientPolicy::of_2014();
  CHECK(*backoff(0, 1h, old, lowest) == 1500ms);
  CHECK(*backoff(1, 1h, old, lowest) == 2250ms);
  CHECK(*backoff(2, 1h, old, lowest) == 3375ms);
  CHECK(*backoff(0, 1h, old, highest) < 2s);
  CHECK(*backoff(0, 1h, old, highest) > 1999ms);
  CHECK(*backoff(4, 1h, old, highest) > 31900ms);
  old.longest_delay = 10s;
  CHECK(*backoff(4, 1h, old, highest) == 10s);
  CHECK(*backoff(0xffffffff, 1h, old, highest) == 10s);
}

}  // namespace nb::rpc
