// What users test their services with: a world in one process, a clock moved by hand, and fakes.
#include <nb/rpc/in_process.h>

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>

#include <nb/base/verror.h>

#include "calc/calc.fake.h"
#include "rpc/testing/calc_service.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::eventually;

bool says(const Error& error, std::string_view text) { return error.message().find(text) != std::string_view::npos; }

}  // namespace

TEST_CASE("servers and clients of one process prove to each other who they are, without a socket") {
  class Curious final : public testing::Calc {
   public:
    Reply<std::int32_t> Add(ServerCall& call, std::int32_t a, std::int32_t b) override {
      caller = call.remote_names().valid;
      endpoint = call.local_endpoint();
      return a + b;
    }
    std::vector<std::string> caller;
    std::string endpoint;
  };
  InProcess world;
  const auto service = std::make_shared<Curious>();
  auto server = world.serve(service).value();
  auto other = world.serve(std::make_shared<testing::Calc>()).value();
  CHECK(server.name() != other.name());
  const calc::CalcClient client(world.client(), server.name());
  CHECK(*client.Add(world.context(), 1, 2).get() == 3);
  CHECK(service->caller == std::vector<std::string>{"test:client"});
  CHECK(service->endpoint.starts_with("@6@local@"));
  CHECK(server.name().find("@test@@") != std::string::npos);

  // Who is not of the test's tree is refused, also by a server that a stranger would not trust.
  const Runtime& mallory = world.stranger("mallory");
  const calc::CalcClient refused(mallory, server.name(), CallOptions().server_authorizer(allow_everyone()));
  const Error error = refused.Add(mallory.context().with_timeout(20s), 1, 2).get().error();
  CHECK_MESSAGE(verror::NoAccess.matches(error), error.message());
}

TEST_CASE("no deadline passes before the test moves the clock") {
  const auto clock = std::make_shared<HandClock>();
  InProcess world(clock);
  const auto service = std::make_shared<testing::Calc>();
  auto server = world.serve(service).value();
  const calc::CalcClient client(world.client(), server.name());
  auto waiting = client.Wait(world.context(10s));
  REQUIRE(eventually([&] { return service->waiting == 1; }));
  clock->advance(9s);
  CHECK(*client.Add(world.context(), 1, 2).get() == 3);
  CHECK_FALSE(waiting.is_done());
  clock->advance(2s);
  CHECK(verror::Timeout.matches(waiting.get().error()));
}

TEST_CASE("a fake does what the test says, counts, and tells what was not as expected") {
  InProcess world;
  const auto fake = std::make_shared<calc::FakeCalcServer>();
  auto server = world.serve(fake).value();
  const calc::CalcClient client(world.client(), server.name());

  fake->on_Add.expect(2) = [](ServerCall&, std::int32_t a, std::int32_t b) { return 10 * a + b; };
  fake->on_Div.expect_at_least(1) = [](ServerCall&, std::int32_t a, std::int32_t) { return calc::DivideByZero(a); };
  CHECK(*client.Add(world.context(), 1, 2).get() == 12);
  Error error = fake->verify().error();
  CHECK(verror::BadState.matches(error));
  CHECK(says(error, "Calc.Add was expected 2 times and called 1 times"));
  CHECK(says(error, "Calc.Div was expected at least 1 times and called 0 times"));

  CHECK(*client.Add(world.context(), 3, 4).get() == 34);
  CHECK(calc::DivideByZero.matches(client.Div(world.context(), 1, 0).get().error()));
  CHECK(calc::DivideByZero.matches(client.Div(world.context(), 1, 0).get().error()));
  CHECK(fake->verify());
  CHECK(fake->on_Div.calls() == 2);

  error = client.Add(world.context(), 5, 6).get().error();
  CHECK(verror::NotImplemented.matches(error));
  CHECK(says(error, "expected 2 times, and this is call 3"));
  CHECK(says(fake->verify().error(), "called 3 times"));

  error = client.Wait(world.context()).get().error();
  CHECK(verror::NotImplemented.matches(error));
  CHECK(says(error, "Calc.Wait was called, and the test does not say what it does"));
}

TEST_CASE(
    "a faked stream may be a coroutine that uses what its function has captured, also after another took its place") {
  InProcess world;
  const auto fake = std::make_shared<calc::FakeCalcServer>();
  auto server = world.serve(fake).value();
  const calc::CalcClient client(world.client(), server.name());
  const std::string marks(100, 'x');
  fake->on_Count = [marks](ServerCall&, std::int32_t upto, ServerStream<void, std::int32_t>& stream) -> Reply<void> {
    for (std::int32_t i = 0; i < upto; ++i) {
      const auto size = static_cast<std::int32_t>(marks.size());
      if (auto sent = co_await stream.send(i * size); !sent) co_return sent.error();
    }
    co_return {};
  };
  // Long enough to wait for its reader.
  auto count = client.Count(world.context(), 100'000);
  CHECK(count.recv().get());
  fake->on_Count = [](ServerCall&, std::int32_t, ServerStream<void, std::int32_t>&) { return Reply<void>(); };
  std::int32_t items = 1;
  while (auto item = count.recv().get()) {
    if (*item != 100 * items) break;
    ++items;
  }
  CHECK(items == 100'000);
  CHECK(count.finish().get());
}

}  // namespace nb::rpc
