// What the options of calls and of their runtime do: docs/spec/rpc.md 4.2.
#include <nb/rpc/call_options.h>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include <nb/vdl/error_def.h>

#include "rpc/errors.h"
#include "rpc/errors_2015.h"
#include "rpc/server_authority.h"
#include "rpc/testing/client_scene.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::ClientScene;

std::shared_ptr<const Authorizer> only(std::string pattern) {
  return patterns_authorizer({BlessingPattern(std::move(pattern))});
}

Granter nothing() {
  return [](const Context&, const SecurityCall&) -> Result<Blessings> { return Blessings(); };
}

}  // namespace

TEST_CASE("[0-65] a call's options come before its client's, and copies of them do not share what is changed later") {
  const auto client_wide = CallOptions()
                               .server_authorizer(only("c"))
                               .allowed_servers({BlessingPattern("c1")})
                               .granter(nothing())
                               .connection_timeout(1s)
                               .channel_timeout(8s);
  const auto call = CallOptions().allowed_servers({BlessingPattern("k1")}).granter(nothing()).channel_timeout(9s);
  const auto merged = call.over(client_wide);
  REQUIRE(merged.allowed_servers().size() == 2);
  CHECK(merged.allowed_servers()[0] == std::vector{BlessingPattern("k1")});
  CHECK(merged.allowed_servers()[1] == std::vector{BlessingPattern("c1")});
  CHECK(merged.granters().size() == 2);
  CHECK(merged.server_authorizer() == client_wide.server_authorizer());
  CHECK(merged.connection_timeout() == 1s);
  CHECK(merged.channel_timeout() == 8s);

  CallOptions copy = merged;
  copy.allowed_servers({BlessingPattern("later")}).granter(nothing()).no_retry().channel_timeout(1s);
  CHECK(merged.allowed_servers().size() == 2);
  CHECK(merged.granters().size() == 2);
  CHECK(merged.retries());
  CHECK(merged.channel_timeout() == 8s);
  // Nor do the client's change with the call's.
  CHECK(client_wide.allowed_servers().size() == 1);
}

TEST_CASE("the first authorizer counts, the shortest connection time-out, the latest retry time-out") {
  const auto options = CallOptions()
                           .server_authorizer(only("first"))
                           .server_authorizer(only("second"))
                           .connection_timeout(3s)
                           .connection_timeout(4s)
                           .retry_timeout(3s)
                           .retry_timeout(4s);
  SecurityCall call;
  CHECK(options.server_authorizer()->authorize(Context(), call).error().message().find("second") ==
        std::string_view::npos);
  CHECK(options.connection_timeout() == 3s);
  CHECK(options.retry_timeout() == 4s);
}

TEST_CASE("[0-36][1-19] a call with a context that belongs to no runtime is refused before anything else") {
  ClientScene s;
  auto& door = s.serve("a");
  // Even options that would be refused are not looked at.
  const auto odd = CallOptions().no_retry().retry_timeout(1s);
  auto call = s.add(Context(), s.at("a"), odd);
  REQUIRE(call.is_done());
  const Error error = call.get().error();
  CHECK(verror::BadArg.matches(error));
  CHECK(error.message() == "<rpc.Client>:StartCall: bad argument: context not initialized");
  const auto params = error_params(error);
  REQUIRE(params.size() == 2);
  CHECK(*params[0].as<std::string>() == "<rpc.Client>");
  CHECK(*params[1].as<std::string>() == "StartCall");
  CHECK(door.times.empty());
  CHECK(s.network->dials("a") == 0);
}

TEST_CASE("[0-38] options that contradict each other end the call before any work") {
  ClientScene s;
  s.serve("a");
  const auto one = testing::stranger("x")->public_key();
  for (const auto& options :
       {CallOptions().server_key(one).server_key(s.alice->public_key()), CallOptions().no_retry().retry_timeout(1s),
        CallOptions().connection_timeout(0s).retry_timeout(1s), CallOptions().connection_timeout(-1s)}) {
    auto call = s.add(s.at("a"), options);
    REQUIRE(call.is_done());
    const Error error = call.get().error();
    CHECK_MESSAGE(verror::BadArg.matches(error), error.message());
  }
  // From the client and the call together, too.
  auto call = s.add(s.at("a"), CallOptions().server_key(one).over(CallOptions().server_key(s.alice->public_key())));
  REQUIRE(call.is_done());
  const Error error = call.get().error();
  CHECK(verror::BadArg.matches(error));
  REQUIRE(error.sub_errors().size() == 1);
  CHECK(kMultiplePublicKeyOptions.matches(error.sub_errors()[0].error));
  CHECK(s.network->dials("a") == 0);
}

