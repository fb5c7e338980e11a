#include "security/weak_points.h"

#include <algorithm>
#include <array>

namespace nb::security {
namespace {

using Coordinate = std::array<std::uint8_t, 32>;  // little endian

// The Y coordinates of the eight points whose order divides 8. The first four are 0, 1 and the two of order 8.
constexpr Coordinate kSmallOrder[] = {
    {0},
    {1},
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
     0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
     0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
};

// Whether the coordinate is 2^255-20 or more. 2^255-19 is the prime, so all above is another spelling of 0 to 18, and
// 2^255-20 is -1, the point of order 2.
bool is_last_or_beyond(const Coordinate& y) {
  if (y[31] != 0x7f || y[0] < 0xec) return false;
  return std::all_of(y.begin() + 1, y.end() - 1, [](std::uint8_t byte) { return byte == 0xff; });
}

}  // namespace

bool is_weak_point(BytesView point) {
  Coordinate y{};
  if (point.size() != y.size()) return true;
  std::copy(point.begin(), point.end(), y.begin());
  y[31] &= 0x7f;  // the top bit is the sign of X
  return is_last_or_beyond(y) || std::find(std::begin(kSmallOrder), std::end(kSmallOrder), y) != std::end(kSmallOrder);
}

}  // namespace nb::security
