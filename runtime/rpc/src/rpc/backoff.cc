#include "rpc/backoff.h"

#include <algorithm>
#include <array>

namespace nb::rpc {

namespace {
using std::chrono::milliseconds;
constexpr milliseconds kReserve(100);
constexpr milliseconds kCap(60'000);
constexpr std::uint32_t kMaxShift = 10;  // 100 ms << 10 is beyond the cap already
}  // namespace

std::optional<std::chrono::nanoseconds> backoff(std::uint32_t n, std::chrono::nanoseconds remaining,
                                                const std::function<void(std::span<std::uint8_t>)>& random) {
  if (remaining <= kReserve) return std::nullopt;
  std::array<std::uint8_t, 4> bytes{};
  random(bytes);
  const std::uint32_t drawn = bytes[0] | bytes[1] << 8 | bytes[2] << 16 | static_cast<std::uint32_t>(bytes[3]) << 24;
  const milliseconds base(100 + drawn % 100);
  const milliseconds delay = std::min(kCap, base * (1 << std::min(n, kMaxShift)));
  return std::min<std::chrono::nanoseconds>(delay, remaining - kReserve);
}

}  // namespace nb::rpc
