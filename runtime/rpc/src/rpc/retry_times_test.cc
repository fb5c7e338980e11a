// When a client tries again and when it gives up, on a clock that the test moves: docs/spec/rpc.md 4.11.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "rpc/testing/client_scene.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::ClientScene;
using Times = std::vector<Clock::Steady>;

// In milliseconds.
std::string gaps(const Times& times) {
  std::string between;
  for (std::size_t i = 1; i < times.size(); ++i) {
    if (i > 1) between += " ";
    between += std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(times[i] - times[i - 1]).count());
  }
  return between;
}

Error try_again() { return verror::Internal("busy").with_action(RetryBackoff); }

}  // namespace

TEST_CASE("[0-19] the time for retries begins with the call and not with each try") {
  ClientScene s;
  auto& door = s.serve("calc");
  door.answer = try_again();
  std::chrono::nanoseconds took{};
  const Error error = s.later(s.add(s.at("calc")), &took).error();
  CHECK(error.message().find("busy") != std::string_view::npos);
  // 100 ms, twice that, … 25.6 s; the next would be after the minute, so it comes 100 ms before its end.
  CHECK(gaps(door.times) == "100 200 400 800 1600 3200 6400 12800 25600 8800");
  CHECK(took == 59900ms);
}

TEST_CASE("[0-21] a call that succeeds at once is made once, and no time passes") {
  ClientScene s;
  auto& door = s.serve("calc");
  CHECK(*s.now(s.add(s.at("calc"))) == 3);
  CHECK(door.times.size() == 1);
}

TEST_CASE("[0-22] [1-14] only an answer that asks for it makes the client call again") {
  ClientScene s;
  auto& door = s.serve("calc");
  for (const Error& answer : {verror::Internal("no"), verror::Internal("no").with_action(RetryConnection),
                              verror::Internal("no").with_action(RetryRefetch), verror::NoAccess("no"),
                              verror::NoServers("no"), verror::Timeout("no")}) {
    CAPTURE(answer.message());
    door.answer = answer;
    door.times.clear();
    const Error error = s.now(s.add(s.at("calc"))).error();
    CHECK(error.is(answer.id()));
    CHECK(error.action() == answer.action());
    CHECK(door.times.size() == 1);
  }
  door.answer = try_again();
  door.times.clear();
  auto call = s.add(s.at("calc"));
  s.settle();
  CHECK_FALSE(call.is_done());
  door.answer = Error();
  s.advance(99ms);
  CHECK_FALSE(call.is_done());
  s.advance(1ms);
  REQUIRE(call.is_done());
  CHECK(*call.get() == 3);
  CHECK(door.times.size() == 2);
}

TEST_CASE("[0-14] the delay is drawn at random from 100 to 199 ms") {
  ClientScene s;
  s.drawn = 99;
  auto& door = s.serve("calc");
  door.answer = try_again();
  auto call = s.add(s.at("calc"));
  s.settle();
  s.advance(198ms);
  CHECK(door.times.size() == 1);
  s.advance(1ms);
  CHECK(door.times.size() == 2);
}

TEST_CASE("[0-23] when too little time is left for another try the call ends in the latest error") {
  ClientScene s;
  auto& door = s.serve("calc");
  door.answer = try_again();
  std::chrono::nanoseconds took{};
  const Error error = s.later(s.add(s.context().with_timeout(1s), s.at("calc")), &took).error();
  CHECK_MESSAGE(verror::Internal.matches(error), error.message());
  CHECK(error.action() == RetryBackoff);
  CHECK(gaps(door.times) == "100 200 400 200");
  CHECK(took == 900ms);
}

TEST_CASE(
    "[0-26][1-16] a retry time-out counts in place of the deadline for retries, and the context still ends the call") {
  ClientScene s;
  auto& door = s.serve("calc");
  door.answer = try_again();
  const auto in_an_hour = s.context().with_timeout(1h);
  std::chrono::nanoseconds took{};
  CHECK(s.later(s.add(in_an_hour, s.at("calc"), CallOptions().retry_timeout(5s)), &took).error());
  CHECK(took == 4900ms);
  CHECK(s.later(s.add(in_an_hour, s.at("calc"), CallOptions().retry_timeout(5min)), &took).error());
  CHECK(took == 5min - 100ms);
  // The deadline of the context is no deadline for retries then, so nothing is kept back before it; but it ends the
  // call.
  door.times.clear();
  const Error error =
      s.later(s.add(s.context().with_timeout(1s), s.at("calc"), CallOptions().retry_timeout(5s)), &took).error();
  CHECK_MESSAGE(verror::Internal.matches(error), error.message());  // why it waited
  CHECK(gaps(door.times) == "100 200 400");
  CHECK(took == 1s);
}

TEST_CASE("[1-16] a retry time-out of zero is a single try, and takes its time") {
  ClientScene s;
  s.network->hold("calc");
  auto& door = s.serve("calc");
  auto slow = s.add(s.at("calc"), CallOptions().retry_timeout(0s));
  s.advance(10s);
  CHECK_FALSE(slow.is_done());
  s.network->release("calc");
  CHECK(*s.now(std::move(slow)) == 3);
  door.answer = try_again();
  CHECK(s.now(s.add(s.at("calc"), CallOptions().retry_timeout(0s))).error());
  CHECK(s.now(s.add(s.at("nobody"), CallOptions().retry_timeout(0s))).error());
  CHECK(s.network->dials("nobody") == 1);
}

TEST_CASE("[0-27] without retries a server that asks for another try is called once") {
  ClientScene s;
  auto& door = s.serve("calc");
  door.answer = try_again();
  CHECK(s.now(s.add(s.at("calc"), CallOptions().no_retry())).error().action() == RetryBackoff);
  CHECK(door.times.size() == 1);
}

