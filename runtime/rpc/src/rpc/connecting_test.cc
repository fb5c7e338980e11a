// How calls come to a connection and share it, and what closing the client does: docs/spec/rpc.md 4.6 and 15.
#include <doctest/doctest.h>

#include <chrono>
#include <deque>
#include <vector>

#include <nb/rpc/bind.h>

#include "rpc/errors.h"
#include "rpc/running_call.h"
#include "rpc/runtime_core.h"
#include "rpc/testing/client_scene.h"
#include "rpc/testing/vault_service.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::blessed_by;
using testing::ClientScene;
using testing::stranger;

bool contains(const Error& error, std::string_view part) {
  return error.message().find(part) != std::string_view::npos;
}

// Answers when the test says so.
class SlowDischarger final : public Service {
 public:
  Reply<Discharge> answer(ServerCall&, Caveat caveat, v23::security::DischargeImpetus) {
    ++asked;
    asked_for.push_back(caveat);
    waiting.push_back(make_pending<PendingState<Result<Discharge>>>(Executor()));
    Pending<Result<Discharge>> later(waiting.back());
    auto discharge = co_await later;
    co_return discharge;
  }
  const ServiceDescriptor& service_descriptor() const override {
    static const ServiceDescriptor descriptor{{}, {bind<&SlowDischarger::answer>("Discharge")}};
    return descriptor;
  }

  int asked = 0;
  std::vector<Caveat> asked_for;
  std::vector<std::shared_ptr<PendingState<Result<Discharge>>>> waiting;
};

// The client's name holds with discharges of dave's alone. So there is time between its connection and its request.
struct DischargeScene : ClientScene {
  DischargeScene() : DischargeScene(stranger("dave")) {}
  explicit DischargeScene(const std::shared_ptr<const Principal>& dave_)
      : ClientScene([](RuntimeOptions&) {}), dave(dave_) {
    dave_server.emplace(server_side()
                            .runtime
                            ->serve(std::static_pointer_cast<Service>(discharger),
                                    ServerOptions().listen("local", "dave").authorizer(allow_everyone()))
                            .value());
    const auto caveat =
        third_party_caveat(dave->public_key(), at("dave"), DischargeRequirements(), {unconstrained_use()}).value();
    // The client's own principal gets another name.
    const auto& mine = runtime().principal();
    const auto blessings =
        alice->bless(mine->public_key(), alice->store().default_blessings(), "phone", caveat).value();
    mine->set_default_blessings(blessings).value();
    mine->store().set(blessings, BlessingPattern("...")).value();
  }
  ~DischargeScene() {
    server_side().on_loop([this] { dave_server->stop(0ns); });
    server_side().on_loop([this] { dave_server.reset(); });
  }
  void answer_discharger() {
    for (std::size_t i = 0; i < discharger->waiting.size(); ++i) {
      discharger->waiting[i]->complete(dave->mint_discharge(discharger->asked_for[i], unconstrained_use()));
    }
    discharger->waiting.clear();
    discharger->asked_for.clear();
  }

  std::shared_ptr<const Principal> dave;
  std::shared_ptr<SlowDischarger> discharger = std::make_shared<SlowDischarger>();
  std::optional<Server> dave_server;
};

}  // namespace

TEST_CASE("[0-6] calls that begin together wait for one dial, and all of them get its connection") {
  ClientScene s;
  auto& door = s.serve("calc");
  s.network->hold("calc");
  std::vector<Call<std::int32_t>> calls;
  for (int i = 0; i < 10; ++i) calls.push_back(s.add(s.at("calc")));
  s.settle();
  CHECK(s.network->dials("calc") == 1);
  s.network->release("calc");
  s.settle();
  for (auto& call : calls) {
    REQUIRE(call.is_done());
    CHECK(*call.get() == 3);
  }
  CHECK(s.network->dials("calc") == 1);
  CHECK(door.times.size() == 10);
}

