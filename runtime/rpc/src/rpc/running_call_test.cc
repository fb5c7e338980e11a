// Client calls between the program and their connection: which connection they take, the order of what is asked of
// them, and how they end when nobody holds or runs them any more.
#include "rpc/running_call.h"

#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <optional>
#include <thread>
#include <utility>

#include <asio/post.hpp>

#include <nb/base/verror.h>

#include "naming/endpoint.h"
#include "rpc/testing/by_hand.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::eventually;
using testing::World;
using testing::WorldByHand;

// The place, whichever server of alice's is there.
std::string name_of_place(std::string protocol, std::string address) {
  naming::Endpoint endpoint;
  endpoint.protocol = std::move(protocol);
  endpoint.address = std::move(address);
  endpoint.blessing_names = {"alice"};
  return "/" + naming::to_string(endpoint);
}

bool all_released(World& w) {
  return eventually([&] { return w.client_runtime.core()->running_calls().all().empty(); });
}

}  // namespace

TEST_CASE("a call whose connection began to end after it was chosen goes to the next server there by itself") {
  WorldByHand w;
  const calc::CalcClient client(*w.client_side.runtime, name_of_place("local", "calc"), CallOptions().no_retry());
  auto first = client.Add(w.context(), 1, 2);
  REQUIRE(w.poll_until([&] { return first.is_done(); }));
  REQUIRE(first.get());

  // The server's word has arrived, and the client has not looked at it yet.
  w.server_side.on_loop([&] { w.server.stop(1h); });
  w.server_side.poll();
  const auto next = std::make_shared<testing::Calc>();
  auto next_server = w.server_side.runtime->serve(next, ServerOptions().listen("local", "calc")).value();
  auto second = client.Add(w.context(), 3, 4);
  REQUIRE(w.poll_until([&] { return second.is_done(); }));
  const auto sum = second.get();
  REQUIRE_MESSAGE(sum, sum.error().message());
  CHECK(*sum == 7);
  CHECK(next->calls == 1);
  CHECK(w.service->calls == 1);
  w.end(next_server);
}

TEST_CASE("a call that may only use a connection that is there does not dial when that one has begun to end") {
  WorldByHand w;
  auto first = w.client.Add(w.context(), 1, 2);
  REQUIRE(w.poll_until([&] { return first.is_done(); }));
  w.server_side.on_loop([&] { w.server.stop(1h); });
  w.server_side.poll();
  auto second = w.client.Add(w.context(), 3, 4, CallOptions().connection_timeout(0ns));
  REQUIRE(w.poll_until([&] { return second.is_done(); }));
  CHECK(verror::NoServers.matches(second.get().error()));
}

TEST_CASE("what one thread asks of a stream and then, knowing of it, another one keeps its order") {
  WorldByHand w;
  auto centre = w.client.Centre(w.context());
  auto first = centre.send(calc::Point(1, 2));
  auto answer = centre.recv();
  REQUIRE(w.poll_until([&] { return answer.is_done(); }));

  std::optional<Pending<Result<void>>> sent;
  std::optional<Pending<Result<std::int32_t>>> count;
  w.client_side.on_loop([&] {
    std::thread([&] { sent = centre.send(calc::Point(3, 4)); }).join();
    count = centre.finish();
  });
  auto second = centre.recv();
  REQUIRE(w.poll_until([&] { return sent->is_done() && count->is_done(); }));
  const auto ok = sent->get();
  CHECK_MESSAGE(ok, ok.error().message());
  // Finishing before the second item was received is an error of its own; that the server has sent it counts here.
  CHECK(w.poll_until([&] { return w.service->ended == 1; }));
  CHECK(w.poll_until([&] { return second.is_done(); }));
}

TEST_CASE("a detached stream that nobody holds any more is cancelled and forgotten") {
  World w("local");
  {
    auto centre = w.client.Centre(w.client_runtime.context());
    CHECK(centre.send(calc::Point(1, 2)).get());
    CHECK(centre.recv().get());
    centre.detach();
  }
  CHECK(eventually([&] { return w.service->seen_cancelled == 1; }));
  CHECK(all_released(w));
}

TEST_CASE("a stream that the server has ended and nobody finishes is forgotten with its handle") {
  World w("local");
  for (const bool detached : {false, true}) {
    CAPTURE(detached);
    {
      auto count = w.client.Count(w.client_runtime.context(), 3);
      for ([[maybe_unused]] const auto item : count.items()) continue;
      if (detached) count.detach();
    }
    CHECK(all_released(w));
  }
}

TEST_CASE("a detached stream that nobody has connected yet is given up with its handle") {
  WorldByHand w;
  w.client.Centre(w.context()).detach();
  REQUIRE(w.poll_until([&] { return w.client_side.runtime->core()->running_calls().all().empty(); }));
  CHECK(w.service->ended == 0);
}

TEST_CASE("what was asked of a detached stream is answered after its handle has gone") {
  World w("local");
  Pending<Next<calc::Point>> item;
  {
    auto centre = w.client.Centre(w.client_runtime.context());
    (void)centre.send(calc::Point(1, 2));
    item = centre.recv();
    centre.detach();
  }
  CHECK(*item.get() == calc::Point(1, 2));
  CHECK(eventually([&] { return w.service->seen_cancelled == 1; }));

  Pending<Result<std::int64_t>> total;
  {
    auto swallow = w.client.Swallow(w.client_runtime.context());
    (void)swallow.send(Bytes(1000, 1));
    total = swallow.finish();
    swallow.detach();
  }
  CHECK(*total.get() == 1000);
  CHECK(all_released(w));
}

TEST_CASE("calls of a runtime that was given up end with an error although nobody runs its executor any more") {
  WorldByHand w;
  const auto context = w.context();
  auto waiting = w.client.Wait(context);
  auto centre = w.client.Centre(context);
  auto item = centre.recv();
  REQUIRE(w.poll_until([&] { return w.service->waiting == 1; }));
  Pending<Result<void>> sent;
  Call<std::int32_t> unborn;
  Call<void> cancelled;
  asio::post(w.client_side.io(), [&] {
    // These lie in the queue of the executor from now on.
    sent = centre.send(calc::Point(1, 2));
    unborn = w.client.Add(context, 1, 2);
    cancelled = w.client.Wait(context);
    cancelled.cancel();
    // Inside the executor nobody can wait for it, so the runtime is cut off.
    w.client_side.runtime.reset();
  });
  w.client_side.io().restart();
  while (w.client_side.runtime) w.client_side.io().run_one();

  auto errors = std::async(std::launch::async, [&] {
    return std::vector<Error>{waiting.get().error(), item.get().error(),      sent.get().error(),
                              unborn.get().error(),  cancelled.get().error(), centre.finish().get().error()};
  });
  REQUIRE(errors.wait_for(30s) == std::future_status::ready);
  for (const Error& error : errors.get()) {
    CAPTURE(error.message());
    CHECK(error);
    CHECK_FALSE(verror::Timeout.matches(error));
  }
}

}  // namespace nb::rpc