TEST_CASE("[0-5] the protocols that a runtime prefers decide which servers its calls dial, in which order") {
  const auto dialed_with = [](const std::vector<std::string>& preferred) {
    ClientScene s([&](RuntimeOptions& options) { options.preferred_protocols(preferred); });
    naming::Endpoint over_unix;
    over_unix.protocol = "unix";
    over_unix.address = "/nobody/is/here";
    over_unix.blessing_names = {"alice"};
    s.network->refuse("a");
    const Error error =
        s.now(s.add("n", s.among({"/" + naming::to_string(over_unix), s.at("a")}, CallOptions().no_retry()))).error();
    std::vector<std::string> order;
    for (const auto& each : error.sub_errors()) {
      order.push_back(each.name.find("@unix@") != std::string::npos ? "unix" : each.name);
    }
    for (auto& each : order) {
      if (each.find("@local@") != std::string::npos) each = "local";
    }
    if (!order.empty() && order[0] == "servers") order = {"none"};
    return order;
  };
  using Order = std::vector<std::string>;
  CHECK(dialed_with({"local"}) == Order{"local"});
  CHECK(dialed_with({"local", "unix"}) == Order{"local", "unix"});
  CHECK(dialed_with({"unix", "local"}) == Order{"unix", "local"});
  CHECK(dialed_with({"tcp"}) == Order{"none"});
}

TEST_CASE("endpoints without the server's name can be called when their names are not to be looked at") {
  ClientScene s;
  s.serve("a");
  const auto skip = CallOptions().skip_server_endpoint_authorization().no_retry();
  CHECK(verror::NotTrusted.matches(s.now(s.add(s.at("a", "mallory"), CallOptions().no_retry())).error()));
  CHECK(*s.now(s.add(s.at("a", "mallory"), skip)) == 3);
  // Other rules count all the same.
  const auto bob = CallOptions(skip).remote_id(BlessingPattern("bob"));
  CHECK(verror::NotTrusted.matches(s.now(s.add(s.at("a", "mallory"), bob)).error()));
  CHECK(*s.now(s.add(s.at("a", "mallory"), CallOptions(skip).remote_id(BlessingPattern("alice")))) == 3);
  const auto pattern = s.at("a", "mallory") + "/__(bob)/x";
  CHECK(verror::NotTrusted.matches(s.now(s.add(pattern, skip)).error()));
  // Nobody at all is still not good enough.
  const auto authority = server_authority(skip, std::nullopt).value();
  SecurityCall nameless;
  nameless.remote_blessings = Blessings::nameless(s.alice->public_key());
  const Error nobody = authority->authorize(Context(), nameless).error();
  CHECK(kPeerAuthorizedFailed.matches(nobody));
  REQUIRE(nobody.sub_errors().size() == 1);
  CHECK(kNoBlessingsFromServer.matches(nobody.sub_errors()[0].error));
}

TEST_CASE("[0-133] a list of patterns is taken as it is said, and no list asks for nothing") {
  CHECK(CallOptions().allowed_servers().empty());
  const std::vector<BlessingPattern> patterns = {BlessingPattern("a"), BlessingPattern("b:$"), BlessingPattern("...")};
  CHECK(CallOptions().allowed_servers(patterns).allowed_servers() ==
        std::vector<std::vector<BlessingPattern>>{patterns});
  // A list without patterns is one that nobody matches.
  ClientScene s;
  s.serve("a");
  CHECK(*s.now(s.add(s.at("a"))) == 3);
  CHECK(verror::NotTrusted.matches(s.now(s.add(s.at("a"), CallOptions().allowed_servers({}).no_retry())).error()));
}

TEST_CASE("[0-18] starting calls, trying them again and giving them up leaves nothing in the log") {
  ClientScene s;
  auto& door = s.serve("a");
  door.answer = verror::Internal("busy").with_action(RetryBackoff);
  CHECK(s.later(s.add(s.context().with_timeout(1s), s.at("a"))).error());
  s.network->refuse("b");
  CHECK(s.later(s.add(s.context().with_timeout(1s), s.at("b"))).error());
  CHECK(s.journal->lines().empty());
}

}  // namespace nb::rpc
