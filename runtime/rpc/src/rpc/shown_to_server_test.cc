// What a client shows to a server that it has accepted, and what it gives it: docs/spec/rpc.md 4.6 and 4.7,
// docs/spec/security.md 9.5 to 9.8.
#include "rpc/shown_to_server.h"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>

#include <nb/base/verror.h>

#include "rpc/errors.h"
#include "rpc/testing/vault_service.h"

using namespace std::chrono_literals;

namespace nb::rpc {
namespace {

using testing::blessed_by;
using testing::stranger;
using testing::TestDischarger;
using testing::Town;
using testing::Vault;
using testing::VaultWorld;
using Names = std::vector<std::string>;

// A vault of alice's, a discharger, and a client whose name holds with its discharges alone.
struct DischargeWorld : VaultWorld {
  explicit DischargeWorld(const DischargeRequirements& wanted = {}, TestDischarger::Issue issue = nullptr)
      : discharger(std::make_shared<TestDischarger>(issue ? std::move(issue) : TestDischarger::Issue(good()))),
        discharger_runtime(runtime(dave)),
        discharger_server(discharger_runtime.serve(discharger, at("dave").authorizer(allow_everyone())).value()) {
    phone = blessed_by(alice, "phone", {caveat(wanted)});
    phone->add_to_roots(dave->store().default_blessings()).value();
    client = client_of(phone);
  }
  Caveat caveat(const DischargeRequirements& wanted = {}) const {
    return third_party_caveat(dave->public_key(), discharger_server.name(), wanted, {unconstrained_use()}).value();
  }
  TestDischarger::Issue good() const {
    return [dave = dave](const Caveat& caveat) { return dave->mint_discharge(caveat, unconstrained_use()); };
  }
  std::size_t fetched() const { return discharger->impetuses().size(); }

