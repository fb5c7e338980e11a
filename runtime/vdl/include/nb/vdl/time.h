// The native forms of the VDL package `time` (docs/spec/vom.md 9.2).
//
// Time is an instant, kept as VDL keeps it: seconds and nanoseconds since 0001-01-01T00:00:00Z. std::chrono's clocks
// hold a few hundred years only, so conversions to them are checked. A VDL Duration is std::chrono::nanoseconds.
// Deadline is the point in time by which something must be done; on the wire it is what is left of it.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include <nb/base/result.h>

namespace nb {

// Nanoseconds carry the sign of the seconds, or seconds are 0; |nanos| < 10^9. normalise() makes it so.
class Time {
 public:
  constexpr Time() = default;  // the first instant of year 1, the zero value
  // Normalises: carries whole seconds out of `nanos`, then aligns the signs. Stops at the ends of the range.
  constexpr Time(std::int64_t seconds, std::int64_t nanos) {
    auto rest = nanos % kBillion;
    if (__builtin_add_overflow(seconds, nanos / kBillion, &seconds_)) {
      seconds_ = seconds < 0 ? INT64_MIN : INT64_MAX;
      rest = 0;
    }
    if (seconds_ > 0 && rest < 0) {
      --seconds_;
      rest += kBillion;
    } else if (seconds_ < 0 && rest > 0) {
      ++seconds_;
      rest -= kBillion;
    }
    nanos_ = static_cast<std::int32_t>(rest);
  }

  static constexpr std::int64_t kUnixEpoch = 62135596800;  // seconds from year 1 to 1970

  static Time now();
  static Time from(std::chrono::sys_time<std::chrono::nanoseconds> time);
  // Fails (BadArg) when the instant does not fit, about before 1678 or after 2262.
  Result<std::chrono::sys_time<std::chrono::nanoseconds>> to_sys_time() const;

  constexpr std::int64_t seconds() const { return seconds_; }
  constexpr std::int32_t nanos() const { return nanos_; }

  // "2009-11-10T23:00:00.5Z"
  std::string to_string() const;

  friend constexpr bool operator==(const Time&, const Time&) = default;
  friend constexpr auto operator<=>(const Time&, const Time&) = default;

 private:
  static constexpr std::int64_t kBillion = 1'000'000'000;

  std::int64_t seconds_ = 0;
  std::int32_t nanos_ = 0;
};

// None, or a point on the steady clock. What travels is the time left, so two ends need no common clock.
class Deadline {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  Deadline() = default;  // none
  static Deadline at(TimePoint when);
  // `left` from now. This exact value is sent, however late: for those who keep a clock of their own.
  static Deadline after(std::chrono::nanoseconds left);

  bool has_value() const { return when_.has_value(); }
  explicit operator bool() const { return when_.has_value(); }
  TimePoint when() const { return when_.value_or(TimePoint::max()); }
  // What is sent: the value given to after(), or what is left at `now`. 1 ns instead of 0, since 0 means none.
  std::chrono::nanoseconds left(TimePoint now = std::chrono::steady_clock::now()) const;

  friend bool operator==(const Deadline& a, const Deadline& b) { return a.when_ == b.when_; }
  friend auto operator<=>(const Deadline& a, const Deadline& b) { return a.when() <=> b.when(); }

 private:
  std::optional<TimePoint> when_;
  std::optional<std::chrono::nanoseconds> left_;
};

}  // namespace nb
