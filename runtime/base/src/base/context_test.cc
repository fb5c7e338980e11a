#include <nb/base/context.h>

#include <vector>

#include <doctest/doctest.h>

#include <nb/base/verror.h>

using namespace std::chrono_literals;

namespace {

struct World {
  std::shared_ptr<nb::HandClock> clock = std::make_shared<nb::HandClock>();
  std::shared_ptr<nb::TimerQueue> timers = std::make_shared<nb::TimerQueue>(clock);
  nb::Context root = nb::Context::root(timers);
};

}  // namespace

TEST_CASE("a context made by default is not initialized, and a root never ends") {
  CHECK_FALSE(nb::Context().is_initialized());
  World w;
  CHECK(w.root.is_initialized());
  CHECK_FALSE(w.root.has_ended());
  CHECK_FALSE(w.root.deadline());
}

TEST_CASE("a deadline ends the context and its descendants with Timeout, and calls back once") {
  World w;
  const auto ctx = w.root.with_timeout(5s);
  const auto child = ctx.with_cancel().context.with_language("de");
  int calls = 0;
  auto registration = child.on_end([&calls](const nb::Error& error) {
    ++calls;
    CHECK(nb::verror::Timeout.matches(error));
  });
  w.clock->advance(4s);
  CHECK_FALSE(child.has_ended());
  CHECK(*child.time_left() == 1s);
  w.clock->advance(1s);
  CHECK(nb::verror::Timeout.matches(child.error()));
  CHECK(calls == 1);
  CHECK(*child.time_left() == 0s);
  CHECK(child.language() == "de");
}

TEST_CASE("the earlier of two deadlines counts") {
  World w;
  CHECK(*w.root.with_timeout(5s).with_timeout(9s).time_left() == 5s);
  CHECK(*w.root.with_timeout(9s).with_timeout(5s).time_left() == 5s);
  CHECK_FALSE(w.root.with_timeout(std::chrono::nanoseconds::max()).deadline());
}

TEST_CASE("cancelling ends a scope and what is below it, not what is above; cancelled beats timed out") {
  World w;
  const auto parent = w.root.with_timeout(1s);
  auto [scope, canceler] = parent.with_cancel();
  const auto leaf = scope.with_timeout(500ms);
  canceler.cancel();
  canceler.cancel();
  CHECK(nb::verror::Canceled.matches(leaf.error()));
  CHECK_FALSE(parent.has_ended());
  w.clock->advance(2s);
  CHECK(nb::verror::Canceled.matches(leaf.error()));
  CHECK(nb::verror::Timeout.matches(parent.error()));
}

TEST_CASE("a callback registered after the end runs at once; a dropped one never") {
  World w;
  auto [scope, canceler] = w.root.with_cancel();
  int calls = 0;
  {
    auto dropped = scope.on_end([&calls](const nb::Error&) { ++calls; });
  }
  canceler.cancel();
  CHECK(calls == 0);
  auto late = scope.on_end([&calls](const nb::Error&) { ++calls; });
  CHECK(calls == 1);

  const auto past = w.root.with_timeout(-1s);
  auto later = past.on_end([&calls](const nb::Error& error) { calls += nb::verror::Timeout.matches(error) ? 10 : 0; });
  CHECK(calls == 11);
}

TEST_CASE("a context that nobody waits for arms no timer, and one that goes takes its timer with it") {
  World w;
  {
    const auto ctx = w.root.with_timeout(5s);
    CHECK(w.timers->size() == 0);
    auto registration = ctx.on_end([](const nb::Error&) {});
    CHECK(w.timers->size() == 1);
  }
  CHECK(w.timers->size() == 0);
}

TEST_CASE("a registration keeps the context that it waits for") {
  World w;
  int calls = 0;
  auto registration = w.root.with_timeout(1s).on_end([&calls](const nb::Error&) { ++calls; });
  w.clock->advance(1s);
  CHECK(calls == 1);
}

TEST_CASE("a callback may drop its own registration") {
  World w;
  auto [scope, canceler] = w.root.with_cancel();
  nb::ContextRegistration registration;
  registration = scope.on_end([&registration](const nb::Error&) { registration.reset(); });
  canceler.cancel();
}

TEST_CASE("values are found by their key in all descendants") {
  World w;
  static constexpr nb::ContextKey kUser{"user"};
  static constexpr nb::ContextKey kOther{"user"};
  const auto ctx = w.root.with_value(kUser, std::make_shared<const int>(7)).with_timeout(1s);
  REQUIRE(ctx.value(kUser) != nullptr);
  CHECK(*static_cast<const int*>(ctx.value(kUser)) == 7);
  CHECK(ctx.value(kOther) == nullptr);
}

TEST_CASE("registrations may go, and scopes end, while the end of their parent is told") {
  World w;
  auto [parent, canceler] = w.root.with_cancel();
  int calls = 0;
  nb::ContextRegistration second;
  auto [child, child_canceler] = parent.with_cancel();
  auto first = parent.on_end([&, canceler = child_canceler](const nb::Error&) {
    ++calls;
    second.reset();
    canceler.cancel();
  });
  second = parent.on_end([&calls](const nb::Error&) { ++calls; });
  auto third = parent.on_end([&calls](const nb::Error&) { ++calls; });
  auto of_child = child.on_end([&calls](const nb::Error& error) {
    ++calls;
    CHECK(nb::verror::Canceled.matches(error));
  });
  canceler.cancel();
  CHECK(calls == 3);  // first, third and the child's
}

TEST_CASE("a scope that goes leaves the list of its parent, wherever it stood") {
  World w;
  auto [parent, canceler] = w.root.with_cancel();
  int calls = 0;
  auto count = [&calls](const nb::Error&) { ++calls; };
  std::vector<nb::ContextRegistration> registrations;
  for (int i = 0; i < 5; ++i) registrations.push_back(parent.with_cancel().context.on_end(count));
  for (const int gone : {2, 0, 4}) registrations[gone].reset();
  canceler.cancel();
  CHECK(calls == 2);
}