TEST_CASE("[0-8] [1-4] a connection that is there is used again") {
  ClientScene s;
  s.serve("calc");
  for (int i = 0; i < 3; ++i) CHECK(*s.now(s.add(s.at("calc"))) == 3);
  CHECK(s.network->dials("calc") == 1);
}

TEST_CASE("[0-9] [1-4] a connection that broke between calls is dialed once more") {
  ClientScene s;
  s.serve("calc");
  CHECK(*s.now(s.add(s.at("calc"))) == 3);
  s.network->cut("calc");
  s.settle();
  CHECK(*s.now(s.add(s.at("calc"))) == 3);
  CHECK(s.network->dials("calc") == 2);
  // Also when it breaks after the call has chosen it: that is no failure which would need a retry.
  s.network->cut("calc");
  CHECK(*s.now(s.add(s.at("calc"), CallOptions().no_retry())) == 3);
  CHECK(s.network->dials("calc") == 3);
}

TEST_CASE("[0-11] [1-5] why a dial failed is shown with the server's name, which the call adds") {
  ClientScene s;
  s.network->fail("calc", verror::BadState("no such planet"));
  const std::string name = s.at("calc");
  const Error error = s.now(s.add(name, CallOptions().no_retry())).error();
  CHECK(verror::NoServers.matches(error));
  REQUIRE(error.sub_errors().size() == 1);
  CHECK(error.sub_errors()[0].name == name + ".Add");
  CHECK(contains(error.sub_errors()[0].error, "no such planet"));
  // In the text, too.
  CHECK(contains(error, "[" + name + ".Add: "));
}

TEST_CASE("[0-50] a server's failure is printed with server, name and method") {
  ClientScene s;
  s.network->fail("calc", verror::BadState("no such planet"));
  const Error error = s.now(s.add("some/name", s.among({s.at("calc")}, CallOptions().no_retry()))).error();
  CHECK_MESSAGE(contains(error, "[" + s.at("calc") + ":some/name.Add: "), error.message());
  CHECK(contains(error, "no such planet"));
}

TEST_CASE("[1-5] a connection is kept as soon as it is there, whatever becomes of the call that dialed it") {
  ClientScene s;
  auto& door = s.serve("calc");
  const auto fails = [](const Context&, const SecurityCall&) -> Result<Blessings> { return verror::BadState("no"); };
  CHECK(verror::NotTrusted.matches(s.now(s.add(s.at("calc"), CallOptions().granter(fails))).error()));
  CHECK(door.times.empty());
  CHECK(*s.now(s.add(s.at("calc"))) == 3);
  CHECK(s.network->dials("calc") == 1);
}

TEST_CASE("[1-3] slow servers are dialed at the same time, each by its own call") {
  ClientScene s;
  for (const char* place : {"a", "b"}) {
    s.serve(place);
    s.network->hold(place);
  }
  auto first = s.add(s.at("a"));
  auto second = s.add(s.at("b"));
  s.settle();
  CHECK(s.network->dials("a") == 1);
  CHECK(s.network->dials("b") == 1);
  s.network->release("b");
  CHECK(*s.now(std::move(second)) == 3);
  CHECK_FALSE(first.is_done());
  s.network->release("a");
  CHECK(*s.now(std::move(first)) == 3);
}

TEST_CASE("[1-2] clients of two principals have connections of their own") {
  ClientScene s;
  s.serve("calc");
  CHECK(*s.now(s.add(s.at("calc"))) == 3);
  testing::ByHand other(s.options(blessed_by(s.alice, "other")));
  s.poll_more = [&] {
    other.io().restart();
    return other.io().poll();
  };
  CHECK(*s.now(calc::CalcClient(*other.runtime, s.at("calc")).Add(other.runtime->context(), 1, 2)) == 3);
  CHECK(s.network->made("calc") == 2);
  // And options that judge the server are not remembered with the connection.
  const auto bob = CallOptions().allowed_servers({BlessingPattern("bob")}).no_retry();
  CHECK(verror::NotTrusted.matches(s.now(s.add(s.at("calc"), bob)).error()));
  CHECK(*s.now(s.add(s.at("calc"))) == 3);
  s.poll_more = nullptr;
}

