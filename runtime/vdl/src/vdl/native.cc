// The native forms of time.* and of errors (docs/spec/vom.md section 9, docs/spec/rpc.md 9.2).
#include <cstdio>
#include <limits>
#include <utility>

#include <nb/vdl/codec.h>

namespace nb {

namespace {

constexpr std::int64_t kBillion = 1'000'000'000;

constexpr FieldRow kTimeFields[] = {{"Seconds", 0}, {"Nanos", 1}};
constexpr FieldRow kDeadlineFields[] = {{"FromNow", 3}};
constexpr TypeRow kTypes[] = {
    TypeRow::external(&Codec<std::int64_t>::type),             // 0
    TypeRow::external(&Codec<std::int32_t>::type),             // 1
    TypeRow::structure("time.Time", kTimeFields),              // 2
    TypeRow::structure("time.Duration", kTimeFields),          // 3
    TypeRow::structure("time.WireDeadline", kDeadlineFields),  // 4
};

const TypeTable& types() {
  static const TypeTable table(kTypes);
  return table;
}

}  // namespace

Type Codec<Time>::type() { return types()[2]; }
Type Codec<std::chrono::nanoseconds>::type() { return types()[3]; }
Type Codec<Deadline>::type() { return types()[4]; }

Time Time::now() {
  return from(std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now()));
}

Time Time::from(std::chrono::sys_time<std::chrono::nanoseconds> time) {
  const std::int64_t nanos = time.time_since_epoch().count();
  return Time(nanos / kBillion + kUnixEpoch, nanos % kBillion);
}

Result<std::chrono::sys_time<std::chrono::nanoseconds>> Time::to_sys_time() const {
  std::int64_t seconds = 0, nanos = 0;
  // The seconds nearest to the ends of the range overflow alone but not together with their nanoseconds.
  if (__builtin_sub_overflow(seconds_, kUnixEpoch, &seconds)) nanos = -1;
  std::int64_t rest = nanos_;
  if (seconds < 0 && rest > 0) {
    ++seconds;
    rest -= kBillion;
  }
  if (nanos != 0 || __builtin_mul_overflow(seconds, kBillion, &nanos) || __builtin_add_overflow(nanos, rest, &nanos)) {
    return Error("v.io/v23/verror.BadArg", RetryAction::kNoRetry, "the time " + to_string() + " is out of range");
  }
  return std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(nanos));
}

std::string Time::to_string() const {
  // Days from year 1 as std::chrono counts them, as far as it can.
  std::int64_t seconds = seconds_, nanos = nanos_;
  if (nanos < 0) {
    --seconds;
    nanos += kBillion;
  }
  constexpr std::int64_t kDay = 86400;
  std::int64_t day = seconds / kDay, second = seconds % kDay;
  if (second < 0) {
    --day;
    second += kDay;
  }
  const std::int64_t unix_day = day - kUnixEpoch / kDay;
  char text[64];
  if (unix_day < -10'000'000 || unix_day > 10'000'000) {
    std::snprintf(text, sizeof text, "year 1 %+lld.%09lld s", static_cast<long long>(seconds_),
                  static_cast<long long>(nanos_ < 0 ? -nanos_ : nanos_));
    return text;
  }
  const std::chrono::year_month_day date(std::chrono::sys_days(std::chrono::days(static_cast<std::int32_t>(unix_day))));
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(second / 3600),
                static_cast<int>(second / 60 % 60), static_cast<int>(second % 60));
  std::string out = text;
  if (nanos != 0) {
    std::snprintf(text, sizeof text, ".%09lld", static_cast<long long>(nanos));
    out += text;
    while (out.back() == '0') out.pop_back();
  }
  return out + 'Z';
}

Deadline Deadline::at(TimePoint when) {
  Deadline deadline;
  deadline.when_ = when;
  return deadline;
}

Deadline Deadline::after(std::chrono::nanoseconds left) {
  const auto now = std::chrono::steady_clock::now();
  Deadline deadline;
  std::int64_t when = 0;
  if (__builtin_add_overflow(now.time_since_epoch().count(), left.count(), &when)) {
    when = left.count() > 0 ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
  }
  deadline.when_ = TimePoint(std::chrono::nanoseconds(when));
  deadline.left_ = left;
  return deadline;
}

std::chrono::nanoseconds Deadline::left(TimePoint now) const {
  if (!when_) return std::chrono::nanoseconds(0);
  std::chrono::nanoseconds left = left_.value_or(std::chrono::nanoseconds(0));
  if (!left_) {
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(when_->time_since_epoch().count(), now.time_since_epoch().count(), &difference)) {
      difference = *when_ > now ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
    }
    left = std::chrono::nanoseconds(difference);
  }
  return left.count() == 0 ? std::chrono::nanoseconds(1) : left;
}

namespace vdl {

WireTime to_wire(std::chrono::nanoseconds duration) {
  return {duration.count() / kBillion, static_cast<std::int32_t>(duration.count() % kBillion)};
}

bool from_wire(const WireTime& wire, std::chrono::nanoseconds& duration) {
  const Time normal(wire.seconds, wire.nanos);  // signs agree, so neither step overflows when the sum does not
  std::int64_t nanos = 0;
  if (__builtin_mul_overflow(normal.seconds(), kBillion, &nanos)) return false;
  if (__builtin_add_overflow(nanos, std::int64_t{normal.nanos()}, &nanos)) return false;
  duration = std::chrono::nanoseconds(nanos);
  return true;
}

WireError to_wire(const Error& error) {
  WireError wire;
  wire.id = error.id();
  wire.retry = static_cast<std::uint32_t>(error.action());
  wire.message = error.message();
  const auto params = error_params(error);
  wire.params.assign(params.begin(), params.end());
  for (const auto& sub : error.sub_errors()) {
    const Error nested("v.io/v23/verror.Unknown", RetryAction::kNoRetry,
                       "[" + sub.name + ": " + std::string(sub.error.message()) + "]");
    wire.params.emplace_back(std::optional<Error>(nested));
  }
  return wire;
}

Error from_wire(WireError wire) {
  if (wire.id.empty()) wire.id = "v.io/v23/verror.Unknown";
  std::shared_ptr<const ErrorParams> params;
  if (!wire.params.empty()) params = std::make_shared<ErrorParamList>(std::move(wire.params));
  return Error(std::move(wire.id), static_cast<RetryAction>(wire.retry), std::move(wire.message), std::move(params));
}

}  // namespace vdl
}  // namespace nb
