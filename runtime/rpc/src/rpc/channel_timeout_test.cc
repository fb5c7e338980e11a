// Servers that are cut off: how soon a call notices (docs/spec/flow-protocol.md 10.2).
#include <doctest/doctest.h>

#include <chrono>
#include <memory>

#include <nb/base/verror.h>

#include "rpc/testing/by_hand.h"

using namespace std::chrono_literals;

namespace nb::rpc {

using testing::WorldByHand;

TEST_CASE("[F-6] a call with a channel timeout ends in that time when its server says nothing any more") {
  const auto clock = std::make_shared<HandClock>();
  WorldByHand w(clock);
  auto waiting = w.client.Wait(w.context(), CallOptions().channel_timeout(4s).no_retry());
  REQUIRE(w.poll_until([&] { return w.service->waiting == 1; }));
  // It answers health checks, so the call goes on.
  for (int i = 0; i < 8; ++i) {
    clock->advance(1s);
    for (int n = 0; n < 20; ++n) w.poll();
  }
  CHECK(!waiting.is_done());
  // From here on nothing of the server runs.
  for (int i = 0; i < 5 && !waiting.is_done(); ++i) {
    clock->advance(1s);
    for (int n = 0; n < 20; ++n) w.client_side.poll();
  }
  REQUIRE(waiting.is_done());
  const Error error = waiting.get().error();
  CHECK_MESSAGE(error, error.message());
}

TEST_CASE("without one it waits for the connection's own, which is long") {
  const auto clock = std::make_shared<HandClock>();
  WorldByHand w(clock);
  auto waiting = w.client.Wait(w.context());
  REQUIRE(w.poll_until([&] { return w.service->waiting == 1; }));
  for (int i = 0; i < 20; ++i) {
    clock->advance(1s);
    for (int n = 0; n < 20; ++n) w.client_side.poll();
  }
  CHECK(!waiting.is_done());
}

}  // namespace nb::rpc