TEST_CASE("[0-28] a server that answers after the time for connecting is not called again") {
  ClientScene s;
  auto& door = s.serve("calc");
  door.answer = try_again();
  // It thinks for longer than that.
  door.before_lookup = [&] { s.clock->advance(3s); };
  const Error error = s.now(s.add(s.at("calc"), CallOptions().connection_timeout(2s))).error();
  CHECK(verror::Internal.matches(error));
  CHECK(door.times.size() == 1);
}

TEST_CASE("[0-31] nobody is dialed again after the time for connecting") {
  ClientScene s;
  s.network->hold("calc");
  auto call = s.add(s.at("calc"), CallOptions().retry_timeout(1s));
  s.advance(1001ms);
  s.network->refuse("calc");
  CHECK(verror::NoServers.matches(s.now(std::move(call)).error()));
  CHECK(s.network->dials("calc") == 1);
}

TEST_CASE("[1-13] a refused connection is tried again, until somebody is there") {
  ClientScene s;
  s.network->refuse("calc");
  auto& door = s.serve("calc");
  auto call = s.add(s.at("calc"));
  s.settle();
  s.advance(100ms);
  s.advance(200ms);
  CHECK_FALSE(call.is_done());
  s.network->heal("calc");
  CHECK(*s.later(std::move(call)) == 3);
  CHECK(gaps(s.network->dial_times("calc")) == "100 200 400");
  CHECK(door.times.size() == 1);
}

TEST_CASE("[0-41] [1-18] when no time is left for another try the call ends in the error of the latest one") {
  ClientScene s;
  s.network->fail("calc", verror::BadState("first"));
  auto call = s.add(s.context().with_timeout(1s), s.at("calc"));
  s.settle();
  s.network->fail("calc", verror::BadState("later"));
  std::chrono::nanoseconds took{};
  const Error error = s.later(std::move(call), &took).error();
  CHECK_MESSAGE(verror::NoServers.matches(error), error.message());
  CHECK(error.action() == RetryRefetch);
  CHECK(error.message().find("later") != std::string_view::npos);
  CHECK(error.message().find("first") == std::string_view::npos);
  CHECK(took == 900ms);
  CHECK(s.network->dials("calc") == 5);
}

TEST_CASE("[1-18] a call that ends at its deadline in a later try says why it was tried again") {
  ClientScene s;
  s.network->fail("calc", verror::BadState("first"));
  auto call = s.add(s.context().with_timeout(1s), s.at("calc"));
  s.settle();
  s.network->heal("calc");
  s.network->hold("calc");
  std::chrono::nanoseconds took{};
  const Error error = s.later(std::move(call), &took).error();
  CHECK_MESSAGE(verror::NoServers.matches(error), error.message());
  CHECK(error.message().find("first") != std::string_view::npos);
  CHECK(took == 1s);
  // Cancelled, it says so; and also what came before.
  auto [context, canceler] = s.context().with_cancel();
  s.network->fail("other", verror::BadState("first"));
  auto cancelled = s.add(context, s.at("other"));
  s.settle();
  canceler.cancel();
  const Error why = s.now(std::move(cancelled)).error();
  CHECK(verror::Canceled.matches(why));
  CHECK(why.message().find("first") != std::string_view::npos);
}

TEST_CASE("[1-17] there is no delay before the first try, and none is made once the deadline is past") {
  ClientScene s;
  auto& door = s.serve("calc");
  CHECK(*s.now(s.add(s.at("calc"))) == 3);
  const Error late = s.now(s.add(s.context().with_timeout(-1s), s.at("calc"))).error();
  CHECK_MESSAGE(verror::Timeout.matches(late), late.message());
  CHECK(verror::Timeout.matches(s.now(s.add(s.context().with_timeout(0s), s.at("elsewhere"))).error()));
  CHECK(door.times.size() == 1);
  CHECK(s.network->dials("elsewhere") == 0);
}

TEST_CASE("[0-17] a call that waits for its next try wakes when it is cancelled, or its time is over") {
  ClientScene s;
  s.network->refuse("calc");
  auto [context, canceler] = s.context().with_cancel();
  auto call = s.add(context, s.at("calc"));
  auto dropped = s.add(s.at("calc"));
  s.settle();
  CHECK_FALSE(call.is_done());
  canceler.cancel();
  CHECK(verror::Canceled.matches(s.now(std::move(call)).error()));
  dropped.cancel();
  CHECK(verror::Canceled.matches(s.now(std::move(dropped)).error()));
  const auto before = s.network->dials("calc");
  s.advance(1h);
  CHECK(s.network->dials("calc") == before);
}

TEST_CASE("[1-9] as in 2014 the pauses are powers of 1.5 seconds and more") {
  ClientScene s;
  auto& door = s.serve("calc");
  door.answer = try_again();
  CHECK(s.later(s.add(s.context().with_timeout(7200ms), s.at("calc"), CallOptions().policy(ClientPolicy::of_2014())))
            .error());
  CHECK(gaps(door.times) == "1500 2250 3380");
}

TEST_CASE("[0-16] the reserve of 2015 leaves time for one more try") {
  ClientScene s;
  auto& door = s.serve("calc");
  door.answer = try_again();
  auto call = s.add(s.context().with_timeout(250ms), s.at("calc"), CallOptions().policy(ClientPolicy::of_2015()));
  s.settle();
  s.advance(100ms);
  CHECK(door.times.size() == 2);
  s.advance(148ms);
  CHECK(door.times.size() == 2);
  s.advance(1ms);
  CHECK(door.times.size() == 3);
}

}  // namespace nb::rpc
