#include <nb/base/clock.h>

#include <doctest/doctest.h>

using namespace std::chrono_literals;

TEST_CASE("a clock moved by hand stands still until it is moved, and both its times move together") {
  nb::HandClock clock;
  const auto steady = clock.now();
  const auto wall = clock.wall_now();
  CHECK(clock.now() == steady);
  clock.advance(1500ms);
  CHECK(clock.now() - steady == 1500ms);
  CHECK(clock.wall_now() - wall == 1500ms);
}

TEST_CASE("observers of a clock moved by hand hear of each move until their token is dropped") {
  nb::HandClock clock;
  int moves = 0;
  auto token = clock.when_moved([&moves] { ++moves; });
  clock.advance(1ms);
  clock.advance(1ms);
  CHECK(moves == 2);
  token.reset();
  clock.advance(1ms);
  CHECK(moves == 2);
}

TEST_CASE("the system clock runs by itself") {
  CHECK(nb::system_clock()->when_moved([] {}) == nullptr);
  const auto first = nb::system_clock()->now();
  CHECK(first <= nb::system_clock()->now());
}
