// What docs/spec/security.md 15 says must be refused about discharges.
#include <doctest/doctest.h>

#include <nb/security/blessing_names.h>
#include <nb/security/caveat.h>
#include <nb/security/discharge.h>

#include "security/discharge_digest.h"
#include "security/testing/principals.h"

namespace nb {
namespace {

using security::testing::call_of;
using security::testing::key_of;
using security::testing::principal_of;
using v23::security::PublicKeyDischarge;

const std::vector<std::string> kBelieved = {"alice:phone"};

// alice blessed the user as her phone as long as the discharger agrees; the server believes alice.
struct Scene {
  Scene() {
    caveat = third_party_caveat(discharger->public_key(), "d", DischargeRequirements(), {unconstrained_use()}).value();
    show_with(caveat);
    good = discharger->mint_discharge(caveat, unconstrained_use(), {method_caveat({"Get"})}).value();
  }

  void show_with(const Caveat& first) {
    const auto self = alice->bless_self("alice").value();
    blessings = alice->bless(key_of(0x22).public_key(), self, "phone", first).value();
    server->add_to_roots(self).value();
  }

  std::vector<std::string> names_with(const Discharges& discharges) const { return result_with(discharges).valid; }
  BlessingNames result_with(const Discharges& discharges) const {
    auto call = call_of(server, blessings);
    call.remote_discharges = discharges;
    if (when) call.timestamp = *when;
    return remote_blessing_names(Context(), call);
  }
  bool refused(const Discharges& discharges) const {
    const auto result = result_with(discharges);
    return result.valid.empty() && result.rejected.size() == 1;
  }

  PublicKeyDischarge parts() const { return good.get_if<Discharge::PublicKey>()->value; }
  static Discharge whole(PublicKeyDischarge parts) { return Discharge(Discharge::PublicKey(std::move(parts))); }
  // As good as the discharger's, for any purpose and by any key.
  Discharge signed_by(const PrivateKey& key, std::string_view purpose) const {
    auto made = parts();
    const auto digest = security::discharge_digest(discharger->public_key(), made.ThirdPartyCaveatId, made.Caveats);
    made.Signature = key.sign(purpose, digest).value();
    return whole(std::move(made));
  }

