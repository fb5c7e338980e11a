#include <nb/security/blessing_names.h>

#include <doctest/doctest.h>

#include <nb/security/authorizer.h>
#include <nb/security/caveat.h>

#include "security/testing/principals.h"

namespace nb {
namespace {

using security::testing::call_of;
using security::testing::key_of;
using security::testing::principal_of;

const auto alice = principal_of(0x11);
const auto bob = principal_of(0x22);

std::shared_ptr<const Principal> believing(const Blessings& roots) {
  auto principal = principal_of(0x55);
  principal->add_to_roots(roots).value();
  return principal;
}

TEST_CASE("names without caveats come first, and each rejected one says why") {
  const auto self = alice->bless_self("alice").value();
  const auto past = expiry_caveat(Time(1, 0));
  const auto always = expiry_caveat(Time(1LL << 50, 0));
  const auto key = bob->public_key();
  const auto all = union_of({
                                alice->bless(key, self, "a-late", past).value(),
                                alice->bless(key, self, "b-timed", always).value(),
                                alice->bless(key, self, "c-const", unconstrained_use()).value(),
                                bob->bless_self("bob").value(),
                                bob->bless(key, bob->bless_self("zoe").value(), "self", unconstrained_use()).value(),
                            })
                       .value();
  auto principal = believing(self);
  principal->roots().add(key, BlessingPattern("zoe:$")).value();
  principal->roots().add(key, BlessingPattern("bob")).value();
  const auto names = remote_blessing_names(Context(), call_of(principal, all));
  CHECK(names.valid == std::vector<std::string>{"bob", "alice:b-timed", "alice:c-const"});
  REQUIRE(names.rejected.size() == 2);
  CHECK(names.rejected[0].Blessing == "alice:a-late");
  CHECK(v23::security::CaveatValidation.matches(*names.rejected[0].Err));
  CHECK(names.rejected[1].Blessing == "zoe:self");
  CHECK(v23::security::UnrecognizedRoot.matches(*names.rejected[1].Err));
}

TEST_CASE("a caveat anywhere in the chain counts") {
  const auto self = alice->bless_self("alice", {const_caveat(false)}).value();
  const auto blessings = alice->bless(bob->public_key(), self, "phone", unconstrained_use()).value();
  const auto names = remote_blessing_names(Context(), call_of(believing(self), blessings));
  CHECK(names.valid.empty());
  CHECK(names.rejected.size() == 1);
}

TEST_CASE("[A-17] a key without a name satisfies only who asks for no name") {
  const auto nameless = Blessings::nameless(bob->public_key());
  const auto self = alice->bless_self("alice").value();
  REQUIRE(alice->add_to_roots(self));
  auto call = call_of(alice, nameless);
  call.local_blessings = self;
  call.remote_endpoint_names = {"alice"};
  const auto names = remote_blessing_names(Context(), call);
  CHECK(names.valid.empty());
  CHECK(names.rejected.empty());
  CHECK_FALSE(default_authorizer()->authorize(Context(), call));
  CHECK_FALSE(endpoint_authorizer()->authorize(Context(), call));
  CHECK_FALSE(patterns_authorizer({BlessingPattern("alice"), BlessingPattern("$")})->authorize(Context(), call));
  CHECK(allow_everyone()->authorize(Context(), call));
  CHECK(public_key_authorizer(bob->public_key())->authorize(Context(), call));
  CHECK_FALSE(public_key_authorizer(alice->public_key())->authorize(Context(), call));
  // Both ends without a name.
  call.local_blessings = Blessings::nameless(alice->public_key());
  CHECK_FALSE(default_authorizer()->authorize(Context(), call));
  call.local_blessings = Blessings();
  call.remote_blessings = Blessings();
  CHECK_FALSE(default_authorizer()->authorize(Context(), call));
}

TEST_CASE("[A-18] a name whose root is not recognized is rejected") {
  const auto self = alice->bless_self("alice").value();
  const auto impostor = bob->bless_self("alice").value();
  const auto principal = believing(self);
  CHECK(remote_blessing_names(Context(), call_of(principal, self)).valid == std::vector<std::string>{"alice"});
  const auto names = remote_blessing_names(Context(), call_of(principal, impostor));
  CHECK(names.valid.empty());
  REQUIRE(names.rejected.size() == 1);
  CHECK(v23::security::UnrecognizedRoot.matches(*names.rejected[0].Err));
  CHECK(names.rejected[0].Err->message().find(bob->public_key().fingerprint()) != std::string_view::npos);
}

TEST_CASE("[A-19] a root is believed for the names of its pattern only") {
  const auto principal = believing(alice->bless_self("bob").value());
  const auto key = bob->public_key();
  for (const auto* name : {"alice", "bobby", "bo", "alice:bob"}) {
    CAPTURE(name);
    CHECK(remote_blessing_names(Context(), call_of(principal, alice->bless_self(name).value())).valid.empty());
    const auto longer = alice->bless(key, alice->bless_self(name).value(), "bob", unconstrained_use()).value();
    CHECK(remote_blessing_names(Context(), call_of(principal, longer)).valid.empty());
  }
  CHECK(remote_blessing_names(Context(), call_of(principal, alice->bless_self("bob:tv").value())).valid.size() == 1);
}

TEST_CASE("names of the local end need its own key and a recognized root, and no caveat is asked") {
  const auto self = alice->bless_self("alice", {const_caveat(false)}).value();
  auto call = call_of(alice, Blessings());
  call.local_blessings = union_of({self, alice->bless_self("unknown").value()}).value();
  REQUIRE(alice->add_to_roots(self));
  CHECK(local_blessing_names(call) == std::vector<std::string>{"alice"});
  const auto other = principal_of(0x77);
  REQUIRE(other->add_to_roots(self));
  call.local_principal = other;
  CHECK(local_blessing_names(call).empty());
  call.local_principal = nullptr;
  CHECK(local_blessing_names(call).empty());
  CHECK(remote_blessing_names(Context(), call).valid.empty());
}

TEST_CASE("blessings that sign data at rest have expiry and constant caveats only") {
  const auto self = alice->bless_self("alice").value();
  const auto principal = believing(self);
  const Time now(1000, 0);
  const auto key = bob->public_key();
  const auto with = [&](Caveat caveat) {
    return signing_blessing_names(*principal, alice->bless(key, self, "pen", std::move(caveat)).value(), now);
  };
  CHECK(with(unconstrained_use()).valid == std::vector<std::string>{"alice:pen"});
  CHECK(with(expiry_caveat(now)).valid.size() == 1);
  CHECK(with(expiry_caveat(Time(999, 0))).valid.empty());
  CHECK(with(const_caveat(false)).valid.empty());
  for (const auto& caveat : {method_caveat({""}), not_before_caveat(Time(1, 0))}) {
    const auto names = with(caveat);
    CHECK(names.valid.empty());
    REQUIRE(names.rejected.size() == 1);
    CHECK(v23::security::InvalidSigningBlessingCaveat.matches(*names.rejected[0].Err));
  }
  CHECK(signing_blessing_names(*principal, bob->bless_self("alice").value(), now).valid.empty());
  CHECK(signing_blessing_names(*principal, Blessings(), now).rejected.empty());
}

}  // namespace
}  // namespace nb
