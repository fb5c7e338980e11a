// Two authenticated ends under random schedules, against the model of flow control: what is believed stands in
// schedule_testing.h. A run of the length and seed that one likes:
//
//   NIOBIUM_MODEL_STEPS=1000000 NIOBIUM_MODEL_SEED=7 flow_test -tc='*random schedules*'
#include <doctest/doctest.h>

#include <cstdlib>
#include <random>
#include <string>

#include "flow/schedule_testing.h"

namespace nb::flow {
namespace {

using namespace flow::testing;

constexpr std::uint64_t kDefaultSteps = 60'000;
constexpr std::size_t kStepsPerRound = 2'000;

std::uint64_t number_in(const char* variable, std::uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct Row {
  std::uint64_t dialer_window;
  std::uint64_t acceptor_window;
  std::uint64_t mtu;
  bool aes;
};

Schedule::Below dice(std::uint64_t seed) {
  return [random = std::mt19937_64(seed)](std::size_t n) mutable { return static_cast<std::size_t>(random() % n); };
}

Options end_of(Role role, const Row& row) {
  Options options =
      schedule_options(role, role == Role::kDialer ? row.dialer_window : row.acceptor_window, row.aes, row.mtu);
  options.channel_timeout = std::chrono::seconds(30);  // so that health checks are part of it
  return options;
}

TEST_CASE(
    "random schedules lose no wake-up and no token, overflow no window, deliver every byte once and in order, "
    "and leave nothing behind") {
  const std::uint64_t steps = number_in("NIOBIUM_MODEL_STEPS", kDefaultSteps);
  const std::uint64_t seed = number_in("NIOBIUM_MODEL_SEED", 1);
  const Row rows[] = {{4096, 4096, 1024, true},   {4096, 4096, 1024, false},        {1024, 16384, 1024, false},
                      {16384, 1500, 1024, true},  {1u << 20, 1u << 20, 1024, true}, {1u << 20, 1u << 20, 65536, false},
                      {70000, 200000, 4096, true}};
  std::uint64_t done = 0, delivered = 0;
  for (std::uint64_t i = 0; i < std::size(rows); ++i) {
    const Row& row = rows[i];
    CAPTURE(i);
    CAPTURE(seed);
    Schedule schedule(dice(seed * 1000 + i), end_of(Role::kDialer, row), end_of(Role::kAcceptor, row));
    while (schedule.steps() < steps / std::size(rows)) {
      const std::uint64_t before = schedule.steps();
      CAPTURE(before);
      schedule.run(kStepsPerRound);
      schedule.settle();
      schedule.close_all();
    }
    schedule.finish();
    done += schedule.steps();
    delivered += schedule.delivered();
  }
  MESSAGE("steps: " << done << ", bytes delivered: " << delivered);
  CHECK(delivered > 10 * done);
}

}  // namespace
}  // namespace nb::flow
