#include "rpc/backoff.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace nb::rpc {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

nanoseconds doubling(std::uint32_t n, std::uint32_t drawn, nanoseconds longest) {
  // Larger than any delay by then, so that the shift never overflows.
  constexpr std::uint32_t kMaxShift = 32;
  const nanoseconds base = milliseconds(100 + drawn % 100);
  const std::int64_t factor = std::int64_t{1} << std::min(n, kMaxShift);
  return base > longest / factor ? longest : base * factor;
}

nanoseconds powers(std::uint32_t n, std::uint32_t drawn, nanoseconds longest) {
  const double base = 1.5 + 0.5 * (drawn / 4294967296.0);
  const double seconds = std::pow(base, static_cast<double>(n) + 1);
  const double limit = std::chrono::duration<double>(longest).count();
  if (!(seconds < limit)) return longest;  // also when it is infinite
  return std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(seconds));
}

}  // namespace

std::optional<nanoseconds> backoff(std::uint32_t n, nanoseconds remaining, const ClientPolicy& policy,
                                   const std::function<void(std::span<std::uint8_t>)>& random) {
  if (remaining <= policy.reserve) return std::nullopt;
  std::array<std::uint8_t, 4> bytes{};
  random(bytes);
  const std::uint32_t drawn = bytes[0] | bytes[1] << 8 | bytes[2] << 16 | static_cast<std::uint32_t>(bytes[3]) << 24;
  nanoseconds delay{};
  switch (policy.delays) {
    case ClientPolicy::Delays::kDoubling:
      delay = doubling(n, drawn, policy.longest_delay);
      break;
    case ClientPolicy::Delays::kPowers:
      delay = powers(n, drawn, policy.longest_delay);
      break;
  }
  return std::min(delay, remaining - policy.reserve);
}

}  // namespace nb::rpc
