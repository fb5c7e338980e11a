// What a runtime says to its operator.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include <nb/rpc/client.h>

#include "rpc/testing/traced.h"

using namespace std::chrono_literals;

namespace nb::rpc {

TEST_CASE("neither arguments, results and items nor keys are in the log, whatever happens to a call") {
  testing::Traced w;
  const std::string secret = "attack at dawn";
  const Bytes data(secret.begin(), secret.end());
  CHECK(w.client.Echo(w.context(), data).get());
  const Client untyped(w.client_runtime);
  CHECK_FALSE(untyped.call(w.context(), w.server.name(), "Add", secret, secret).get());
  CHECK_FALSE(untyped.call(w.context(), w.server.name(), "Nothing", secret).get());
  {
    auto swallow = w.client.Swallow(w.context());
    CHECK(swallow.send(data).get());
  }
  CHECK(w.client.Sleep(w.context(), 60ms).get());
  CHECK(testing::eventually([&] { return w.journal->count("Sleep") == 1; }));
  CHECK(w.server_runtime.shutdown(100ms));
  CHECK(w.client_runtime.shutdown(100ms));
  CHECK(w.journal->count(secret) == 0);
  CHECK(w.journal->count("PRIVATE KEY") == 0);
}

TEST_CASE("a runtime without a log sink says nothing") {
  testing::Traced w;
  auto quiet = Runtime::make(RuntimeOptions().threads(1).log(nullptr).local_network(w.network).principal(w.alice));
  REQUIRE(quiet);
  auto server = quiet->serve(std::make_shared<testing::Calc>(), ServerOptions().listen("local", "quiet")).value();
  CHECK(calc::CalcClient(w.client_runtime, server.name()).Sleep(w.context(), 60ms).get());
}

}  // namespace nb::rpc