  std::shared_ptr<const Principal> dave = stranger("dave");
  std::shared_ptr<TestDischarger> discharger;
  Runtime discharger_runtime;
  Server discharger_server;
  std::shared_ptr<const Principal> phone;
  std::optional<vault::VaultClient> client;
};

}  // namespace

TEST_CASE("a server is shown the blessings that are meant for its names, and no others") {
  VaultWorld w;
  const auto caller = Principal::make().value();
  const auto bless = [&](const char* name) {
    return w.alice->bless(caller->public_key(), w.alice->store().default_blessings(), name, unconstrained_use())
        .value();
  };
  caller->add_to_roots(w.alice->store().default_blessings()).value();
  caller->store().set(bless("for-alice"), BlessingPattern("alice")).value();
  caller->store().set(bless("for-bob"), BlessingPattern("bob")).value();
  const auto names = w.client_of(caller).Names(w.context()).get();
  REQUIRE_MESSAGE(names, names.error().message());
  CHECK(*names == Names{"alice:for-alice"});
}

TEST_CASE("[0-87] without blessings for the server the client shows its key, and no name") {
  const auto seen = std::make_shared<std::optional<SecurityCall>>();
  VaultWorld w(ServerOptions().authorizer(authorizer([seen](const Context&, const SecurityCall& call) {
    *seen = call;
    return Result<void>();
  })));
  const auto caller = Principal::make().value();
  caller->add_to_roots(w.alice->store().default_blessings()).value();
  CHECK(w.client_of(caller).Get(w.context()).get());
  REQUIRE(*seen);
  CHECK((*seen)->remote_blessings.is_nameless());
  CHECK((*seen)->remote_blessings.public_key() == caller->public_key());
  CHECK((*seen)->method == "Get");
  CHECK((*seen)->method_tags.size() == 1);
  CHECK((*seen)->local_blessings == w.alice->store().default_blessings());
}

TEST_CASE("[0-89] discharges are fetched once, shown, and kept") {
  DischargeWorld w;
  for (int i = 0; i < 3; ++i) {
    const auto got = w.client->Get(w.context()).get();
    CHECK_MESSAGE(got, got.error().message());
  }
  CHECK(w.fetched() == 1);
}

TEST_CASE("[A-29] without its discharge a blessing does not count [0-70]") {
  DischargeWorld w;
  const auto refused = w.client->Get(w.context(), CallOptions().no_discharges()).get();
  CHECK(verror::NoAccess.matches(refused.error()));
  CHECK(w.fetched() == 0);
  w.discharger_server.stop(0ns);
  const auto alone = w.client->Get(w.context().with_timeout(2s), CallOptions().no_retry()).get();
  CHECK_FALSE(alone);
  CHECK(w.vault->calls == 0);
}

TEST_CASE("discharges that were fetched before are shown also when none may be fetched") {
  DischargeWorld w;
  CHECK(w.client->Get(w.context()).get());
  CHECK(w.client->Get(w.context(), CallOptions().no_discharges()).get());
  CHECK(w.fetched() == 1);
}

TEST_CASE("[A-34] discharges that did not do are forgotten, and the next call fetches anew [0-126] [1-53]") {
  // The first discharge is good for another method only.
  const auto bad_ones = std::make_shared<std::atomic<int>>(1);
  const auto dave = std::make_shared<std::shared_ptr<const Principal>>();
  DischargeWorld w({}, [bad_ones, dave](const Caveat& caveat) {
    const bool is_bad = (*bad_ones)-- > 0;
    return (*dave)->mint_discharge(caveat, is_bad ? method_caveat({"Put"}) : unconstrained_use());
  });
  *dave = w.dave;
  CHECK(verror::NoAccess.matches(w.client->Get(w.context()).get().error()));
  CHECK(w.fetched() == 1);
  CHECK(w.client->Get(w.context()).get());
  CHECK(w.fetched() == 2);
  // The same on a call with streams.
  *bad_ones = 1;
  w.client_of(w.phone);
  w.phone->store().clear_discharges({});
  CHECK(w.client->Get(w.context()).get());
  CHECK(w.fetched() == 2);
}

TEST_CASE("[A-34] a call with streams forgets them, too") {
  const auto dave = std::make_shared<std::shared_ptr<const Principal>>();
  DischargeWorld w({},
                   [dave](const Caveat& caveat) { return (*dave)->mint_discharge(caveat, method_caveat({"Get"})); });
  *dave = w.dave;
  CHECK(w.client->Get(w.context()).get());
  CHECK(verror::NoAccess.matches(w.client->Follow(w.context()).finish().get().error()));
  CHECK(w.fetched() == 1);
  CHECK(w.client->Get(w.context()).get());
  CHECK(w.fetched() == 2);
}

TEST_CASE("[A-35] a discharger that wants a discharge of its own is asked once, and without") {
  DischargeWorld w;  // the phone shows the same blessings to the discharger
  CHECK(w.client->Get(w.context()).get());
  CHECK(w.fetched() == 1);
  // The same where the discharger does ask for it: all comes to an end, and the name does not count.
  DischargeWorld strict({}, [](const Caveat&) -> Result<Discharge> { return verror::NoAccess("first show me mine"); });
  CHECK(verror::NoAccess.matches(strict.client->Get(strict.context()).get().error()));
  CHECK(strict.fetched() == 1);
}

TEST_CASE("[A-36] a discharger is told what its caveat asks for and no more [0-33] [0-34]") {
  using Asked = void (*)(DischargeRequirements&);
  const std::vector<Asked> wanted = {[](auto&) {}, [](auto& r) { r.server = true; }, [](auto& r) { r.method = true; },
                                     [](auto& r) { r.arguments = true; }};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    DischargeRequirements requirements;
    wanted[i](requirements);
    DischargeWorld w(requirements);
    const auto put = w.client->Put(w.context(), "lead").get();
    CHECK_MESSAGE(put, put.error().message());
    REQUIRE(w.fetched() == 1);
    const auto impetus = w.discharger->impetuses().front();
    CHECK(impetus.Server ==
          (i == 1 ? std::vector<BlessingPattern>{BlessingPattern("alice")} : std::vector<BlessingPattern>()));
    CHECK(impetus.Method == (i == 2 ? "Put" : ""));
    REQUIRE(impetus.Arguments.size() == (i == 3 ? 1 : 0));
    if (i == 3) CHECK(*impetus.Arguments[0].as<std::string>() == "lead");
  }
}

