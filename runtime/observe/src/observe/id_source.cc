#include "observe/id_source.h"

#include <array>
#include <cstring>

namespace nb::observe {

namespace {
constexpr std::uint16_t kLastCount = 0x7fff;
constexpr std::size_t kRandomBytes = 14;
}  // namespace

v23::uniqueid::Id IdSource::make() {
  const std::lock_guard lock(mutex_);
  if (!is_fresh_) {
    random_(std::span(next_).first(kRandomBytes));
    is_fresh_ = true;
    count_ = 0;
  }
  next_[14] = static_cast<std::uint8_t>(0x80 | (count_ >> 8));
  next_[15] = static_cast<std::uint8_t>(count_ & 0xff);
  is_fresh_ = count_++ != kLastCount;
  return next_;
}

bool IdSource::draw(double rate) {
  if (rate <= 0) return false;
  if (rate >= 1) return true;
  std::array<std::uint8_t, 4> bytes{};
  {
    const std::lock_guard lock(mutex_);
    random_(bytes);
  }
  std::uint32_t drawn = 0;
  std::memcpy(&drawn, bytes.data(), sizeof drawn);
  return static_cast<double>(drawn) < rate * 4294967296.0;
}

}  // namespace nb::observe
