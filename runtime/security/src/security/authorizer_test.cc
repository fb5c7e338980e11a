#include <nb/security/authorizer.h>

#include <doctest/doctest.h>

#include <nb/security/caveat.h>

#include "security/testing/principals.h"

namespace nb {
namespace {

using security::testing::call_of;
using security::testing::principal_of;

const auto alice = principal_of(0x11);
const auto other = principal_of(0x22);
const auto alice_self = alice->bless_self("alice").value();

// A name of alice's, given to `other`.
Blessings given(std::string_view extension, Caveat caveat = unconstrained_use()) {
  return alice->bless(other->public_key(), alice_self, extension, std::move(caveat)).value();
}

// A server that shows `local` and believes alice.
SecurityCall call_between(Blessings local, Blessings remote) {
  alice->add_to_roots(alice_self).value();
  other->add_to_roots(alice_self).value();
  auto call = call_of(local.public_key() == alice->public_key() ? alice : other, std::move(remote));
  call.local_blessings = std::move(local);
  return call;
}

bool allows(const std::shared_ptr<const Authorizer>& authorizer, const SecurityCall& call) {
  return authorizer->authorize(Context(), call).ok();
}

TEST_CASE("by default one end's name must extend the other's") {
  const auto rule = default_authorizer();
  CHECK(allows(rule, call_between(alice_self, alice_self)));
  CHECK(allows(rule, call_between(alice_self, given("phone"))));
  CHECK(allows(rule, call_between(given("phone"), alice_self)));
  CHECK(allows(rule, call_between(given("phone"), given("phone:app"))));
  CHECK_FALSE(allows(rule, call_between(given("phone"), given("tv"))));
  CHECK_FALSE(allows(rule, call_between(given("phone"), given("phones"))));
  CHECK_FALSE(allows(rule, call_between(alice_self, given("phone", const_caveat(false)))));
  CHECK_FALSE(allows(rule, call_between(alice_self, other->bless_self("alice").value())));
  CHECK_FALSE(allows(rule, call_between(alice_self, Blessings())));
  const auto error = rule->authorize(Context(), call_between(given("phone"), given("tv"))).error();
  CHECK(v23::security::AuthorizationFailed.matches(error));
  const auto params = v23::security::AuthorizationFailed.params(error);
  REQUIRE(params);
  CHECK(std::get<0>(*params) == std::vector<std::string>{"alice:tv"});
  CHECK(std::get<2>(*params) == std::vector<std::string>{"alice:phone"});
}

TEST_CASE("the owner of a key is let in by the key, whatever the name") {
  const auto rule = public_key_authorizer(other->public_key());
  CHECK(allows(rule, call_between(alice_self, other->bless_self("zoe").value())));
  CHECK(allows(rule, call_between(alice_self, Blessings::nameless(other->public_key()))));
  CHECK_FALSE(allows(rule, call_between(alice_self, alice_self)));
  CHECK_FALSE(allows(rule, call_between(alice_self, Blessings())));
  CHECK_FALSE(allows(public_key_authorizer(PublicKey()), call_between(alice_self, Blessings())));
  const auto error = rule->authorize(Context(), call_between(alice_self, alice_self)).error();
  CHECK(v23::security::PublicKeyNotAllowed.matches(error));
}

TEST_CASE("an endpoint's names must be matched by the server, and there must be some") {
  const auto rule = endpoint_authorizer();
  auto call = call_between(alice_self, given("phone"));
  call.remote_endpoint = "@6@tcp@h:1@@@s@alice:phone@@";
  CHECK_FALSE(allows(rule, call));
  call.remote_endpoint_names = {"alice:tv"};
  CHECK_FALSE(allows(rule, call));
  CHECK(v23::security::EndpointAuthorizationFailed.matches(rule->authorize(Context(), call).error()));
  call.remote_endpoint_names = {"alice:tv", "alice:phone"};
  CHECK(allows(rule, call));
  call.remote_endpoint_names = {"alice"};
  CHECK(allows(rule, call));
  call.remote_endpoint_names = {"alice:phone:app"};
  CHECK_FALSE(allows(rule, call));
}

TEST_CASE("[A-46] a name in an endpoint that matches everybody, or is no pattern, matches no server") {
  const auto rule = endpoint_authorizer();
  for (const auto& remote : {Blessings(), Blessings::nameless(alice->public_key()), given("phone")}) {
    auto call = call_between(alice_self, remote);
    for (const auto* name : {"...", "$", "", ":", "alice:", "alice:...", "...:$"}) {
      CAPTURE(name);
      call.remote_endpoint_names = {name};
      CHECK_FALSE(allows(rule, call));
    }
  }
  auto call = call_between(alice_self, given("phone"));
  call.remote_endpoint_names = {"...", "alice"};
  CHECK(allows(rule, call));
}

TEST_CASE("patterns let in who has a valid name that matches one") {
  const auto rule = patterns_authorizer({BlessingPattern("bob"), BlessingPattern("alice:phone:$")});
  CHECK(allows(rule, call_between(alice_self, given("phone"))));
  CHECK_FALSE(allows(rule, call_between(alice_self, given("phone:app"))));
  CHECK_FALSE(allows(rule, call_between(alice_self, given("phone", const_caveat(false)))));
  CHECK_FALSE(allows(patterns_authorizer({}), call_between(alice_self, alice_self)));
}

TEST_CASE("[A-56] the error for a peer that shall learn nothing names neither names nor reasons") {
  const auto call = call_between(given("phone"), given("secret", const_caveat(false)));
  const auto error = default_authorizer()->authorize(Context(), call).error();
  CHECK(error.message().find("alice:secret") != std::string_view::npos);
  const auto terse = without_details(error);
  CHECK(terse.id() == error.id());
  CHECK(terse.action() == error.action());
  CHECK(terse.message() == "access denied");
  CHECK(terse.params() == nullptr);
  CHECK(terse.sub_errors().empty());
  CHECK_FALSE(without_details(Error()));
}

}  // namespace
}  // namespace nb