TEST_CASE("a server shows its names with the discharges that they need") {
  Town town;
  const auto dave = stranger("dave");
  const auto discharger = std::make_shared<TestDischarger>(
      [dave](const Caveat& caveat) { return dave->mint_discharge(caveat, unconstrained_use()); });
  auto discharger_runtime = town.runtime(dave);
  auto discharger_server = discharger_runtime.serve(discharger, town.at("dave").authorizer(allow_everyone())).value();
  const auto caveat =
      third_party_caveat(dave->public_key(), discharger_server.name(), {}, {unconstrained_use()}).value();
  const auto tv = blessed_by(town.alice, "tv", {caveat});
  tv->add_to_roots(dave->store().default_blessings()).value();
  auto tv_runtime = town.runtime(tv);
  auto server = tv_runtime.serve(std::make_shared<Vault>(), town.at("tv")).value();
  auto client = town.runtime(town.alice);
  const auto got = vault::VaultClient(client, server.name()).Get(client.context()).get();
  CHECK_MESSAGE(got, got.error().message());
  CHECK(discharger->impetuses().size() == 1);
}

TEST_CASE("what is granted arrives, bound to the server's key [0-91] [1-36]") {
  VaultWorld w;
  const auto phone = blessed_by(w.alice, "phone");
  const auto client = w.client_of(phone);
  CHECK(client.Given(w.context()).get()->empty());
  const auto grant = [](const char* extension) {
    return [extension](const Context&, const SecurityCall& call) {
      return call.local_principal->bless(call.remote_blessings.public_key(), call.local_blessings, extension,
                                         unconstrained_use());
    };
  };
  const auto one = client.Given(w.context(), CallOptions().granter(grant("butler"))).get();
  REQUIRE_MESSAGE(one, one.error().message());
  CHECK(*one == Names{"alice:phone:butler"});
  const auto two = client.Given(w.context(), CallOptions().granter(grant("butler")).granter(grant("cook"))).get();
  REQUIRE_MESSAGE(two, two.error().message());
  CHECK(two->size() == 2);
}

TEST_CASE("[A-45] what is granted to another key is refused, and the method does not run") {
  VaultWorld w;
  const auto third = stranger("third");
  const auto granter = [third](const Context&, const SecurityCall& call) {
    return call.local_principal->bless(third->public_key(), call.local_blessings, "butler", unconstrained_use());
  };
  const auto refused =
      w.client_of(blessed_by(w.alice, "phone")).Given(w.context(), CallOptions().granter(granter)).get();
  CHECK(verror::NoAccess.matches(refused.error()));
  CHECK(w.vault->calls == 0);
}

TEST_CASE("[0-92] a granter that fails, throws, or does not fit the others ends the call in NotTrusted [0-74] [1-35]") {
  VaultWorld w;
  const auto client = w.client_of(blessed_by(w.alice, "phone"));
  const auto call = [&](const CallOptions& options) { return client.Given(w.context(), options).get().error(); };
  const auto failed = call(CallOptions().granter(
      [](const Context&, const SecurityCall&) -> Result<Blessings> { return verror::BadState("not today"); }));
  CHECK(verror::NotTrusted.matches(failed));
  CHECK(failed.message().find("not today") != std::string_view::npos);
  CHECK(verror::NotTrusted.matches(call(CallOptions().granter(
      [](const Context&, const SecurityCall&) -> Result<Blessings> { throw std::runtime_error("broken granter"); }))));
  const auto mine = [](const Context&, const SecurityCall& call) -> Result<Blessings> { return call.local_blessings; };
  const auto yours = [](const Context&, const SecurityCall& call) -> Result<Blessings> {
    return call.remote_blessings;
  };
  CHECK(verror::NotTrusted.matches(call(CallOptions().granter(mine).granter(yours))));
  CHECK(w.vault->calls == 0);
}

