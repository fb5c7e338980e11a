#include <nb/security/blessings.h>

#include <doctest/doctest.h>

#include <nb/security/caveat.h>

#include "security/testing/principals.h"
#include "security/testing/vectors.h"

namespace nb {
namespace {

using security::testing::key_of;
using security::testing::principal_of;
using v23::security::WireBlessings;
namespace vectors = security::vectors;
using vectors::from_hex;
using vectors::to_hex;

constexpr auto kExpiry = Time(Time::kUnixEpoch + 1893553445, 0);  // 2030-01-02T03:04:05Z

// The value part that section 13.6 gives, behind the type part that all values there share.
Bytes with_types(std::string_view value_hex) {
  return from_hex(std::string(vectors::kRootBlessings).substr(0, 2 * 383) + std::string(value_hex));
}

TEST_CASE("the root blessings of the worked bytes are read and written") {
  const auto wire = vom::decode<WireBlessings>(from_hex(vectors::kRootBlessings)).value();
  const auto blessings = Blessings::from_wire(wire);
  REQUIRE(blessings);
  CHECK(blessings->to_string() == "alice");
  CHECK(blessings->public_key() == key_of(0x11).public_key());
  CHECK(to_hex(blessings->unique_id()) == "81ac8f8fc7f88ce295fe7486b550c782123c9ba81438b69f6f3bf570344d690c");
  CHECK_FALSE(blessings->expiry());
  CHECK_FALSE(blessings->is_zero());
  CHECK_FALSE(blessings->is_nameless());
  CHECK(vom::decode<WireBlessings>(vom::encode(blessings->wire()).value()).value() == wire);
  CHECK(Blessings::from_text(blessings->to_text()).value() == *blessings);
}

TEST_CASE("the two-link blessings of the worked bytes are read and written") {
  const auto wire = vom::decode<WireBlessings>(from_hex(vectors::kTwoLinkBlessings)).value();
  const auto blessings = Blessings::from_wire(wire);
  REQUIRE(blessings);
  CHECK(blessings->claimed_names() == std::vector<std::string>{"alice:phone"});
  CHECK(blessings->public_key() == key_of(0x22).public_key());
  CHECK(to_hex(blessings->unique_id()) == "472afc017f9cfa575577461433206d1a18fabdd14efabe6fea324328c31d117d");
  REQUIRE(blessings->expiry());
  CHECK(*blessings->expiry() == kExpiry);
  const auto third_party = blessings->third_party_caveats();
  REQUIRE(third_party.size() == 1);
  CHECK(to_hex(third_party[0].ParamVom) == vectors::kThirdPartyParameter);
  CHECK(vom::decode<WireBlessings>(vom::encode(blessings->wire()).value()).value() == wire);
  CHECK(Blessings::from_text(blessings->to_text()).value() == *blessings);

  const auto roots = blessings->roots();
  REQUIRE(roots.size() == 1);
  CHECK(to_hex(roots[0].unique_id()) == "81ac8f8fc7f88ce295fe7486b550c782123c9ba81438b69f6f3bf570344d690c");
  CHECK(roots[0].public_key() == key_of(0x11).public_key());
}

TEST_CASE("zero and nameless blessings are read from the worked bytes") {
  const auto zero = Blessings::from_wire(vom::decode<WireBlessings>(with_types("5201e1")).value());
  REQUIRE(zero);
  CHECK(zero->is_zero());
  CHECK(zero->unique_id().empty());
  CHECK(zero->to_string().empty());
  CHECK_FALSE(zero->public_key());
  CHECK(zero->roots().empty());
  CHECK(Blessings::from_text(zero->to_text()).value().is_zero());

  const auto wire = vom::decode<WireBlessings>(with_types(vectors::kNamelessValue)).value();
  const auto nameless = Blessings::from_wire(wire);
  REQUIRE(nameless);
  CHECK(nameless->is_nameless());
  CHECK_FALSE(nameless->is_zero());
  CHECK(nameless->claimed_names().empty());
  CHECK(nameless->roots().empty());
  CHECK(nameless->public_key() == key_of(0x11).public_key());
  CHECK(to_hex(nameless->unique_id()) == "d08c7ccfa9ee28932c92ce176108712b9199e63d3b29803be0ca24598ab7babe");
  CHECK(*nameless == Blessings::nameless(key_of(0x11).public_key()));
  CHECK(Blessings::nameless(key_of(0x11).public_key()).wire() == wire);
}

TEST_CASE("what is blessed here is read back as equal, for every kind of key") {
  for (const auto type :
       {KeyType::kEcdsa256, KeyType::kEcdsa384, KeyType::kEcdsa521, KeyType::kEd25519, KeyType::kRsa2048}) {
    const auto root = principal_of(PrivateKey::make(type).value());
    // The second signer has another hash than the first, so that digests of different sizes are chained.
    const auto middle = principal_of(PrivateKey::make(KeyType::kEcdsa256).value());
    const auto one = root->bless(middle->public_key(), root->bless_self("a").value(), "b", unconstrained_use()).value();
    const auto two = middle->bless(root->public_key(), one, "c", expiry_caveat(kExpiry)).value();
    const auto back = Blessings::from_wire(two.wire());
    REQUIRE(back);
    CHECK(*back == two);
    CHECK(back->to_string() == "a:b:c");
    CHECK(back->public_key() == root->public_key());
    CHECK(two.public_key() == root->public_key());
  }
}

TEST_CASE("the caveat of a blessing comes after the further ones") {
  const auto alice = principal_of(0x11);
  const auto blessings = alice
                             ->bless(key_of(0x22).public_key(), alice->bless_self("alice").value(), "phone",
                                     expiry_caveat(kExpiry), {method_caveat({"Put", "Get"})})
                             .value();
  const auto& caveats = blessings.wire().CertificateChains[0][1].Caveats;
  REQUIRE(caveats.size() == 3);
  CHECK(caveats[0] == method_caveat({"Put", "Get"}));
  CHECK(caveats[1] == expiry_caveat(kExpiry));
}

TEST_CASE("[A-5] the last caveat of what is made here is one that nobody gains by losing") {
  const auto alice = principal_of(0x11);
  const auto caveats_of = [](const Result<Blessings>& blessings) {
    return blessings.value().wire().CertificateChains[0].back().Caveats;
  };
  using Caveats = std::vector<Caveat>;
  CHECK(caveats_of(alice->bless_self("alice")).empty());
  CHECK(caveats_of(alice->bless_self("alice", {const_caveat(false)})) ==
        Caveats{const_caveat(false), unconstrained_use()});
  const auto self = alice->bless_self("alice").value();
  const auto key = key_of(0x22).public_key();
  CHECK(caveats_of(alice->bless(key, self, "phone", expiry_caveat(kExpiry))) ==
        Caveats{expiry_caveat(kExpiry), unconstrained_use()});
  CHECK(caveats_of(alice->bless(key, self, "phone", unconstrained_use())) == Caveats{unconstrained_use()});
  CHECK(caveats_of(alice->bless(key, self, "phone", unconstrained_use(), {expiry_caveat(kExpiry)})) ==
        Caveats{expiry_caveat(kExpiry), unconstrained_use()});
}

TEST_CASE("a union has all names, short chains first, then by name, doubles included") {
  const auto alice = principal_of(0x11);
  const auto bob = principal_of(0x22);
  const auto zoe = alice->bless_self("zoe").value();
  const auto ann = alice->bless_self("ann").value();
  const auto friend_of_bob =
      bob->bless(alice->public_key(), bob->bless_self("bob").value(), "friend", expiry_caveat(kExpiry)).value();
  const auto nameless = Blessings::nameless(alice->public_key());
  const auto all = union_of({Blessings(), nameless, friend_of_bob, zoe, Blessings(), ann, zoe}).value();
  CHECK(all.to_string() == "ann,zoe,zoe,bob:friend");
  CHECK(all.public_key() == alice->public_key());
  CHECK(Blessings::from_wire(all.wire()).value() == all);
  CHECK(union_of({ann, zoe}).value() == union_of({zoe, ann}).value());
  CHECK(*all.expiry() == kExpiry);
  REQUIRE(all.roots().size() == 4);
  CHECK(all.roots()[3].public_key() == bob->public_key());

  CHECK(union_of({}).value().is_zero());
  CHECK(union_of({Blessings(), Blessings()}).value().is_zero());
  CHECK(union_of({nameless, nameless}).value().is_nameless());
  CHECK(union_of({ann}).value() == ann);
  CHECK_FALSE(union_of({ann, bob->bless_self("bob").value()}));
  CHECK_FALSE(union_of({Blessings::nameless(bob->public_key()), ann}));

  CHECK(all.could_have_names({}));
  CHECK(all.could_have_names({"ann", "bob:friend"}));
  CHECK_FALSE(all.could_have_names({"ann", "bob"}));
  CHECK(Blessings().could_have_names({}));
  CHECK_FALSE(Blessings().could_have_names({"ann"}));
}

TEST_CASE("[A-44] nobody makes blessings that no peer would take") {
  const auto alice = principal_of(0x11), bob = principal_of(0x22);
  std::vector<Blessings> names;
  for (int i = 0; i < 17; ++i) names.push_back(alice->bless_self("a" + std::to_string(i)).value());
  CHECK_FALSE(union_of(names));
  names.pop_back();
  auto all = union_of(names);
  REQUIRE(all);
  CHECK(Blessings::from_wire(all->wire()));
  // Sixteen chains grow by a certificate each, three times.
  for (int i = 0; i < 3; ++i) {
    all = alice->bless(alice->public_key(), *all, "x", unconstrained_use());
    REQUIRE(all);
  }
  CHECK_FALSE(alice->bless(bob->public_key(), *all, "x", unconstrained_use()));
  CHECK_FALSE(union_of({*all, alice->bless_self("b").value()}));
}

TEST_CASE("text that is no blessings is refused") {
  const auto text = principal_of(0x11)->bless_self("alice").value().to_text();
  CHECK(Blessings::from_text(text));
  CHECK_FALSE(Blessings::from_text(""));
  CHECK_FALSE(Blessings::from_text("#"));
  CHECK_FALSE(Blessings::from_text(text + "\n"));
  CHECK_FALSE(Blessings::from_text(text.substr(0, text.size() / 8 * 4)));
  CHECK_FALSE(Blessings::from_text(std::string((1 << 20) + 4, 'A')));
}

}  // namespace
}  // namespace nb
