// RateLimit: so many at once, so many a second in the long run.
#pragma once

#include <algorithm>
#include <cstddef>

#include "flow/time.h"

namespace nb::flow {

class RateLimit {
 public:
  RateLimit(std::size_t burst, std::size_t per_second, TimePoint now)
      : burst_(static_cast<double>(burst)), per_second_(static_cast<double>(per_second)), left_(burst_), last_(now) {}

  // Counts one. False: that was too many.
  [[nodiscard]] bool take(TimePoint now) {
    if (now > last_) {
      left_ = std::min(burst_, left_ + per_second_ * std::chrono::duration<double>(now - last_).count());
      last_ = now;
    }
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

 private:
  double burst_;
  double per_second_;
  double left_;
  TimePoint last_;
};

}  // namespace nb::flow
