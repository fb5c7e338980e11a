// Calls that go the other way over a connection: a server calls its client back, where the client listens nowhere
// (docs/spec/flow-protocol.md 4.8, 11).
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <nb/base/verror.h>
#include <nb/rpc/bind.h>
#include <nb/rpc/client.h>
#include <nb/rpc/server.h>

#include "rpc/testing/calc_service.h"
#include "rpc/testing/vault_service.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::blessed_by;
using testing::eventually;
using testing::Town;

// Adds with the help of whoever the caller names.
class Hub final : public Service {
 public:
  explicit Hub(const Runtime& runtime) : client_(runtime) {}

  Reply<std::int32_t> ask(ServerCall& call, std::string whom) {
    caller = call.remote_endpoint();
    auto sum = co_await client_.call<std::int32_t>(call.context(), whom, "Add", std::int32_t{1}, std::int32_t{2});
    if (!sum) co_return sum.error();
    co_return *sum;
  }
  const ServiceDescriptor& service_descriptor() const override {
    static const ServiceDescriptor descriptor{{}, {bind<&Hub::ask>("Ask")}};
    return descriptor;
  }

  std::string caller;

 private:
  const Client client_;
};

// The hub is alice's and listens; its caller is one of hers and does not.
struct CallBack : Town {
  Runtime hub_runtime = runtime(alice);
  std::shared_ptr<Hub> hub = std::make_shared<Hub>(hub_runtime);
  Server hub_server = hub_runtime.serve(hub, at("hub")).value();
  Runtime own_runtime = runtime(blessed_by(alice, "client"));
  std::shared_ptr<testing::Calc> calc = std::make_shared<testing::Calc>();  // shared with the server

  Result<std::int32_t> ask(const Context& context, const std::string& whom) {
    return Client(own_runtime).call<std::int32_t>(context.with_timeout(20s), hub_server.name(), "Ask", whom).get();
  }
};

}  // namespace

TEST_CASE("[F-5] a server calls back an object of its client over the connection that the client dialed") {
  CallBack w;
  auto own = w.own_runtime.serve(w.calc, ServerOptions().grace(200ms)).value();
  REQUIRE(own.endpoints().size() == 1);
  CHECK(own.name().starts_with("/@6@bidi@"));
  CHECK(own.name().find("@alice:client@@") != std::string::npos);
  const auto sum = w.ask(own.context(), own.name());
  REQUIRE_MESSAGE(sum, sum.error().message());
  CHECK(*sum == 3);
  CHECK(w.calc->calls == 1);
  // Again, both ways over the same connection.
  const std::string caller = w.hub->caller;
  CHECK(w.ask(own.context(), own.name()));
  CHECK(w.hub->caller == caller);
}

TEST_CASE("[F-5] a call back is authorized as every call") {
  CallBack w;
  auto own = w.own_runtime
                 .serve(w.calc, ServerOptions().grace(200ms).authorizer(
                                    public_key_authorizer(w.own_runtime.principal()->public_key())))
                 .value();
  const auto sum = w.ask(own.context(), own.name());
  REQUIRE(!sum);
  CHECK_MESSAGE(verror::NoAccess.matches(sum.error()), sum.error().message());
  CHECK(w.calc->calls == 0);
}

TEST_CASE("[F-5] whoever is called with another context than the server's cannot call back") {
  CallBack w;
  auto own = w.own_runtime.serve(w.calc, ServerOptions().grace(200ms)).value();
  const auto sum = w.ask(w.own_runtime.context().with_timeout(1s), own.name());
  REQUIRE(!sum);
  CHECK_MESSAGE(sum.error().message().find("it listens nowhere, and no connection to it is open") != std::string::npos,
                sum.error().message());
  CHECK(w.calc->calls == 0);
}

TEST_CASE("[F-5] a server's method that calls another server can be called back by it, too") {
  CallBack w;
  // The one in the middle listens, but its callee does not need that.
  const auto middle = std::make_shared<Hub>(w.own_runtime);
  auto middle_server = w.own_runtime.serve(middle, w.at("middle")).value();
  auto own = w.own_runtime.serve(w.calc, ServerOptions().grace(200ms)).value();
  const auto sum = Client(w.own_runtime)
                       .call<std::int32_t>(own.context().with_timeout(20s), middle_server.name(), "Ask", own.name())
                       .get();
  REQUIRE_MESSAGE(sum, sum.error().message());
  CHECK(*sum == 3);
}

TEST_CASE("a server that listens nowhere stops like others: its context ends, and it is called no more") {
  CallBack w;
  auto own = w.own_runtime.serve(w.calc, ServerOptions().grace(200ms)).value();
  REQUIRE(w.ask(own.context(), own.name()));
  const Context context = own.context();
  const std::string name = own.name();
  own.stop();
  CHECK(context.has_ended());
  CHECK(verror::Canceled.matches(w.ask(context, name).error()));
  const Error error = w.ask(w.own_runtime.context().with_timeout(1s), name).error();
  CHECK_MESSAGE(error, error.message());
  CHECK(w.calc->calls == 1);
}

}  // namespace nb::rpc
