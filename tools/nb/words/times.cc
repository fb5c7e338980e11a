#include "words/times.h"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "cli/failure.h"

namespace tool {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kLongest = kSecond * 86400 * 365 * 100;

// Takes digits from the front.
std::optional<std::int64_t> take_number(std::string_view& text, std::size_t digits) {
  std::int64_t number = 0;
  if (text.size() < digits) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, number);
  if (error != std::errc() || end != text.data() + digits || number < 0) return std::nullopt;
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

// Digits behind a point, as nanoseconds; what is finer is cut off.
std::int64_t take_fraction(std::string_view& text) {
  std::int64_t nanos = 0;
  std::int64_t unit = kSecond / 10;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    nanos += (text.front() - '0') * unit;
    unit /= 10;
    text.remove_prefix(1);
  }
  return nanos;
}

std::size_t count_digits(std::string_view text) {
  const std::size_t count = text.find_first_not_of("0123456789");
  return count == std::string_view::npos ? text.size() : count;
}

std::int64_t take_unit(std::string_view& text) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kUnits{
      {{"ms", kSecond / 1000}, {"d", 86400 * kSecond}, {"h", 3600 * kSecond}, {"m", 60 * kSecond}, {"s", kSecond}}};
  for (const auto& [name, size] : kUnits) {
    if (take(text, name)) return size;
  }
  return 0;
}

std::optional<std::int64_t> take_offset(std::string_view& text) {
  if (take(text, "Z")) return 0;
  const std::int64_t sign = text.starts_with('-') ? -1 : 1;
  if (!take(text, "+") && !take(text, "-")) return std::nullopt;
  const auto hours = take_number(text, 2);
  if (!hours || *hours > 23 || !take(text, ":")) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  return sign * (*hours * 3600 + *minutes * 60);
}

std::optional<nb::Time> parse_rfc3339(std::string_view text) {
  const auto year = take_number(text, 4);
  if (!year || *year == 0 || !take(text, "-")) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, "-")) return std::nullopt;
  const auto day = take_number(text, 2);
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(day.value_or(0)))};
  if (!date.ok() || !(take(text, "T") || take(text, " "))) return std::nullopt;
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ":")) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59 || !take(text, ":")) return std::nullopt;
  const auto second = take_number(text, 2);
  if (!second || *second > 59) return std::nullopt;
  const std::int64_t nanos = take(text, ".") ? take_fraction(text) : 0;
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return nb::Time(nb::Time::kUnixEpoch + days * 86400 + *hour * 3600 + *minute * 60 + *second - *offset, nanos);
}

}  // namespace

nb::Result<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  const nb::Error bad =
      failure("`" + std::string(text) + "` is no duration; write for example 90s, 30m, 24h, 1h30m or 7d (days)");
  std::int64_t total = 0;
  std::string_view rest = text;
  if (rest.empty()) return bad;
  while (!rest.empty()) {
    const std::size_t digits = count_digits(rest);
    if (digits > 12) return bad;
    const auto whole = take_number(rest, digits);
    if (!whole) return bad;
    const std::int64_t nanos = take(rest, ".") ? take_fraction(rest) : 0;
    const std::int64_t unit = take_unit(rest);
    if (unit == 0 || *whole > kLongest / unit) return bad;
    total +=
        *whole * unit + static_cast<std::int64_t>(static_cast<double>(nanos) / kSecond * static_cast<double>(unit));
    if (total > kLongest) return failure("`" + std::string(text) + "` is longer than 100 years");
  }
  return std::chrono::nanoseconds(total);
}

nb::Result<nb::Time> parse_time(std::string_view text, nb::Time now) {
  if (text == "now") return now;
  if (text.starts_with('+')) {
    auto duration = parse_duration(text.substr(1));
    if (!duration) return duration.error();
    return later(now, *duration);
  }
  if (const auto time = parse_rfc3339(text)) return *time;
  return failure("`" + std::string(text) + "` is no time; write for example 2030-01-02T03:04:05Z, or +24h from now");
}

nb::Time later(nb::Time time, std::chrono::nanoseconds by) {
  return nb::Time(time.seconds() + by.count() / kSecond, time.nanos() + by.count() % kSecond);
}

}  // namespace tool
