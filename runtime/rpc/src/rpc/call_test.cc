// Calls between two runtimes, in memory and over loopback: what works, and how everything that goes wrong ends.
#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <thread>

#include <nb/base/verror.h>

#include "rpc/errors.h"
#include "rpc/testing/calc_service.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::eventually;
using testing::World;

bool contains(const Error& error, std::string_view part) {
  return error.message().find(part) != std::string_view::npos;
}

// Runs a test over loopback and in memory.
void in_every_way(const std::function<void(World&)>& test) {
  for (const char* protocol : {"tcp", "local"}) {
    CAPTURE(protocol);
    World w(protocol);
    test(w);
  }
}

// The name of an object under which nobody listens: that of a server which has gone.
std::string name_of_nobody(const World& world) {
  auto gone = world.server_runtime
                  .serve(std::make_shared<testing::Calc>(),
                         ServerOptions().listen(world.protocol, world.protocol == "local" ? "gone" : "127.0.0.1:0"))
                  .value();
  return gone.name();
}

}  // namespace

TEST_CASE("values, several results and nothing come back") {
  in_every_way([](World& w) {
    CHECK(*w.client.Add(w.context(), 1, 2).get() == 3);
    CHECK(*w.client.Div(w.context(), 17, 5).get() == calc::CalcDivResults(3, 2));
    const Bytes data(300'000, 7);
    CHECK(*w.client.Echo(w.context(), data).get() == data);
    CHECK(w.client.Sleep(w.context(), 0ns).get());
  });
}

TEST_CASE("an error declared in VDL arrives typed") {
  in_every_way([](World& w) {
    const Error error = w.client.Div(w.context(), 7, 0).get().error();
    CHECK(calc::DivideByZero.matches(error));
    CHECK(error.message() == "7 cannot be divided by zero");
    REQUIRE(calc::DivideByZero.params(error));
    CHECK(std::get<0>(*calc::DivideByZero.params(error)) == 7);
    CHECK_FALSE(calc::DivideByZero.matches(w.client.Div(w.context(), 7, 1).get().error()));
  });
}

TEST_CASE("the method sees language, tags and deadline") {
  in_every_way([](World& w) {
    CHECK(w.client.Add(w.context().with_language("de-CH"), 1, 2).get());
    CHECK(w.service->last_language() == "de-CH");
    CHECK(w.service->last_tag() == "arithmetic");
  });
}

TEST_CASE("a stream both ways") {
  in_every_way([](World& w) {
    auto centre = w.client.Centre(w.context());
    CHECK(centre.send(calc::Point(1, 2)).get());
    auto first = centre.recv().get();
    REQUIRE(first);
    CHECK(*first == calc::Point(1, 2));
    auto one = centre.send(calc::Point(3, 4));  // several may be queued
    auto two = centre.send(calc::Point(5, 6));
    CHECK(two.get());
    CHECK(one.get());
    CHECK(centre.close_send().get());
    int items = 0;
    for (auto& point : centre.items()) {
      CHECK(point.X > 1);
      ++items;
    }
    CHECK(items == 2);
    CHECK(*centre.finish().get() == 3);
    CHECK(verror::BadState.matches(centre.finish().get().error()));
  });
}

TEST_CASE("a stream from the server, and one from the client") {
  in_every_way([](World& w) {
    auto count = w.client.Count(w.context(), 1000);
    std::int32_t expected = 0;
    for (const auto item : count.items()) CHECK(item == ++expected);
    CHECK(expected == 1000);
    CHECK(count.finish().get());

    auto swallow = w.client.Swallow(w.context());
    for (int i = 0; i < 100; ++i) CHECK(swallow.send(Bytes(1000, 1)).get());
    CHECK(*swallow.finish().get() == 100'000);
  });
}

TEST_CASE("callbacks and dynamic calls") {
  in_every_way([](World& w) {
    auto done = make_pending<ResultState<std::int32_t>>(w.client_runtime.executor());
    w.client.Add(w.context(), 1, 2).then([done](Result<std::int32_t> sum) {
      done->PendingState<Result<std::int32_t>>::complete(std::move(sum));
    });
    CHECK(*Pending<Result<std::int32_t>>(done).get() == 3);

    Client dynamic(w.client_runtime);
    CHECK(
        *dynamic.call<std::int32_t>(w.context(), w.server.name(), "Add", std::int32_t{1}, Any(std::int32_t{2})).get() ==
        3);
    const auto results = dynamic.call(w.context(), w.server.name(), "Div", std::int32_t{17}, std::int32_t{5}).get();
    REQUIRE(results);
    REQUIRE(results->size() == 2);
    CHECK(*(*results)[1].as<std::int32_t>() == 2);
  });
}

TEST_CASE("unknown method") {
  in_every_way([](World& w) {
    const Error error = Client(w.client_runtime).call(w.context(), w.server.name(), "Multiply", 1, 2).get().error();
    CHECK(verror::UnknownMethod.matches(error));
    CHECK(contains(error, "Multiply"));
  });
}

TEST_CASE("no such object") {
  in_every_way([](World& w) {
    const Error error = calc::CalcClient(w.client_runtime, w.server.name("attic")).Add(w.context(), 1, 2).get().error();
    CHECK(verror::UnknownSuffix.matches(error));
    CHECK(contains(error, "attic"));
  });
}

TEST_CASE("wrong number of arguments") {
  in_every_way([](World& w) {
    const Error error = Client(w.client_runtime).call(w.context(), w.server.name(), "Add", 1).get().error();
    CHECK(verror::BadProtocol.matches(error));
    CHECK(contains(error, "takes 2"));
  });
}

TEST_CASE("wrong types of arguments") {
  in_every_way([](World& w) {
    const Error error = Client(w.client_runtime).call(w.context(), w.server.name(), "Add", 1, "two").get().error();
    CHECK(verror::BadProtocol.matches(error));
    CHECK(contains(error, "argument 1"));
  });
}

TEST_CASE("wrong number and type of results") {
  in_every_way([](World& w) {
    Client dynamic(w.client_runtime);
    const Error number = dynamic.call<void>(w.context(), w.server.name(), "Add", 1, 2).get().error();
    CHECK(verror::BadProtocol.matches(number));
    const Error type = dynamic.call<std::string>(w.context(), w.server.name(), "Add", 1, 2).get().error();
    CHECK(verror::BadProtocol.matches(type));
    CHECK(contains(type, "result 0"));
  });
}

TEST_CASE("server gone: refused without retries, and with a deadline") {
  in_every_way([](World& w) {
    calc::CalcClient nobody(w.client_runtime, name_of_nobody(w));
    const auto began = std::chrono::steady_clock::now();
    const Error once = nobody.Add(w.context(), 1, 2, CallOptions().no_retry()).get().error();
    CHECK(std::chrono::steady_clock::now() - began < 5s);
    CHECK(verror::NoServers.matches(once));
    CHECK(once.action() == RetryRefetch);
    REQUIRE(once.sub_errors().size() == 1);
    CHECK(contains(once, once.sub_errors().front().error.message()));

    const Error in_time = nobody.Add(w.context(700ms), 1, 2).get().error();
    CHECK(std::chrono::steady_clock::now() - began < 10s);
    const bool refused = verror::NoServers.matches(in_time) || verror::Timeout.matches(in_time);
    CHECK_MESSAGE(refused, in_time.message());
  });
}

TEST_CASE("server stopped under a call that runs") {
  in_every_way([](World& w) {
    auto call = w.client.Wait(w.context());
    CHECK(eventually([&] { return w.service->waiting == 1; }));
    w.server.stop(0ns);
    const Error error = call.get().error();
    CHECK(error);
    CHECK_FALSE(verror::Timeout.matches(error));
    CHECK(w.service->waiting == 0);
  });
}

TEST_CASE("past its deadline") {
  in_every_way([](World& w) {
    const auto began = std::chrono::steady_clock::now();
    const Error error = w.client.Wait(w.context(200ms)).get().error();
    CHECK(std::chrono::steady_clock::now() - began < 5s);
    CHECK_MESSAGE(verror::Timeout.matches(error), error.message());
    CHECK(eventually([&] { return w.service->seen_cancelled == 1; }));
    CHECK(verror::Timeout.matches(w.client.Add(w.context(-1s), 1, 2).get().error()));
  });
}

TEST_CASE("cancelled by the client") {
  in_every_way([](World& w) {
    auto [context, canceler] = w.context().with_cancel();
    auto call = w.client.Wait(context);
    CHECK(eventually([&] { return w.service->waiting == 1; }));
    canceler.cancel();
    CHECK(verror::Canceled.matches(call.get().error()));
    CHECK(eventually([&] { return w.service->seen_cancelled == 1; }));

    auto by_handle = w.client.Wait(w.context());
    CHECK(eventually([&] { return w.service->waiting == 1; }));
    by_handle.cancel();
    CHECK(verror::Canceled.matches(by_handle.get().error()));
    CHECK(eventually([&] { return w.service->seen_cancelled == 2; }));
  });
}

TEST_CASE("cancelled by dropping the call; a detached one runs on") {
  in_every_way([](World& w) {
    {
      auto call = w.client.Wait(w.context());
      CHECK(eventually([&] { return w.service->waiting == 1; }));
    }
    CHECK(eventually([&] { return w.service->seen_cancelled == 1; }));
    {
      auto stream = w.client.Centre(w.context());
      CHECK(stream.send(calc::Point(1, 2)).get());
      CHECK(stream.recv().get());
    }
    CHECK(eventually([&] { return w.service->seen_cancelled == 2; }));
    {
      auto call = w.client.Wait(w.context(300ms));
      CHECK(eventually([&] { return w.service->waiting == 1; }));
      call.detach();
    }
    std::this_thread::sleep_for(50ms);
    CHECK(w.service->seen_cancelled == 2);
    CHECK(eventually([&] { return w.service->seen_cancelled == 3; }));
  });
}

TEST_CASE("get() on a runtime thread is an error at once") {
  in_every_way([](World& w) {
    auto refused = make_pending<ResultState<std::int32_t>>(w.client_runtime.executor());
    w.client_runtime.executor().post([&w, refused] {
      refused->PendingState<Result<std::int32_t>>::complete(w.client.Add(w.context(), 1, 2).get());
    });
    const Error error = Pending<Result<std::int32_t>>(refused).get().error();
    CHECK(verror::BadState.matches(error));
    CHECK(contains(error, "co_await"));
  });
}

TEST_CASE("a call is made again when the server asks for it, unless it must not be") {
  in_every_way([](World& w) {
    CHECK(*w.client.Flaky(w.context(), 2).get() == 2);
    CHECK(verror::Internal.matches(w.client.Flaky(w.context(), 1, CallOptions().no_retry()).get().error()));
  });
}

TEST_CASE("a method that holds its connection up is named once, with the way out") {
  in_every_way([](World& w) {
    CHECK(w.client.Sleep(w.context(), 60ms).get());
    CHECK(w.client.Sleep(w.context(), 60ms).get());
    CHECK(eventually([&] { return w.journal->count("Sleep") > 0; }));
    CHECK(w.journal->count("Sleep") == 1);
    CHECK(w.journal->count("nb::pool") == 1);
  });
}

TEST_CASE("what is left of a runtime after its shutdown answers") {
  in_every_way([](World& w) {
    auto call = w.client.Wait(w.context());
    auto stream = w.client.Centre(w.context());
    CHECK(eventually([&] { return w.service->waiting == 1; }));
    CHECK(w.client_runtime.shutdown(0ns));
    CHECK(w.client_runtime.shutdown(0ns));
    CHECK(call.get().error());
    CHECK(stream.send(calc::Point()).get().error());
    CHECK(stream.recv().get().error());
    CHECK(stream.finish().get().error());
    const Error late = w.client.Add(w.server_runtime.context(), 1, 2).get().error();
    CHECK(verror::BadState.matches(late));
    CHECK(w.client_runtime.serve(w.service, ServerOptions().listen("local", "late")).error());
  });
}

TEST_CASE("a context that belongs to no runtime is refused") {
  World w("local");
  CHECK(verror::BadArg.matches(w.client.Add(Context(), 1, 2).get().error()));
}

TEST_CASE("names without an address, and malformed ones, are NoServers with the reason") {
  World w("local");
  const Error unrooted = calc::CalcClient(w.client_runtime, "calc").Add(w.context(), 1, 2).get().error();
  CHECK(verror::NoServers.matches(unrooted));
  CHECK(contains(unrooted, "address"));
  const Error malformed = calc::CalcClient(w.client_runtime, "/@6@@").Add(w.context(), 1, 2).get().error();
  CHECK(verror::NoServers.matches(malformed));
  CHECK(contains(malformed, "endpoint"));
}

TEST_CASE("methods on a pool may block, and calls behind a slow one on the same connection are answered") {
  World w("tcp", pool(4));
  auto slow = w.client.Sleep(w.context(), 500ms);
  const auto began = std::chrono::steady_clock::now();
  CHECK(*w.client.Add(w.context(), 1, 2).get() == 3);
  CHECK(std::chrono::steady_clock::now() - began < 400ms);
  CHECK(slow.get());
  CHECK(w.journal->count("Sleep") == 0);
  auto centre = w.client.Centre(w.context());
  CHECK(centre.send(calc::Point(1, 2)).get());
  CHECK(centre.recv().get());
  CHECK(*centre.finish().get() == 1);
}

TEST_CASE("a dispatcher finds objects by the suffix of the name, and its errors go to the client as they are") {
  class Shelf final : public Dispatcher {
   public:
    Result<Dispatched> lookup(const Context&, std::string_view suffix) override {
      if (suffix == "a/b") return Dispatched(std::make_shared<testing::Calc>());
      if (suffix == "closed") return verror::NoAccess("closed today");
      return Dispatched();
    }
  };
  World w("local");
  auto server = w.server_runtime.serve(std::make_shared<Shelf>(), ServerOptions().listen("local", "shelf")).value();
  CHECK(*calc::CalcClient(w.client_runtime, server.name("a/b")).Add(w.context(), 1, 2).get() == 3);
  CHECK(verror::UnknownSuffix.matches(
      calc::CalcClient(w.client_runtime, server.name()).Add(w.context(), 1, 2).get().error()));
  const Error closed = calc::CalcClient(w.client_runtime, server.name("closed")).Add(w.context(), 1, 2).get().error();
  CHECK(verror::NoAccess.matches(closed));
  CHECK(contains(closed, "closed today"));
}

}  // namespace nb::rpc
