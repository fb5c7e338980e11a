#include "flow/health.h"

#include <doctest/doctest.h>

namespace nb::flow {
namespace {

using namespace std::chrono_literals;
using Action = HealthMonitor::Action;

constexpr TimePoint kStart{};

TEST_CASE("with two seconds a request leaves after one, and silence ends it after two") {
  HealthMonitor health(2s, 3ms, kStart);
  CHECK(health.next_deadline() == kStart + 1s);
  CHECK(health.advance(kStart + 999ms) == Action::kNothing);
  CHECK(health.advance(kStart + 1s) == Action::kSendRequest);
  CHECK(health.advance(kStart + 1s) == Action::kNothing);
  CHECK(health.next_deadline() == kStart + 2s);
  CHECK(health.advance(kStart + 1999ms) == Action::kNothing);
  CHECK(health.advance(kStart + 2s) == Action::kGiveUp);
}

TEST_CASE("an answered request starts the rhythm anew") {
  HealthMonitor health(2s, 3ms, kStart);
  TimePoint now = kStart;
  for (int i = 0; i < 5; ++i) {
    now += 1s;
    CHECK(health.advance(now) == Action::kSendRequest);
    health.response(now);
  }
}

TEST_CASE("[F-16] the round trip is the last one, and grows while a request is unanswered") {
  HealthMonitor health(2s, 3ms, kStart);
  CHECK(health.rtt(kStart) == 3ms);
  CHECK(health.advance(kStart + 1s) == Action::kSendRequest);
  CHECK(health.rtt(kStart + 1s) == 3ms);
  CHECK(health.rtt(kStart + 1s + 40ms) == 40ms);
  health.response(kStart + 1s + 50ms);
  CHECK(health.rtt(kStart + 5s) == 50ms);
}

TEST_CASE("an answer nobody asked for changes nothing") {
  HealthMonitor health(2s, 3ms, kStart);
  health.response(kStart + 900ms);
  CHECK(health.rtt(kStart + 900ms) == 3ms);
  CHECK(health.next_deadline() == kStart + 1s);
}

TEST_CASE("a flow with a timeout pulls the times closer and never pushes them away") {
  HealthMonitor health(20s, 3ms, kStart);
  health.add(4s, kStart + 1s);
  CHECK(health.next_deadline() == kStart + 3s);
  health.add(60s, kStart + 1s);
  CHECK(health.next_deadline() == kStart + 3s);
  CHECK(health.advance(kStart + 3s) == Action::kSendRequest);
  CHECK(health.next_deadline() == kStart + 5s);
  health.response(kStart + 3s);
  CHECK(health.next_deadline() == kStart + 5s);
  health.remove(4s);
  CHECK(health.advance(kStart + 5s) == Action::kSendRequest);
  health.response(kStart + 5s);
  CHECK(health.next_deadline() == kStart + 15s);
}

TEST_CASE("without any timeout nothing is asked") {
  HealthMonitor health(0s, 3ms, kStart);
  CHECK(!health.next_deadline());
  CHECK(health.advance(kStart + 1000h) == Action::kNothing);
  health.add(2s, kStart);
  CHECK(health.next_deadline() == kStart + 1s);
}

TEST_CASE("after a jump of the clock the peer is asked before it is given up") {
  HealthMonitor health(2s, 3ms, kStart);
  CHECK(health.advance(kStart + 1h) == Action::kSendRequest);
  CHECK(health.advance(kStart + 1h) == Action::kNothing);
  CHECK(health.advance(kStart + 1h + 1s) == Action::kGiveUp);
}

}  // namespace
}  // namespace nb::flow