TEST_CASE("[0-12] when the connection that a call dialed opens no flow, the call fails and dials no more") {
  DischargeScene s;
  auto& door = s.serve("calc");
  auto call = s.add(s.at("calc"), CallOptions().no_retry());
  s.settle();
  REQUIRE(s.discharger->asked == 1);  // there is a connection by now
  REQUIRE(s.network->made("calc") == 1);
  s.network->cut("calc");
  s.settle();
  s.answer_discharger();
  const Error error = s.now(std::move(call)).error();
  CHECK_MESSAGE(verror::NoServers.matches(error), error.message());
  CHECK(error.sub_errors().size() == 1);
  CHECK(s.network->dials("calc") == 1);
  CHECK(door.times.empty());
}

TEST_CASE("when the server that was chosen opens no flow, another one of the name is called") {
  DischargeScene s;
  auto& first = s.serve("a");
  auto& second = s.serve("b");
  s.network->hold("b");
  auto call = s.add("some/name", s.among({s.at("a"), s.at("b")}, CallOptions().no_retry()));
  s.settle();
  REQUIRE(s.discharger->asked == 1);
  s.network->release("b");
  s.network->cut("a");
  s.settle();
  s.answer_discharger();
  s.settle();
  s.answer_discharger();
  CHECK(*s.now(std::move(call)) == 3);
  CHECK(first.times.empty());
  CHECK(second.times.size() == 1);
}

TEST_CASE("[0-7] closing the client ends calls that dial, and refuses others") {
  ClientScene s;
  s.serve("calc");
  s.network->hold("calc");
  auto waiting = s.add(s.at("calc"));
  s.settle();
  CHECK(s.network->given_up("calc") == 0);
  s.client_side().on_loop([&s] { s.runtime().core()->abandon(); });
  s.client_side().poll();
  REQUIRE(waiting.is_done());
  CHECK(waiting.get().error());
  CHECK(s.network->given_up("calc") == 1);
  s.network->release("calc");
  s.settle();
  CHECK(s.network->made("calc") == 0);
  auto late = s.add(s.server_side().runtime->context(), s.at("calc"));
  REQUIRE(late.is_done());
  const Error refused = late.get().error();
  CHECK(verror::BadState.matches(refused));
  REQUIRE(refused.sub_errors().size() == 1);
  CHECK(kCloseAlreadyCalled.matches(refused.sub_errors()[0].error));
  CHECK(contains(refused, kCloseAlreadyCalled().message()));
}

TEST_CASE("[0-13] a connection that is on its way when the client is closed is closed, too") {
  ClientScene s;
  auto& door = s.serve("calc");
  auto call = s.add(s.at("calc"));
  s.client_side().poll();
  // The stream is there, and the server has not been heard of.
  REQUIRE(s.network->open("calc") == 1);
  CHECK_FALSE(call.is_done());
  s.client_side().on_loop([&s] { s.runtime().core()->abandon(); });
  s.settle();
  REQUIRE(call.is_done());
  CHECK(call.get().error());
  CHECK(s.network->open("calc") == 0);
  CHECK(door.times.empty());
}

TEST_CASE("[0-10] [0-93] [1-37] closing the client ends its calls and closes its connections, and waits for both") {
  testing::World w("local");
  CHECK(*w.client.Add(w.context(), 1, 2).get() == 3);
  auto running = w.client.Wait(w.context());
  CHECK(testing::eventually([&] { return w.service->waiting == 1; }));
  CHECK(w.client_runtime.shutdown(0ns));
  // It is over when shutdown returns, here …
  CHECK(running.is_done());
  CHECK(running.get().error());
  CHECK(w.client_runtime.core()->running_calls().all().empty());
  // … and soon at the server.
  CHECK(testing::eventually([&] { return w.service->seen_cancelled == 1; }));
  CHECK(verror::BadState.matches(w.client.Add(w.server_runtime.context(), 1, 2).get().error()));
}

}  // namespace nb::rpc
