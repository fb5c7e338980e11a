// Servers with limits: what is refused, how, and that there is room again afterwards.
#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <limits>
#include <thread>
#include <vector>

#include <nb/base/verror.h>
#include <nb/rpc/overload.h>

#include "rpc/testing/calc_service.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::eventually;
using testing::World;

// A second server of the world, with options of its own.
struct Limited {
  explicit Limited(ServerOptions options)
      : server(world.server_runtime.serve(service, options.listen("local", "limited").grace(0ns)).value()),
        client(world.client_runtime, server.name()) {}

  void is_refused(const Error& error, std::string_view what) const {
    CHECK_MESSAGE(Overloaded.matches(error), error.message());
    CHECK(error.action() == RetryBackoff);
    CHECK_MESSAGE(error.message().find(what) != std::string_view::npos, error.message());
  }
  Context context() const { return world.context(); }

  World world{"local"};
  std::shared_ptr<testing::Calc> service = std::make_shared<testing::Calc>();  // shared with the server
  Server server;
  calc::CalcClient client;
};

const CallOptions once = CallOptions().no_retry();

}  // namespace

TEST_CASE(
    "a server runs no more calls at once than it may, answers Overloaded to others, and goes on when one has ended") {
  Limited w(ServerOptions().max_calls(2));
  auto [context, canceler] = w.context().with_cancel();
  auto one = w.client.Wait(context);
  auto two = w.client.Wait(w.context());
  REQUIRE(eventually([&] { return w.service->waiting == 2; }));
  w.is_refused(w.client.Add(w.context(), 1, 2, once).get().error(), "2 calls are as many");
  CHECK(w.service->calls == 0);
  canceler.cancel();
  CHECK(one.get().error());
  // Tried again by itself, as the action says, until there is room.
  CHECK(*w.client.Add(w.context(), 1, 2).get() == 3);
  for (int i = 0; i < 10; ++i) CHECK(*w.client.Add(w.context(), i, 2).get() == i + 2);
}

TEST_CASE("limits for one connection leave room on others") {
  Limited w(ServerOptions().max_calls_per_connection(1));
  auto waiting = w.client.Wait(w.context());
  REQUIRE(eventually([&] { return w.service->waiting == 1; }));
  w.is_refused(w.client.Add(w.context(), 1, 2, once).get().error(), "over one connection");
  auto other_runtime = Runtime::make(w.world.options(1)).value();
  const calc::CalcClient other(other_runtime, w.server.name());
  CHECK(*other.Add(other_runtime.context().with_timeout(20s), 1, 2, once).get() == 3);
}

TEST_CASE("a limit for streams leaves room for calls without") {
  Limited w(ServerOptions().max_streams(1));
  auto first = w.client.Centre(w.context());
  CHECK(first.send(calc::Point(1, 2)).get());
  CHECK(first.recv().get());
  auto second = w.client.Centre(w.context());
  w.is_refused(second.recv().get().error(), "1 streams");
  w.is_refused(second.finish().get().error(), "1 streams");
  CHECK(*w.client.Add(w.context(), 1, 2, once).get() == 3);
  CHECK(*first.finish().get() == 1);
  CHECK(eventually([&] {
    auto third = w.client.Count(w.context(), 1, once);
    const bool fine = static_cast<bool>(third.recv().get());
    return fine && third.finish().get();
  }));
}

TEST_CASE("a limit for the queue counts calls that wait for a thread of the pool, not those that have one") {
  class Held final : public testing::Calc {
   public:
    Reply<void> Sleep(ServerCall&, std::chrono::nanoseconds) override {
      ++waiting;
      released.wait();
      return {};
    }
    std::promise<void> release;
    std::shared_future<void> released{release.get_future()};
  };
  World w("local");
  const auto held = std::make_shared<Held>();
  auto server =
      w.server_runtime.serve(held, ServerOptions().listen("local", "held").handlers(pool(2)).max_queued(1)).value();
  const calc::CalcClient client(w.client_runtime, server.name());
  std::vector<Call<void>> calls;
  for (int i = 0; i < 3; ++i) calls.push_back(client.Sleep(w.context(), 0ns));
  REQUIRE(eventually([&] { return held->waiting == 2; }));
  Error refused;
  // The third may still be on its way to the queue.
  REQUIRE(eventually([&] {
    refused = client.Add(w.context(50ms), 1, 2, once).get().error();
    return Overloaded.matches(refused);
  }));
  CHECK(refused.message().find("calls waiting") != std::string_view::npos);
  held->release.set_value();
  for (auto& call : calls) CHECK(call.get());
  CHECK(*client.Add(w.context(), 1, 2).get() == 3);
}

TEST_CASE("a queue without a limit is without a limit") {
  World w("local");
  const auto service = std::make_shared<testing::Calc>();
  auto server = w.server_runtime
                    .serve(service, ServerOptions()
                                        .listen("local", "endless")
                                        .handlers(pool(1))
                                        .max_queued(std::numeric_limits<std::size_t>::max()))
                    .value();
  CHECK(*calc::CalcClient(w.client_runtime, server.name()).Add(w.context(), 1, 2, once).get() == 3);
}

TEST_CASE("those whom nobody lets in are told so, and take no room from others") {
  Limited w(ServerOptions().max_calls(1));
  auto waiting = w.client.Wait(w.context());
  REQUIRE(eventually([&] { return w.service->waiting == 1; }));
  auto stranger = Runtime::make(w.world.options(1).principal(testing::stranger("mallory"))).value();
  const calc::CalcClient mallory(stranger, w.server.name(), CallOptions().server_authorizer(allow_everyone()));
  const auto refused = mallory.Add(stranger.context().with_timeout(20s), 1, 2, once).get();
  CHECK_MESSAGE(verror::NoAccess.matches(refused.error()), refused.error().message());
}

TEST_CASE("with an executor of the program's, calls that it has begun do not count as waiting") {
  World w("local");
  auto elsewhere = Runtime::make(w.options(2)).value();
  const auto service = std::make_shared<testing::Calc>();
  auto server =
      w.server_runtime
          .serve(service, ServerOptions().listen("local", "elsewhere").handlers(elsewhere.executor()).max_queued(1))
          .value();
  const calc::CalcClient client(w.client_runtime, server.name());
  std::vector<Call<void>> calls;
  for (int i = 1; i <= 5; ++i) {
    calls.push_back(client.Wait(w.context()));
    REQUIRE(eventually([&] { return service->waiting == i; }));
  }
}

}  // namespace nb::rpc
