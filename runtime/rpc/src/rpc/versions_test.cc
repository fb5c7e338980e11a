// Which versions of the protocol a runtime speaks (docs/spec/flow-protocol.md 3.1, 15.4).
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <string>

#include <nb/base/verror.h>

#include "rpc/testing/calc_service.h"
#include "rpc/testing/vault_service.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

struct Range {
  std::uint64_t least;
  std::uint64_t most;
};

// Whether a client that speaks these can call a server that speaks those.
Result<std::int32_t> call(Range client_speaks, Range server_speaks) {
  const testing::Town town;
  const auto options = [&](Range range) {
    return RuntimeOptions()
        .threads(1)
        .log(town.journal)
        .local_network(town.network)
        .grace(200ms)
        .principal(town.alice)
        .protocol_versions(range.least, range.most);
  };
  auto server_runtime = Runtime::make(options(server_speaks)).value();
  auto client_runtime = Runtime::make(options(client_speaks)).value();
  auto server = server_runtime.serve(std::make_shared<testing::Calc>(), town.at("calc")).value();
  return calc::CalcClient(client_runtime, server.name())
      .Add(client_runtime.context().with_timeout(20s), 1, 2, CallOptions().no_retry())
      .get();
}

}  // namespace

TEST_CASE("[F-15] runtimes call each other when they have a version in common") {
  CHECK(*call({14, 14}, {14, 14}) == 3);
  CHECK(*call({13, 13}, {13, 13}) == 3);
  CHECK(*call({13, 13}, {13, 14}) == 3);
  CHECK(*call({13, 14}, {14, 14}) == 3);
}

TEST_CASE("[F-15] and when they have none, the error names both ranges") {
  for (const auto& [client, server] :
       {std::pair(Range{13, 13}, Range{14, 14}), std::pair(Range{14, 14}, Range{13, 13})}) {
    const Error error = call(client, server).error();
    CHECK(verror::NoServers.matches(error));
    CHECK_MESSAGE(error.message().find("13") != std::string::npos, error.message());
    CHECK_MESSAGE(error.message().find("14") != std::string::npos, error.message());
  }
}

TEST_CASE("versions that there are not cannot be asked for") {
  for (const Range range : {Range{12, 14}, Range{13, 15}, Range{14, 13}, Range{0, 0}}) {
    const auto runtime = Runtime::make(RuntimeOptions().protocol_versions(range.least, range.most));
    REQUIRE(!runtime);
    CHECK(verror::BadArg.matches(runtime.error()));
  }
}

}  // namespace nb::rpc
