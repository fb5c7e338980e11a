#include <nb/security/discharge.h>

#include <doctest/doctest.h>

#include <nb/security/blessing_names.h>
#include <nb/security/caveat.h>

#include "security/base64.h"
#include "security/discharge_digest.h"
#include "security/testing/principals.h"
#include "security/testing/vectors.h"

namespace nb {
namespace {

using security::HashAlgorithm;
using security::testing::call_of;
using security::testing::key_of;
using security::testing::principal_of;
namespace vectors = security::vectors;
using vectors::from_hex;
using vectors::to_hex;

constexpr auto kExpiry = Time(Time::kUnixEpoch + 1893553445, 0);  // 2030-01-02T03:04:05Z
constexpr const char* kId = "KufAtXSiyo6vgO98FLmJlUbqN2IpWlg9Bu1bymbLlKk=";

Caveat worked_caveat() {
  return Caveat(v23::security::PublicKeyThirdPartyCaveat().Id, from_hex(vectors::kThirdPartyParameter));
}

Discharge worked_discharge() { return vom::decode<Discharge>(from_hex(vectors::kDischarge)).value(); }

TEST_CASE("the third-party caveat of the worked bytes is taken apart") {
  const auto parts = third_party(worked_caveat());
  REQUIRE(parts);
  CHECK(parts->id == kId);
  CHECK(parts->discharger == key_of(0x33).public_key());
  CHECK(parts->location == "dischargers/d1");
  CHECK(parts->requirements == v23::security::ThirdPartyRequirements(true, true, false));
  CHECK(parts->checks == std::vector{const_caveat(true)});
}

TEST_CASE("the discharge of the worked bytes is read, written, and signed by its discharger") {
  const auto discharge = worked_discharge();
  CHECK(discharge_id(discharge) == kId);
  CHECK(discharge_expiry(discharge) == kExpiry);
  CHECK(vom::decode<Discharge>(vom::encode(discharge).value()).value() == discharge);
  CHECK(security::check_signature(discharge, *third_party(worked_caveat())));
}

TEST_CASE("the digests of the worked bytes are made") {
  const auto key = key_of(0x33).public_key();
  CHECK(to_hex(hash(HashAlgorithm::kSha256, {as_bytes(kId)})) ==
        "df62dd79225c2c89ae06f7d55fdc52fd94ee59b0b6c1296dd87e5271fd29ccc3");
  const auto digest = security::discharge_digest(key, kId, {expiry_caveat(kExpiry)});
  CHECK(to_hex(digest) == "e045c20d931c6a60b70833e77b3ba70ea28d8d41b77d2a62b180d27e65afedd0");
  const auto sha256 = [](BytesView bytes) { return hash(HashAlgorithm::kSha256, {bytes}); };
  const auto der = sha256(key.der()), message = sha256(digest), purpose = sha256(as_bytes("D1"));
  CHECK(to_hex(der) == "93ee3e6de5002858588900a83873c44e293e61a5aab0f14c9363a03311963c49");
  CHECK(to_hex(message) == "209a41032af01815a61a698fb0f7bc91700b1d9a8e78f2fecd3c008d30c4364e");
  CHECK(to_hex(purpose) == "33a123e5d474e8f3495a7c304f17184276715204ccb2887317f37bcb216b4681");
  CHECK(to_hex(hash(HashAlgorithm::kSha256, {der, message, purpose})) ==
        "2c4b1a2347fc48ca2bd5713c28d0e4c452ecf295f25e413690b67ffa4acda2e1");
}

TEST_CASE("the two-link blessings of the worked bytes count with the worked discharge, and only with it") {
  const auto server = principal_of(0x55);
  const auto blessings =
      Blessings::from_wire(vom::decode<v23::security::WireBlessings>(from_hex(vectors::kTwoLinkBlessings)).value());
  REQUIRE(blessings);
  REQUIRE(server->add_to_roots(*blessings));
  auto call = call_of(server, *blessings);
  CHECK(remote_blessing_names(Context(), call).valid.empty());
  call.remote_discharges = {worked_discharge()};
  CHECK(remote_blessing_names(Context(), call).valid == std::vector<std::string>{"alice:phone"});
}

TEST_CASE("a minted discharge has its caveats in the order more, caveat") {
  const auto discharger = principal_of(0x33);
  const auto minted = discharger->mint_discharge(worked_caveat(), expiry_caveat(kExpiry), {method_caveat({"Get"})});
  REQUIRE(minted);
  CHECK(minted->get_if<Discharge::PublicKey>()->value.Caveats ==
        std::vector{method_caveat({"Get"}), expiry_caveat(kExpiry)});
  CHECK(security::check_signature(*minted, *third_party(worked_caveat())));
}

TEST_CASE("a discharger of each kind of key is believed") {
  for (const auto type :
       {KeyType::kEcdsa256, KeyType::kEcdsa384, KeyType::kEcdsa521, KeyType::kEd25519, KeyType::kRsa2048}) {
    CAPTURE(std::string(to_string(type)));
    const auto discharger = Principal::make(type).value();
    const auto caveat =
        third_party_caveat(discharger->public_key(), "d", DischargeRequirements(), {unconstrained_use()}).value();
    SecurityCall call = call_of(principal_of(0x55), Blessings());
    call.remote_discharges = {discharger->mint_discharge(caveat, unconstrained_use()).value()};
    CHECK(CaveatValidators().validate(Context(), call, caveat));
  }
}

TEST_CASE("two third-party caveats that are otherwise the same differ") {
  const auto key = key_of(0x33).public_key();
  const auto one = third_party_caveat(key, "d", DischargeRequirements(), {unconstrained_use()}).value();
  const auto two = third_party_caveat(key, "d", DischargeRequirements(), {unconstrained_use()}).value();
  CHECK(third_party(one)->id != third_party(two)->id);
}

TEST_CASE("a third-party caveat needs a discharger and something to check") {
  CHECK(verror::BadArg.matches(
      third_party_caveat(PublicKey(), "d", DischargeRequirements(), {unconstrained_use()}).error()));
  CHECK(
      verror::BadArg.matches(third_party_caveat(key_of(0x33).public_key(), "d", DischargeRequirements(), {}).error()));
}

TEST_CASE("what is not a third-party caveat has no parts") {
  CHECK_FALSE(third_party(unconstrained_use()));
  auto malformed = worked_caveat();
  malformed.ParamVom.push_back(0);
  CHECK_FALSE(third_party(malformed));
  auto param = vom::decode<v23::security::publicKeyThirdPartyCaveatParam>(worked_caveat().ParamVom).value();
  param.DischargerKey.pop_back();
  CHECK_FALSE(third_party(Caveat(worked_caveat().Id, vom::encode(param).value())));
}

TEST_CASE("a discharger answers only caveats for its own key whose checks hold in its call") {
  const auto discharger = principal_of(0x33);
  const auto caveat =
      third_party_caveat(discharger->public_key(), "d", DischargeRequirements(), {method_caveat({"Discharge"})})
          .value();
  auto call = call_of(discharger, Blessings());
  call.method = "Discharge";
  CHECK(dischargeable(Context(), call, caveat));
  call.method = "Get";
  CHECK_FALSE(dischargeable(Context(), call, caveat));
  call.method = "Discharge";
  call.local_principal = principal_of(0x44);
  CHECK_FALSE(dischargeable(Context(), call, caveat));
  CHECK_FALSE(principal_of(0x44)->mint_discharge(caveat, unconstrained_use()));
  call.local_principal = nullptr;
  CHECK_FALSE(dischargeable(Context(), call, caveat));
  CHECK_FALSE(dischargeable(Context(), call, unconstrained_use()));
}

TEST_CASE("a principal without private key mints nothing") {
  const auto key = key_of(0x33).public_key();
  const auto principal = Principal::make_public_only(key, memory_store(key), memory_roots()).value();
  CHECK(verror::BadState.matches(principal->mint_discharge(worked_caveat(), unconstrained_use()).error()));
}

}  // namespace
}  // namespace nb
