#include <nb/services/discharger.h>

#include <doctest/doctest.h>

#include <nb/rpc/runtime.h>
#include <nb/rpc/server.h>
#include <nb/security/blessing_names.h>
#include <nb/security/caveat.h>

#include "security/testing/principals.h"
#include "v.io/x/ref/services/discharger/discharger.rpc.h"

namespace nb {
namespace {

using namespace std::chrono_literals;
using security::testing::call_of;
using security::testing::key_of;
using security::testing::principal_of;
using v23::security::DischargeImpetus;
namespace wire = x::ref::services::discharger;

struct Scene {
  Caveat caveat(std::vector<Caveat> checks = {unconstrained_use()}) const {
    return third_party_caveat(principal->public_key(), "d", DischargeRequirements(), std::move(checks)).value();
  }
  // A call of Discharge by somebody.
  SecurityCall call(Blessings blessings = Blessings()) const {
    auto call = call_of(principal, std::move(blessings));
    call.method = "Discharge";
    return call;
  }
  Result<Discharge> issue(const Caveat& caveat) const { return issue_discharge(options, Context(), call(), caveat); }

  std::shared_ptr<const Principal> principal = principal_of(0x33);
  std::shared_ptr<HandClock> clock = std::make_shared<HandClock>();
  DischargerOptions options = DischargerOptions(principal).clock(clock);
};

TEST_CASE("a discharge is good for the caveat, for as long as the discharger says") {
  Scene scene;
  scene.options.expiry(10min);
  const auto caveat = scene.caveat();
  const auto discharge = scene.issue(caveat);
  REQUIRE(discharge);
  const auto last = Time::from(scene.clock->wall_now() + 10min);
  CHECK(discharge_expiry(*discharge) == last);
  auto judged = call_of(principal_of(0x55), Blessings());
  judged.remote_discharges = {*discharge};
  judged.timestamp = last;
  CHECK(CaveatValidators().validate(Context(), judged, caveat));
  judged.timestamp = Time(last.seconds(), last.nanos() + 1);
  CHECK_FALSE(CaveatValidators().validate(Context(), judged, caveat));
}

TEST_CASE("what is not a third-party caveat, or is for another discharger, is not discharged") {
  const Scene scene;
  CHECK(wire::NotAThirdPartyCaveat.matches(scene.issue(unconstrained_use()).error()));
  auto malformed = scene.caveat();
  malformed.ParamVom.pop_back();
  CHECK_FALSE(scene.issue(malformed));
  CHECK(verror::BadArg.matches(
      scene
          .issue(third_party_caveat(key_of(0x66).public_key(), "d", DischargeRequirements(), {unconstrained_use()})
                     .value())
          .error()));
}

TEST_CASE("the checks of the caveat are made against the caller of the discharger") {
  const Scene scene;
  CHECK(scene.issue(scene.caveat({method_caveat({"Discharge"})})));
  CHECK_FALSE(scene.issue(scene.caveat({method_caveat({"Get"})})));
  CHECK_FALSE(scene.issue(scene.caveat({unconstrained_use(), const_caveat(false)})));
  // The moment of the call counts, not what the client would like it to be.
  CHECK_FALSE(scene.issue(scene.caveat({expiry_caveat(Time(0, 0))})));
}

TEST_CASE("a revoked caveat is discharged no more, others are") {
  Scene scene;
  const auto list = memory_revocations();
  scene.options.revocations(list);
  const auto one = scene.caveat(), two = scene.caveat();
  CHECK(scene.issue(one));
  CHECK(list->revoke(third_party(one)->id));
  CHECK(verror::NoAccess.matches(scene.issue(one).error()));
  CHECK(scene.issue(two));
  CHECK(list->restore(third_party(one)->id));
  CHECK(scene.issue(one));
}

TEST_CASE("when the revocations cannot be read, nothing is discharged") {
  struct Broken final : RevocationList {
    Result<void> revoke(std::string_view) override { return {}; }
    Result<void> restore(std::string_view) override { return {}; }
    Result<bool> is_revoked(std::string_view) override { return verror::Internal("disk"); }
    Result<std::set<std::string>> revoked() override { return verror::Internal("disk"); }
  };
  Scene scene;
  scene.options.revocations(std::make_shared<Broken>());
  CHECK(verror::Internal.matches(scene.issue(scene.caveat()).error()));
}

// The service as clients meet it, called by somebody whose key is all that is known of him.
struct Served {
  Runtime make(std::shared_ptr<const Principal> principal) const {
    return Runtime::make(RuntimeOptions().threads(1).local_network(network).principal(std::move(principal))).value();
  }
  Result<Discharge> ask(const Caveat& caveat, const DischargeImpetus& impetus = {}) {
    return wire::DischargerClient(client, server.name(), CallOptions().server_authorizer(allow_everyone()))
        .Discharge(client.context(), caveat, impetus)
        .get();
  }

  Scene scene;
  LocalNetwork network = LocalNetwork::make();
  Runtime runtime = make(scene.principal);
  Runtime client = make(principal_of(0x44));
  Server server =
      runtime.serve(make_discharger(scene.options), ServerOptions().listen("local", "d").authorizer(allow_everyone()))
          .value();
};

TEST_CASE("the discharger is called as a service") {
  Served served;
  const auto caveat = served.scene.caveat();
  const auto discharge = served.ask(caveat);
  REQUIRE(discharge);
  CHECK(discharge_id(*discharge) == third_party(caveat)->id);
  const auto refused = served.ask(unconstrained_use());
  CHECK(wire::NotAThirdPartyCaveat.matches(refused.error()));
  CHECK(std::get<0>(*wire::NotAThirdPartyCaveat.params(refused.error())) == unconstrained_use());
  // The checks inside are made against the caller of Discharge.
  CHECK(served.ask(served.scene.caveat({method_caveat({"Discharge"})})));
  CHECK_FALSE(served.ask(served.scene.caveat({method_caveat({"Get"})})));
}

TEST_CASE("[A-36] what the impetus says decides nothing") {
  Served served;
  // The caveat wants a call of Open; the caller calls Discharge, and says that it is for Open.
  const auto open_only = served.scene.caveat({method_caveat({"Open"})});
  DischargeImpetus lie;
  lie.Method = "Open";
  lie.Server = {BlessingPattern("...")};
  lie.Arguments = {Any("Open")};
  CHECK_FALSE(served.ask(open_only, lie));
  // And one that says the wrong thing takes nothing away.
  const auto open = served.scene.caveat({method_caveat({"Discharge"})});
  CHECK(served.ask(open, lie));
  CHECK(served.ask(open));
}

}  // namespace
}  // namespace nb
