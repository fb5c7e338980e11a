// A caveat that a program declares in VDL, with a validator of its own.
#include <doctest/doctest.h>

#include <nb/security/blessing_names.h>
#include <nb/security/caveat.h>

#include "security/testing/principals.h"
#include "shop/shop.vdl.h"

namespace nb {
namespace {

using security::testing::call_of;
using security::testing::key_of;
using security::testing::principal_of;

std::shared_ptr<const CaveatValidators> shop_validators() {
  auto validators = std::make_shared<CaveatValidators>();
  validators
      ->add<shop::Budget>(shop::BudgetCaveat(),
                          [](const Context&, const SecurityCall& call, const shop::Budget& budget) -> Result<void> {
                            if (call.suffix.size() > budget.Cents) return shop::TooMuch(budget.Cents);
                            return {};
                          })
      .value();
  return validators;
}

TEST_CASE("a program's own caveat is checked by its validator with the typed parameter") {
  const auto alice = principal_of(0x11);
  const auto self = alice->bless_self("alice").value();
  REQUIRE(alice->add_to_roots(self));
  const auto caveat = make_caveat(shop::BudgetCaveat(), shop::Budget(3, {"books"})).value();
  auto call = call_of(alice, alice->bless(key_of(0x22).public_key(), self, "buyer", caveat).value());
  call.suffix = "abc";

  // A runtime that does not know it refuses.
  auto names = remote_blessing_names(Context(), call);
  CHECK(names.valid.empty());
  REQUIRE(names.rejected.size() == 1);
  CHECK(v23::security::CaveatNotRegistered.matches(*names.rejected[0].Err));

  call.validators = shop_validators();
  CHECK(remote_blessing_names(Context(), call).valid == std::vector<std::string>{"alice:buyer"});
  call.suffix = "abcd";
  names = remote_blessing_names(Context(), call);
  CHECK(names.valid.empty());
  REQUIRE(names.rejected.size() == 1);
  CHECK(v23::security::CaveatValidation.matches(*names.rejected[0].Err));
  CHECK(names.rejected[0].Err->message() == "caveat validation failed: that is more than 3 cents");
}

TEST_CASE("a program's own caveat with a parameter of another struct is refused") {
  auto call = call_of(principal_of(0x11), Blessings());
  const Caveat other(shop::BudgetCaveat().Id, vom::encode(v23::security::ThirdPartyRequirements()).value());
  const auto refused = shop_validators()->validate(Context(), call, other);
  CHECK(v23::security::CaveatParamCoding.matches(refused.error()));
}

}  // namespace
}  // namespace nb
