// Points in time and durations as people write them.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <nb/base/result.h>
#include <nb/vdl/time.h>

namespace tool {

// "90s", "1h30m", "0.5h", "7d": units d, h, m, s, ms; what Go writes, and days. Not negative, at most 100 years.
nb::Result<std::chrono::nanoseconds> parse_duration(std::string_view text);
// "2030-01-02T03:04:05Z", with a fraction and with an offset ("+02:00") if wanted; or "+24h", counted from `now`.
nb::Result<nb::Time> parse_time(std::string_view text, nb::Time now);
nb::Time later(nb::Time time, std::chrono::nanoseconds by);

}  // namespace tool