  std::shared_ptr<const Principal> alice = principal_of(0x11), server = principal_of(0x55),
                                   discharger = principal_of(0x33);
  Caveat caveat;
  Blessings blessings;
  Discharge good;
  std::optional<Time> when;
};

TEST_CASE("[A-29] a third-party caveat without its discharge does not hold") {
  const Scene scene;
  CHECK(scene.names_with({scene.good}) == kBelieved);
  CHECK(scene.refused({}));
  CHECK(scene.refused({Discharge()}));
}

TEST_CASE("[A-30] a discharge by another key is refused") {
  const Scene scene;
  CHECK(scene.names_with({scene.signed_by(key_of(0x33), "D1")}) == kBelieved);
  CHECK(scene.refused({scene.signed_by(key_of(0x22), "D1")}));
  CHECK(scene.refused({scene.signed_by(key_of(0x11), "D1")}));
  CHECK(scene.refused({scene.signed_by(key_of(0x33, KeyAlgorithm::kEd25519), "D1")}));
}

TEST_CASE("[A-30] a discharge signed for another purpose is refused, also when it says another") {
  const Scene scene;
  for (const std::string purpose : {"S1", "B1", "", "d1", "D1 "}) {
    CAPTURE(purpose);
    auto made = scene.signed_by(key_of(0x33), purpose);
    CHECK(scene.refused({made}));
    auto parts = made.get_if<Discharge::PublicKey>()->value;
    parts.Signature.Purpose = Bytes{'D', '1'};
    CHECK(scene.refused({Scene::whole(parts)}));
  }
}

TEST_CASE("[A-30] a discharge that was changed is refused") {
  const Scene scene;
  auto stripped = scene.parts();
  stripped.Caveats.clear();
  CHECK(scene.refused({Scene::whole(stripped)}));
  auto shorter = scene.parts();
  shorter.Caveats.erase(shorter.Caveats.begin());
  CHECK(scene.refused({Scene::whole(shorter)}));
  auto swapped = scene.parts();
  std::swap(swapped.Caveats[0], swapped.Caveats[1]);
  CHECK(scene.refused({Scene::whole(swapped)}));
  auto wider = scene.parts();
  wider.Caveats[0] = method_caveat({"Get", "Put"});
  CHECK(scene.refused({Scene::whole(wider)}));
  auto longer = scene.parts();
  longer.Caveats.push_back(unconstrained_use());
  CHECK(scene.refused({Scene::whole(longer)}));
  auto relabelled = scene.parts();
  relabelled.Signature.Hash = v23::security::SHA512Hash();
  CHECK(scene.refused({Scene::whole(relabelled)}));
  auto forged = scene.parts();
  forged.Signature.R[3] ^= 1;
  CHECK(scene.refused({Scene::whole(forged)}));
  auto unsigned_one = scene.parts();
  unsigned_one.Signature = v23::security::Signature();
  CHECK(scene.refused({Scene::whole(unsigned_one)}));
  auto renamed = scene.parts();
  renamed.ThirdPartyCaveatId += "=";
  CHECK(scene.refused({Scene::whole(renamed)}));
}

TEST_CASE("[A-31] a discharge for a caveat that differs only in its nonce, or in its discharger, is refused") {
  Scene scene;
  const auto other =
      third_party_caveat(scene.discharger->public_key(), "d", DischargeRequirements(), {unconstrained_use()}).value();
  const auto for_other = scene.discharger->mint_discharge(other, unconstrained_use()).value();
  CHECK(scene.refused({for_other}));
  // Its id changed to fit: what was signed is another one.
  auto relabelled = for_other.get_if<Discharge::PublicKey>()->value;
  relabelled.ThirdPartyCaveatId = third_party(scene.caveat)->id;
  CHECK(scene.refused({Scene::whole(relabelled)}));

  auto parameter = vom::decode<v23::security::publicKeyThirdPartyCaveatParam>(scene.caveat.ParamVom).value();
  const auto key = key_of(0x66).public_key();
  const auto der = key.der();
  parameter.DischargerKey.assign(der.begin(), der.end());
  const Caveat same_nonce(scene.caveat.Id, vom::encode(parameter).value());
  CHECK(third_party(same_nonce)->id != third_party(scene.caveat)->id);
  scene.show_with(same_nonce);
  CHECK(scene.refused({scene.good}));
  CHECK(scene.names_with({principal_of(0x66)->mint_discharge(same_nonce, unconstrained_use()).value()}) == kBelieved);
}

TEST_CASE("[A-32] a discharge counts no longer than its own caveats hold") {
  Scene scene;
  const Time last(Time::kUnixEpoch + 1'000'000'100, 0);
  const auto expiring = scene.discharger->mint_discharge(scene.caveat, expiry_caveat(last)).value();
  scene.when = last;
  CHECK(scene.names_with({expiring}) == kBelieved);
  scene.when = Time(last.seconds(), 1);
  CHECK(scene.refused({expiring}));

  const auto other_method = scene.discharger->mint_discharge(scene.caveat, method_caveat({"Put"})).value();
  CHECK(scene.refused({other_method}));
  const Caveat unknown(v23::uniqueid::Id(std::array<std::uint8_t, 16>{1, 2, 3}), unconstrained_use().ParamVom);
  CHECK(scene.refused({scene.discharger->mint_discharge(scene.caveat, unknown).value()}));
  CHECK(scene.refused(
      {scene.discharger->mint_discharge(scene.caveat, unconstrained_use(), {const_caveat(false)}).value()}));
}

TEST_CASE("[A-32] a third-party caveat on a discharge needs a discharge of its own") {
  const Scene scene;
  const auto second = principal_of(0x66);
  const auto nested =
      third_party_caveat(second->public_key(), "e", DischargeRequirements(), {unconstrained_use()}).value();
  const auto outer = scene.discharger->mint_discharge(scene.caveat, nested).value();
  const auto inner = second->mint_discharge(nested, unconstrained_use()).value();
  CHECK(scene.refused({outer}));
  CHECK(scene.names_with({outer, inner}) == kBelieved);
  CHECK(scene.names_with({inner, outer}) == kBelieved);
  CHECK(scene.refused({outer, second->mint_discharge(nested, const_caveat(false)).value()}));
}

TEST_CASE("[A-32] discharges that need each other come to an end, and do not hold") {
  const Scene scene;
  const auto second = principal_of(0x66);
  const auto nested =
      third_party_caveat(second->public_key(), "e", DischargeRequirements(), {unconstrained_use()}).value();
  CHECK(scene.refused({scene.discharger->mint_discharge(scene.caveat, nested).value(),
                       second->mint_discharge(nested, scene.caveat).value()}));
  CHECK(scene.refused({scene.discharger->mint_discharge(scene.caveat, scene.caveat).value()}));
}

TEST_CASE("[A-33] the first discharge with the id decides, and zero values are passed over") {
  const Scene scene;
  const auto bad = scene.discharger->mint_discharge(scene.caveat, const_caveat(false)).value();
  CHECK(scene.refused({bad, scene.good}));
  CHECK(scene.refused({scene.signed_by(key_of(0x22), "D1"), scene.good}));
  CHECK(scene.names_with({scene.good, bad}) == kBelieved);
  CHECK(scene.names_with({Discharge(), Discharge(), scene.good}) == kBelieved);
}

TEST_CASE("a caveat whose discharger's key makes no sense cannot be satisfied") {
  Scene scene;
  auto parameter = vom::decode<v23::security::publicKeyThirdPartyCaveatParam>(scene.caveat.ParamVom).value();
  parameter.DischargerKey = {1, 2, 3};
  scene.show_with(Caveat(scene.caveat.Id, vom::encode(parameter).value()));
  auto without_id = scene.parts();
  without_id.ThirdPartyCaveatId.clear();
  CHECK(scene.refused({scene.good, Scene::whole(without_id), Discharge()}));
}

TEST_CASE("[A-57] the ends of time are not overstepped by discharges") {
  Scene scene;
  const Time never(INT64_MAX, 999'999'999), first(INT64_MIN, 0);
  const auto long_lived = scene.discharger->mint_discharge(scene.caveat, expiry_caveat(never)).value();
  CHECK(scene.names_with({long_lived}) == kBelieved);
  scene.when = never;
  CHECK(scene.names_with({long_lived}) == kBelieved);
  scene.when.reset();
  CHECK(scene.refused({scene.discharger->mint_discharge(scene.caveat, expiry_caveat(first)).value()}));
  // Before year 1, where nanoseconds are negative.
  scene.when = Time(-5, -500'000'000);
  CHECK(scene.names_with(
            {scene.discharger->mint_discharge(scene.caveat, expiry_caveat(Time(-5, -400'000'000))).value()}) ==
        kBelieved);
  CHECK(scene.refused({scene.discharger->mint_discharge(scene.caveat, expiry_caveat(Time(-5, -600'000'000))).value()}));
}

}  // namespace
}  // namespace nb
