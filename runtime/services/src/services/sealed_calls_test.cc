// What somebody on the wire learns of a call: nothing (docs/spec/flow-protocol.md 15.1, 15.3).
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include <nb/base/verror.h>
#include <nb/services/proxy.h>

#include "conn/testing/recording_network.h"
#include "rpc/options.h"
#include "rpc/testing/calc_service.h"

namespace nb {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kArgument = "the argument that nobody else may see";
constexpr std::string_view kResult = "the result that nobody else may see";
constexpr std::string_view kItem = "the item that nobody else may see";
constexpr std::string_view kSuffix = "the/suffix/that/nobody/else/may/see";
constexpr std::string_view kReason = "the reason that nobody else may see";

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

class Confidant final : public rpc::testing::Calc {
 public:
  Reply<Bytes> Echo(ServerCall&, Bytes data) override {
    if (as_text(data) != kArgument) return verror::BadArg(std::string(kReason));
    return bytes_of(kResult);
  }
};

struct Confidants final : Dispatcher {
  Result<Dispatched> lookup(const Context&, std::string_view suffix) override {
    if (suffix != kSuffix) return Dispatched();
    return Dispatched(object);
  }
  std::shared_ptr<Service> object = std::make_shared<Confidant>();
};

// The in-memory network with an ear, and runtimes of alice on it.
struct Wire {
  Wire() { local.core()->network = network; }
  Runtime runtime(std::shared_ptr<const Principal> who) {
    return Runtime::make(RuntimeOptions().threads(2).log(log).local_network(local).principal(std::move(who))).value();
  }

  std::shared_ptr<conn::testing::RecordingNetwork> network = std::make_shared<conn::testing::RecordingNetwork>();
  LocalNetwork local = LocalNetwork::make();
  std::shared_ptr<rpc::testing::Journal> log = std::make_shared<rpc::testing::Journal>();
  std::shared_ptr<const Principal> alice = rpc::testing::stranger("alice");
};

// Everything that a call can say, and that the other end has understood it.
void say_everything(const Runtime& client, const std::string& server) {
  const calc::CalcClient confidant(client, server + "/" + std::string(kSuffix));
  const auto ctx = client.context().with_timeout(30s);
  const auto result = confidant.Echo(ctx, bytes_of(kArgument)).get();
  REQUIRE_MESSAGE(result, std::string(result.error().message()));
  CHECK(as_text(*result) == kResult);
  const auto refused = confidant.Echo(ctx, bytes_of("something else")).get();
  REQUIRE(!refused);
  CHECK(std::string(refused.error().message()).find(kReason) != std::string::npos);
  auto swallow = confidant.Swallow(ctx);
  for (int i = 0; i < 3; ++i) CHECK(swallow.send(bytes_of(kItem)).get());
  const auto total = swallow.finish().get();
  REQUIRE(total);
  CHECK(*total == static_cast<std::int64_t>(3 * kItem.size()));
}

void check_nothing_is_heard(const Wire& wire, std::string_view address, std::size_t streams) {
  std::size_t found = 0;
  for (const auto& recording : wire.network->recordings()) {
    if (recording->address() != address) continue;
    ++found;
    CHECK(recording->size() > 2000);
    // What Setup says is in the clear, so the ear does hear.
    CHECK(recording->contains(bytes_of("@6@local@" + std::string(address) + "@")));
  }
  CHECK(found == streams);
  for (const auto secret : {kArgument, kResult, kItem, kSuffix, kReason}) {
    for (const std::string_view part : {secret, secret.substr(0, 14), secret.substr(secret.size() - 14)}) {
      CHECK_MESSAGE(wire.network->count(address, bytes_of(part)) == 0, std::string(part));
    }
  }
  for (const std::string_view method : {"Echo", "Swallow", "calc.Calc", "alice:client"}) {
    CHECK_MESSAGE(wire.network->count(address, bytes_of(method)) == 0, std::string(method));
  }
}

TEST_CASE("[15.1] no argument, result, item, method, suffix or error text of a call travels in clear") {
  Wire wire;
  const Runtime mine = wire.runtime(wire.alice);
  const Runtime other = wire.runtime(rpc::testing::blessed_by(wire.alice, "client"));
  auto server = mine.serve(std::make_shared<Confidants>(), ServerOptions().listen("local", "calc")).value();
  say_everything(other, server.name());
  check_nothing_is_heard(wire, "calc", 1);
}

TEST_CASE("[15.3] nothing of a call through a proxy travels in clear on either side of it") {
  Wire wire;
  const Runtime middle = wire.runtime(rpc::testing::blessed_by(wire.alice, "proxy"));
  const Runtime mine = wire.runtime(wire.alice);
  const Runtime other = wire.runtime(rpc::testing::blessed_by(wire.alice, "client"));
  auto proxy = serve_proxy(middle, ServerOptions().listen("local", "proxy").authorizer(allow_everyone())).value();
  auto server = mine.serve(std::make_shared<Confidants>(), ServerOptions().proxy(proxy.name())).value();
  REQUIRE(server.name().find("@proxy@") != std::string::npos);
  say_everything(other, server.name());
  check_nothing_is_heard(wire, "proxy", 2);  // the server's and the client's
}

}  // namespace
}  // namespace nb
