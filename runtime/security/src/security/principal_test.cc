#include <nb/security/principal.h>

#include <doctest/doctest.h>

#include "security/sign_authentication.h"
#include "security/testing/principals.h"

namespace nb {
namespace {

using security::testing::key_of;
using security::testing::principal_of;

TEST_CASE("a principal signs messages with the purpose for messages") {
  const auto alice = principal_of(0x11);
  const auto signature = alice->sign(as_bytes("hello")).value();
  CHECK(alice->public_key().verify(signature, "S1", as_bytes("hello")));
  CHECK_FALSE(alice->public_key().verify(signature, "B1", as_bytes("hello")));
}

TEST_CASE("[A-37] nobody can have a principal sign, as a message, what authenticates a connection") {
  const auto alice = principal_of(0x11);
  for (const auto tag : {security::kDialerTag, security::kAcceptorTag}) {
    const std::string message = std::string(tag) + "the binding of another connection";
    CHECK(verror::BadArg.matches(alice->sign(as_bytes(message)).error()));
    CHECK(verror::BadArg.matches(alice->sign(as_bytes(tag)).error()));
    CHECK(alice->sign(as_bytes(tag.substr(0, 8))));
    CHECK(alice->sign(as_bytes("x" + message)));
    const auto signature = security::sign_authentication(*alice, as_bytes(message)).value();
    CHECK(alice->public_key().verify(signature, "S1", as_bytes(message)));
  }
}

TEST_CASE("a principal without a private key verifies and does not sign") {
  const auto key = key_of(0x11).public_key();
  const auto principal = Principal::make_public_only(key, memory_store(key), memory_roots()).value();
  CHECK_FALSE(principal->can_sign());
  CHECK(verror::BadState.matches(principal->sign(as_bytes("x")).error()));
  CHECK(verror::BadState.matches(principal->bless_self("alice").error()));
  const auto self = principal_of(0x11)->bless_self("alice").value();
  CHECK(verror::BadState.matches(principal->bless(key, self, "phone", unconstrained_use()).error()));
  CHECK(principal->set_default_blessings(self));
  CHECK(principal->store().default_blessings() == self);
}

TEST_CASE("a principal's parts must be there and for one key") {
  const auto key = key_of(0x11);
  const auto other = memory_store(key_of(0x22).public_key());
  CHECK(verror::BadArg.matches(Principal::make(key, other, memory_roots()).error()));
  CHECK(verror::BadArg.matches(Principal::make(key, nullptr, memory_roots()).error()));
  CHECK(verror::BadArg.matches(Principal::make(key, memory_store(key.public_key()), nullptr).error()));
  CHECK(verror::BadArg.matches(Principal::make(PrivateKey(), other, memory_roots()).error()));
  CHECK(verror::BadArg.matches(Principal::make_public_only(PublicKey(), other, memory_roots()).error()));
}

TEST_CASE("only blessings of one's own with a name are blessed with, every chain of them") {
  const auto alice = principal_of(0x11);
  const auto bob = principal_of(0x22);
  const auto key = bob->public_key();
  const auto self = alice->bless_self("alice").value();
  CHECK_FALSE(alice->bless(key, Blessings(), "a", unconstrained_use()));
  CHECK_FALSE(alice->bless(key, Blessings::nameless(alice->public_key()), "a", unconstrained_use()));
  CHECK_FALSE(bob->bless(key, self, "a", unconstrained_use()));
  CHECK_FALSE(alice->bless(PublicKey(), self, "a", unconstrained_use()));
  const auto both = union_of({self, alice->bless_self("ann").value()}).value();
  const auto given = alice->bless(key, both, "x:y", unconstrained_use()).value();
  CHECK(given.to_string() == "alice:x:y,ann:x:y");
  CHECK(given.public_key() == key);
  CHECK(Blessings::from_wire(given.wire()).value() == given);
}

TEST_CASE("default blessings are shown to everybody and their roots believed") {
  const auto alice = Principal::make().value();
  const auto self = alice->bless_self("alice").value();
  REQUIRE(alice->set_default_blessings(self));
  CHECK(alice->store().default_blessings() == self);
  CHECK(alice->store().for_peer({}) == self);
  CHECK(alice->store().for_peer({"bob"}) == self);
  CHECK(alice->roots().recognized(alice->public_key(), "alice:phone"));
  CHECK_FALSE(alice->roots().recognized(alice->public_key(), "bob"));
  CHECK_FALSE(alice->set_default_blessings(principal_of(0x22)->bless_self("bob").value()));
  CHECK(alice->add_to_roots(Blessings::nameless(alice->public_key())));
}

}  // namespace
}  // namespace nb
