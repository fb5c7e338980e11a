// How a server begins to listen, and what becomes of it when a listener dies (docs/spec/rpc.md 8.2).
#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <nb/rpc/bind.h>
#include <nb/rpc/client.h>
#include <nb/rpc/server.h>

#include "rpc/options.h"
#include "rpc/testing/calc_service.h"
#include "rpc/testing/vault_service.h"
#include "transport/errors.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::blessed_by;
using testing::eventually;
using testing::Town;

// A network in memory whose latest listener dies when the test says so.
class FrailNetwork final : public transport::MemoryNetwork {
 public:
  std::pair<std::shared_ptr<transport::Stream>, std::shared_ptr<transport::Stream>> connect(
      std::shared_ptr<transport::Loop> a, std::shared_ptr<transport::Loop> b) override {
    return inner_->connect(std::move(a), std::move(b));
  }
  void swallow(std::string address) override { inner_->swallow(std::move(address)); }
  std::shared_ptr<transport::Dialing> dial(const std::shared_ptr<transport::Loop>& loop, const std::string& protocol,
                                           const std::string& address, transport::DialOptions options,
                                           transport::DialDone done) override {
    return inner_->dial(loop, protocol, address, options, std::move(done));
  }
  Result<std::shared_ptr<transport::Listener>> listen(const std::shared_ptr<transport::Loop>& loop,
                                                      const std::string& protocol, const std::string& address,
                                                      transport::ListenEvents events) override {
    const std::lock_guard lock(mutex_);
    ++tries_;
    if (refuses_) return transport::network_error("listening on " + address + ": refused");
    loop_ = loop;
    ended_ = events.ended;
    auto listener = inner_->listen(loop, protocol, address, std::move(events));
    if (const auto listening = std::exchange(when_listening, nullptr)) listening();
    return listener;
  }

  void kill() {
    const std::lock_guard lock(mutex_);
    loop_->post([ended = ended_] { ended(transport::network_error("accepting: gone")); });
  }
  void refuse(bool refuses) {
    const std::lock_guard lock(mutex_);
    refuses_ = refuses;
  }
  int tries() const {
    const std::lock_guard lock(mutex_);
    return tries_;
  }

  std::function<void()> when_listening;  // called once, before listen() returns

 private:
  const std::shared_ptr<transport::MemoryNetwork> inner_ = transport::MemoryNetwork::make();
  mutable std::mutex mutex_;
  std::shared_ptr<transport::Loop> loop_;
  std::function<void(const Error&)> ended_;
  int tries_ = 0;
  bool refuses_ = false;
};

// Adds with the help of whoever the caller names, over its server's connections.
class Middle final : public Service {
 public:
  explicit Middle(const Runtime& runtime) : client_(runtime) {}

  Reply<std::int32_t> ask(ServerCall& call, std::string whom) {
    auto sum = co_await client_.call<std::int32_t>(call.context(), whom, "Add", std::int32_t{1}, std::int32_t{2});
    if (!sum) co_return sum.error();
    co_return *sum;
  }
  const ServiceDescriptor& service_descriptor() const override {
    static const ServiceDescriptor descriptor{{}, {bind<&Middle::ask>("Ask")}};
    return descriptor;
  }

 private:
  const Client client_;
};

}  // namespace

TEST_CASE("a method that is called before serve() has returned makes calls over its server's connections") {
  Town w;
  const auto network = std::make_shared<FrailNetwork>();
  w.network.core()->network = network;
  const Runtime hub_runtime = w.runtime(w.alice);
  const Runtime own_runtime = w.runtime(blessed_by(w.alice, "client"));
  const auto own = own_runtime.serve(std::make_shared<testing::Calc>(), ServerOptions().grace(200ms)).value();
  std::optional<Result<std::int32_t>> sum;
  network->when_listening = [&] {
    const std::string hub = "/@6@local@hub@@00000000000000000000000000000000@s@alice@@";
    sum = Client(own_runtime).call<std::int32_t>(own.context().with_timeout(20s), hub, "Ask", own.name()).get();
  };
  const auto hub = hub_runtime.serve(std::make_shared<Middle>(hub_runtime), w.at("hub"));
  REQUIRE(hub);
  REQUIRE(sum);
  REQUIRE_MESSAGE(*sum, (*sum).error().message());
  CHECK(**sum == 3);
}

TEST_CASE("a listener that dies is made anew a second later, and again while that fails; a stopped server lets it be") {
  const auto clock = std::make_shared<HandClock>();
  Town w(clock);
  const auto network = std::make_shared<FrailNetwork>();
  w.network.core()->network = network;
  const Runtime runtime = w.runtime(w.alice);
  auto server = runtime.serve(std::make_shared<testing::Calc>(), w.at("calc")).value();
  const auto listens = [&] { return server.name().find("@local@calc@") != std::string::npos; };
  CHECK(listens());
  CHECK(network->tries() == 1);

  network->refuse(true);
  network->kill();
  REQUIRE(eventually([&] { return !listens(); }));
  CHECK(network->tries() == 1);
  clock->advance(1s);
  REQUIRE(eventually([&] { return network->tries() == 2; }));
  CHECK(!listens());
  network->refuse(false);
  // The next try is planned on another thread.
  REQUIRE(eventually([&] {
    clock->advance(100ms);
    return listens();
  }));
  CHECK(network->tries() == 3);
  const calc::CalcClient client(runtime, server.name());
  CHECK(*client.Add(runtime.context(), 1, 2).get() == 3);

  network->kill();
  REQUIRE(eventually([&] { return !listens(); }));
  server.stop(0s);
  clock->advance(10s);
  CHECK(network->tries() == 3);
}

}  // namespace nb::rpc