TEST_CASE("[0-90] a granter sees both ends with their discharges, and which method of what is called") {
  DischargeWorld w;
  const auto seen = std::make_shared<std::optional<SecurityCall>>();
  CHECK(w.client
            ->Get(w.context(), CallOptions().granter([seen](const Context&, const SecurityCall& call) {
              *seen = call;
              return Result<Blessings>(Blessings());
            }))
            .get());
  REQUIRE(*seen);
  CHECK((*seen)->method == "Get");
  CHECK((*seen)->suffix.empty());
  CHECK((*seen)->local_principal == w.phone);
  CHECK((*seen)->local_blessings == w.phone->store().default_blessings());
  REQUIRE((*seen)->local_discharges.size() == 1);
  const auto needed = w.phone->store().default_blessings().third_party_caveats();
  CHECK(discharge_id((*seen)->local_discharges[0]) == third_party(needed.at(0))->id);
  CHECK((*seen)->remote_blessings == w.alice->store().default_blessings());
  CHECK((*seen)->remote_endpoint_names == Names{"alice"});
  CHECK((*seen)->remote_endpoint.find("vault") != std::string::npos);
  // The object below the server, which is a leaf and has none.
  const auto below = vault::VaultClient(*w.clients.back(), w.server.name("a/b"))
                         .Get(w.context(), CallOptions().granter([seen](const Context&, const SecurityCall& call) {
                           *seen = call;
                           return Result<Blessings>(Blessings());
                         }))
                         .get();
  CHECK(verror::UnknownSuffix.matches(below.error()));
  CHECK((*seen)->suffix == "a/b");
}

TEST_CASE("[0-33] of a server without names that count, no names are told to a discharger") {
  DischargeRequirements server;
  server.server = true;
  DischargeWorld w(server);
  auto strange_runtime = w.runtime(stranger("alice"));
  auto strange = strange_runtime.serve(std::make_shared<Vault>(), w.at("strange").authorizer(allow_everyone())).value();
  const auto trusting = CallOptions().server_authorizer(allow_everyone());
  CHECK(vault::VaultClient(*w.clients.back(), strange.name(), trusting).Get(w.context()).get());
  REQUIRE(w.fetched() == 1);
  CHECK(w.discharger->impetuses().front().Server.empty());
  // For another server it is another discharge.
  CHECK(w.client->Get(w.context()).get());
  REQUIRE(w.fetched() == 2);
  CHECK(w.discharger->impetuses()[1].Server == std::vector<BlessingPattern>{BlessingPattern("alice")});
}

TEST_CASE(
    "[0-102] a request tells what is called, until when, in which language and what is granted; its flow the rest") {
  // All objects are the vault.
  struct AnySuffix final : Dispatcher {
    explicit AnySuffix(std::shared_ptr<Service> object_) : object(std::move(object_)) {}
    Result<Dispatched> lookup(const Context&, std::string_view) override { return Dispatched(object); }
    const std::shared_ptr<Service> object;  // shared with the other server
  };
  DischargeWorld w;
  struct Heard {
    SecurityCall call;
    std::optional<Clock::Steady> deadline;
    std::string language;
  };
  const auto heard = std::make_shared<std::vector<Heard>>();
  const auto listening = authorizer([heard](const Context& context, const SecurityCall& call) {
    heard->push_back(Heard{call, context.deadline(), std::string(context.language())});
    return Result<void>();
  });
  auto server =
      w.server_runtime
          .serve(std::shared_ptr<Dispatcher>(std::make_shared<AnySuffix>(w.vault)), w.at("any").authorizer(listening))
          .value();
  const vault::VaultClient client(*w.clients.back(), server.name("a/b"));
  CHECK(client.Put(w.context(), "lead").get());
  const auto granting = CallOptions().granter([](const Context&, const SecurityCall& call) {
    return call.local_principal->bless(call.remote_blessings.public_key(), call.local_blessings, "butler",
                                       unconstrained_use());
  });
  const auto given = client.Given(w.context().with_timeout(10min).with_language("de"), granting).get();
  REQUIRE_MESSAGE(given, given.error().message());
  CHECK(*given == Names{"alice:phone:butler"});
  CHECK(*client.Get(w.context()).get() == "lead");  // the argument came
  REQUIRE(heard->size() == 3);
  const Heard &put = heard->at(0), &gave = heard->at(1);
  CHECK(put.call.method == "Put");
  CHECK(gave.call.method == "Given");
  CHECK_FALSE(put.deadline);
  REQUIRE(gave.deadline);
  CHECK(*gave.deadline <= w.clock->now() + 10min);
  CHECK(*gave.deadline > w.clock->now() + 5min);
  CHECK(put.language.empty());
  CHECK(gave.language == "de");
  for (const Heard& each : *heard) {
    CHECK(each.call.suffix == "a/b");
    CHECK(each.call.remote_blessings == w.phone->store().default_blessings());
    CHECK(each.call.remote_discharges.size() == 1);
  }
}

}  // namespace nb::rpc
