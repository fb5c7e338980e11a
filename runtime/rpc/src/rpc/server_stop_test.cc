// How a server stops, step by step as its clients see it (docs/spec/rpc.md 8.4), and how calls are cancelled.
#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <nb/base/verror.h>

#include "rpc/testing/calc_service.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::eventually;
using testing::World;
using Centre = StreamCall<calc::Point, calc::Point, std::int32_t>;

bool goes_on(Centre& stream) { return stream.send(calc::Point(1, 2)).get() && stream.recv().get(); }

std::vector<Centre> open_streams(World& w, int count) {
  std::vector<Centre> streams;
  for (int i = 0; i < count; ++i) {
    streams.push_back(w.client.Centre(w.context(10min)));
    REQUIRE(goes_on(streams.back()));
  }
  return streams;
}

}  // namespace

TEST_CASE(
    "a server stops in order: no new calls, grace for those that run, then they are cancelled, then connections end") {
  for (const char* protocol : {"tcp", "local"}) {
    CAPTURE(protocol);
    World w(protocol);
    auto streams = open_streams(w, 1000);
    CHECK(w.server.status().state == ServerState::kReady);

    std::thread stopping([&] { w.server.stop(1h); });
    CHECK(eventually([&] { return w.server.status().state == ServerState::kStopping; }));
    // The lame duck is announced on the connection that the streams are on: it carries no new call.
    Error refused;
    CHECK(eventually([&] {
      refused = w.client.Add(w.context(), 1, 2, CallOptions().no_retry()).get().error();
      return static_cast<bool>(refused);
    }));
    CHECK_MESSAGE(verror::NoServers.matches(refused), refused.message());
    // … and those on it go on, and may end well.
    CHECK(w.service->ended == 0);
    for (auto& stream : streams) REQUIRE(goes_on(stream));
    CHECK(*streams.back().finish().get() == 2);
    streams.pop_back();
    CHECK(w.server.status().state == ServerState::kStopping);
    CHECK(eventually([&] { return w.service->ended == 1; }));

    w.server.stop(0ns);  // the shorter grace counts
    stopping.join();
    CHECK(w.server.status().state == ServerState::kStopped);
    std::map<std::string, int> ends;
    for (auto& stream : streams) {
      const Error in_recv = stream.recv().get().error();
      const Error in_finish = stream.finish().get().error();
      CHECK_MESSAGE(verror::Canceled.matches(in_recv), in_recv.message());
      CHECK_MESSAGE(verror::Canceled.matches(in_finish), in_finish.message());
      ++ends[std::string(in_finish.message())];
    }
    CHECK_MESSAGE(ends["canceled: the server shuts down"] == 999, ends.begin()->first);
    CHECK(eventually([&] { return w.service->ended == 1000; }));
    CHECK(w.service->seen_cancelled == 999);
  }
}

TEST_CASE("a runtime that shuts down under streams ends them all in the same words") {
  World w("local");
  auto streams = open_streams(w, 100);
  CHECK(w.server_runtime.shutdown(1ms));
  for (auto& stream : streams) {
    const Error error = stream.finish().get().error();
    CHECK_MESSAGE(verror::Canceled.matches(error), error.message());
  }
}

TEST_CASE("a server that stops without grace cancels what runs at once") {
  World w("local");
  auto streams = open_streams(w, 20);
  w.server.stop(0ns);
  for (auto& stream : streams) CHECK(stream.finish().get().error());
  CHECK(eventually([&] { return w.service->ended == 20; }));
}

TEST_CASE("[1-56] cancelling a call is ending its context: its method notices, and its operations are Canceled") {
  for (const bool by_context : {false, true}) {
    CAPTURE(by_context);
    World w("local");
    auto [context, canceler] = w.context().with_cancel();
    auto stream = w.client.Centre(context);
    REQUIRE(goes_on(stream));
    auto item = stream.recv();
    if (by_context) {
      canceler.cancel();
    } else {
      stream.cancel();
    }
    CHECK(verror::Canceled.matches(item.get().error()));
    CHECK(verror::Canceled.matches(stream.finish().get().error()));
    CHECK(eventually([&] { return w.service->seen_cancelled == 1; }));
    // Another call of the same connection is none the worse.
    CHECK(*w.client.Add(w.context(), 1, 2).get() == 3);
  }
}

}  // namespace nb::rpc
