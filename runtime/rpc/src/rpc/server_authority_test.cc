// Which servers a client talks to, over real connections in memory: docs/spec/rpc.md 4.6.
#include "rpc/server_authority.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>

#include <nb/base/verror.h>

#include "naming/endpoint.h"
#include "rpc/testing/vault_service.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::blessed_by;
using testing::stranger;
using testing::Vault;
using testing::VaultWorld;

// The place of the vault, where the server is said to have these names.
std::string name_with(std::vector<std::string> names) {
  naming::Endpoint endpoint;
  endpoint.protocol = "local";
  endpoint.address = "vault";
  endpoint.blessing_names = std::move(names);
  return "/" + naming::to_string(endpoint);
}

// Counts how often it is asked, and lets everybody through.
struct Counting {
  std::shared_ptr<std::atomic<int>> asked = std::make_shared<std::atomic<int>>(0);
  std::shared_ptr<const Authorizer> authorizer = nb::authorizer([asked = asked](const Context&, const SecurityCall&) {
    ++*asked;
    return Result<void>();
  });
};

Error call(VaultWorld& w, const std::string& name, const CallOptions& options = CallOptions()) {
  return vault::VaultClient(*w.clients.back(), name, options).Get(w.context()).get().error();
}

}  // namespace

TEST_CASE("the name of a server carries its blessing names, and clients insist on them") {
  VaultWorld w;
  CHECK(w.server.name().find("alice") != std::string::npos);
  w.client_of(blessed_by(w.alice, "phone"));
  CHECK_FALSE(call(w, w.server.name()));
  CHECK_FALSE(call(w, name_with({"bob", "alice"})));
  CHECK(verror::NotTrusted.matches(call(w, name_with({"bob"}))));
}

TEST_CASE(
    "[A-46] a server under another name, or without one in its endpoint, learns nothing [0-49] [0-53] [1-25] [1-31]") {
  // Mallory answers at the place where alice is expected, and calls himself alice.
  testing::Town town;
  const auto told = std::make_shared<std::atomic<int>>(0);
  const auto listening = authorizer([told](const Context&, const SecurityCall&) {
    ++*told;
    return Result<void>();
  });
  const auto vault = std::make_shared<Vault>();
  auto mallory = town.runtime(stranger("alice"));
  auto server = mallory.serve(vault, town.at("vault").authorizer(listening)).value();
  auto client = town.runtime(blessed_by(town.alice, "phone"));
  for (const std::string& name : {server.name(), name_with({"alice"}), name_with({})}) {
    const auto refused = vault::VaultClient(client, name).Put(client.context(), "the secret").get();
    CHECK_MESSAGE(verror::NotTrusted.matches(refused.error()), refused.error().message());
    CHECK(refused.error().action() == RetryRefetch);
  }
  CHECK(*told == 0);
  CHECK(vault->calls == 0);
}

TEST_CASE("[A-47] a connection that is there is judged anew for every call [0-8] [0-52]") {
  VaultWorld w;
  w.client_of(blessed_by(w.alice, "phone"));
  const auto everybody = CallOptions().server_authorizer(allow_everyone());
  CHECK_FALSE(call(w, w.server.name(), everybody));
  CHECK(verror::NotTrusted.matches(
      call(w, w.server.name(), CallOptions().server_authorizer(patterns_authorizer({BlessingPattern("bob")})))));
  CHECK_FALSE(call(w, w.server.name(), everybody));
  // Even when no other connection may be made.
  const auto only_this = CallOptions().connection_timeout(0ns);
  CHECK_FALSE(call(w, w.server.name(), CallOptions(only_this).server_authorizer(allow_everyone())));
  CHECK(call(w, w.server.name(), CallOptions(only_this).allowed_servers({BlessingPattern("bob")})));
}

TEST_CASE("[0-66] the rule of a call is asked once about a connection that is there") {
  VaultWorld w;
  w.client_of(blessed_by(w.alice, "phone"));
  const Counting counting;
  const auto options = CallOptions().server_authorizer(counting.authorizer);
  CHECK_FALSE(call(w, w.server.name(), options));
  const int first = *counting.asked;
  CHECK(first >= 1);
  CHECK_FALSE(call(w, w.server.name(), options));
  CHECK(*counting.asked == first + 1);
}

