#include "security/judgement.h"

#include <doctest/doctest.h>

#include <nb/security/blessing_names.h>
#include <nb/security/discharge.h>

#include "security/testing/principals.h"
#include "security/third_party_check.h"

namespace nb {
namespace {

using security::Judgement;
using security::kMaxCaveatsOfJudgement;
using security::kMaxChecks;
using security::kMaxDischargesOfJudgement;
using security::testing::call_of;
using security::testing::key_of;
using security::testing::principal_of;

const std::shared_ptr<const Principal> discharger = principal_of(0x33);

Caveat asks_discharger() {
  return third_party_caveat(discharger->public_key(), "d", DischargeRequirements(), {unconstrained_use()}).value();
}

// Counts how often its caveat is asked; the last moment it holds is part of the caveat's parameter.
struct Counted {
  std::shared_ptr<std::size_t> asked = std::make_shared<std::size_t>(0);
  v23::security::CaveatDescriptor descriptor{v23::uniqueid::Id(std::array<std::uint8_t, 16>{7}), Codec<bool>::type()};
  std::shared_ptr<CaveatValidators> validators = std::make_shared<CaveatValidators>();
  Counted() {
    validators
        ->add<bool>(descriptor,
                    [asked = asked](const Context&, const SecurityCall&, const bool& holds) -> Result<void> {
                      ++*asked;
                      if (!holds) return verror::BadArg("no");
                      return {};
                    })
        .value();
  }
  Caveat caveat(bool holds) const { return make_caveat(descriptor, holds).value(); }
};

TEST_CASE("[A-44] many copies of one third-party caveat cost one check of its discharge") {
  const Counted counted;
  const auto alice = principal_of(0x11), server = principal_of(0x55);
  const auto self = alice->bless_self("alice").value();
  REQUIRE(server->add_to_roots(self));
  const auto caveat = asks_discharger();
  auto call = call_of(
      server, alice->bless(key_of(0x22).public_key(), self, "phone", caveat, std::vector<Caveat>(900, caveat)).value());
  call.validators = counted.validators;
  call.remote_discharges = {discharger->mint_discharge(caveat, counted.caveat(true)).value()};
  CHECK(remote_blessing_names(Context(), call).valid == std::vector<std::string>{"alice:phone"});
  CHECK(*counted.asked == 1);
  call.remote_discharges = {discharger->mint_discharge(caveat, counted.caveat(false)).value()};
  CHECK(remote_blessing_names(Context(), call).rejected.size() == 1);
  CHECK(*counted.asked == 2);
}

TEST_CASE("[A-44] what failed once in a judgement fails again without being asked") {
  const Counted counted;
  const auto caveat = asks_discharger();
  auto call = call_of(principal_of(0x55), Blessings());
  call.validators = counted.validators;
  call.remote_discharges = {discharger->mint_discharge(caveat, counted.caveat(false)).value()};
  const Context context;
  Judgement judgement(context, call);
  for (int i = 0; i < 3; ++i) CHECK_FALSE(judgement.holds(caveat));
  CHECK(*counted.asked == 1);
  CHECK(judgement.third_parties() == 1);
  const auto without = asks_discharger();
  for (int i = 0; i < 3; ++i) CHECK_FALSE(judgement.holds(without));
  CHECK(judgement.third_parties() == 2);
}

TEST_CASE("[A-44] the caveats and discharges of all blessings in a call share one budget") {
  auto call = call_of(principal_of(0x55), Blessings());
  std::vector<Caveat> caveats;
  for (std::size_t i = 0; i <= kMaxDischargesOfJudgement; ++i) {
    caveats.push_back(asks_discharger());
    call.remote_discharges.push_back(discharger->mint_discharge(caveats.back(), unconstrained_use()).value());
  }
  const Context context;
  Judgement judgement(context, call);
  for (std::size_t i = 0; i < kMaxDischargesOfJudgement; ++i) CHECK(judgement.holds(caveats[i]));
  CHECK(judgement.third_parties() == kMaxDischargesOfJudgement);
  CHECK_FALSE(judgement.holds(caveats.back()));
  CHECK(judgement.third_parties() == kMaxDischargesOfJudgement);
  CHECK(judgement.holds(caveats[0]));  // known

  Judgement plain(context, call);
  for (std::size_t i = 0; i < kMaxCaveatsOfJudgement; ++i) REQUIRE(plain.holds(unconstrained_use()));
  CHECK_FALSE(plain.holds(unconstrained_use()));
  CHECK_FALSE(plain.holds(caveats[0]));
  CHECK(plain.caveats() == kMaxCaveatsOfJudgement);
}

TEST_CASE("[A-44] a discharger checks what is asked of it within one budget") {
  const Counted counted;
  const auto local = principal_of(0x44);
  const auto inner = asks_discharger();
  const auto asks = [&](std::vector<Caveat> checks) {
    return third_party_caveat(local->public_key(), "l", DischargeRequirements(), std::move(checks));
  };
  auto call = call_of(local, Blessings());
  call.validators = counted.validators;
  call.remote_discharges = {discharger->mint_discharge(inner, counted.caveat(true)).value()};
  CHECK(dischargeable(Context(), call, asks(std::vector<Caveat>(kMaxChecks, inner)).value()));
  CHECK(*counted.asked == 1);

  CHECK_FALSE(asks(std::vector<Caveat>(kMaxChecks + 1, inner)));
  auto parameter = vom::decode<v23::security::publicKeyThirdPartyCaveatParam>(asks({inner})->ParamVom).value();
  parameter.Caveats = std::vector<Caveat>(kMaxChecks + 1, inner);
  const Caveat too_many(inner.Id, vom::encode(parameter).value());
  CHECK_FALSE(third_party(too_many));
  CHECK_FALSE(dischargeable(Context(), call, too_many));
  CHECK(*counted.asked == 1);
}

TEST_CASE("[A-32] a discharge that needs itself does not hold, by whichever way it is reached") {
  const auto one = asks_discharger(), other = asks_discharger();
  auto call = call_of(principal_of(0x55), Blessings());
  call.remote_discharges = {discharger->mint_discharge(one, other).value(),
                            discharger->mint_discharge(other, one).value()};
  const Context context;
  Judgement judgement(context, call);
  CHECK_FALSE(judgement.holds(one));
  CHECK_FALSE(judgement.holds(other));
  CHECK(judgement.third_parties() == 2);
}

}  // namespace
}  // namespace nb