TEST_CASE("allowed servers and keys are asked for on top of the endpoint's names [1-33]") {
  VaultWorld w;
  w.client_of(blessed_by(w.alice, "phone"));
  CHECK_FALSE(
      call(w, w.server.name(), CallOptions().allowed_servers({BlessingPattern("bob"), BlessingPattern("alice")})));
  CHECK(verror::NotTrusted.matches(call(w, w.server.name(), CallOptions().allowed_servers({BlessingPattern("bob")}))));
  CHECK(verror::NotTrusted.matches(
      call(w, w.server.name(),
           CallOptions().allowed_servers({BlessingPattern("alice")}).allowed_servers({BlessingPattern("bob")}))));
  const auto other_key = stranger("x")->public_key();
  CHECK_FALSE(call(w, w.server.name(), CallOptions().server_key(w.alice->public_key())));
  CHECK(verror::NotTrusted.matches(call(w, w.server.name(), CallOptions().server_key(other_key))));
}

TEST_CASE("[0-49] who judges a server knows its names and its place, and nothing of the call") {
  VaultWorld w;
  const auto phone = blessed_by(w.alice, "phone");
  w.client_of(phone);
  const auto seen = std::make_shared<std::vector<SecurityCall>>();
  const auto judge = authorizer([seen](const Context&, const SecurityCall& call) {
    seen->push_back(call);
    return Result<void>();
  });
  // When it is dialed, and once more when the connection is there.
  for (int i = 0; i < 2; ++i) CHECK_FALSE(call(w, w.server.name(), CallOptions().server_authorizer(judge)));
  REQUIRE(seen->size() >= 2);
  for (const SecurityCall& each : *seen) {
    CHECK(each.method.empty());
    CHECK(each.suffix.empty());
    CHECK(each.method_tags.empty());
    CHECK(each.local_principal == phone);
    CHECK(each.remote_blessings == w.alice->store().default_blessings());
    CHECK(each.remote_endpoint_names == std::vector<std::string>{"alice"});
  }
}

TEST_CASE("[0-38] two different server keys are refused before any work") {
  VaultWorld w;
  w.client_of(blessed_by(w.alice, "phone"));
  const Counting counting;
  const auto error = call(w, w.server.name(),
                          CallOptions()
                              .server_authorizer(counting.authorizer)
                              .server_key(w.alice->public_key())
                              .server_key(stranger("x")->public_key()));
  CHECK(verror::BadArg.matches(error));
  CHECK(*counting.asked == 0);
}

TEST_CASE("[0-55] a pattern in the name is one more thing that the server must match") {
  VaultWorld w;
  w.client_of(blessed_by(w.alice, "phone"));
  CHECK_FALSE(call(w, w.server.name("__(alice)")));
  CHECK(verror::NotTrusted.matches(call(w, w.server.name("__(bob)"))));
  CHECK(
      verror::NotTrusted.matches(call(w, w.server.name("__(bob)"), CallOptions().server_authorizer(allow_everyone()))));
}

TEST_CASE("[1-32] a server whose blessing has expired, or is good for methods only, is not trusted") {
  testing::Town town;
  const auto now = Time::now();
  auto client = town.runtime(blessed_by(town.alice, "phone"));
  int place = 0;
  for (const Caveat& caveat : {expiry_caveat(Time(now.seconds() - 60, 0)), method_caveat({"Get"})}) {
    auto runtime = town.runtime(blessed_by(town.alice, "tv", {caveat}));
    auto server = runtime.serve(std::make_shared<Vault>(), town.at("tv" + std::to_string(++place))).value();
    const auto refused = vault::VaultClient(client, server.name()).Get(client.context()).get();
    CHECK_MESSAGE(verror::NotTrusted.matches(refused.error()), refused.error().message());
  }
}

TEST_CASE("what was set for a call counts before what was set for its client") {
  const auto defaults = CallOptions().server_authorizer(allow_everyone()).no_discharges();
  const auto own = patterns_authorizer({BlessingPattern("bob")});
  CHECK(CallOptions().over(defaults).server_authorizer() == defaults.server_authorizer());
  CHECK_FALSE(CallOptions().over(defaults).fetches_discharges());
  CHECK(CallOptions().server_authorizer(own).over(defaults).server_authorizer() == own);
  CHECK(CallOptions().channel_timeout(5s).over(CallOptions().channel_timeout(3s)).channel_timeout() == 3s);
}

}  // namespace nb::rpc
