// Discharges and the parameters of third-party caveats, as a peer may send them.
#include <cstddef>
#include <cstdint>

#include <nb/base/check.h>
#include <nb/security/blessing_store.h>
#include <nb/security/caveat.h>
#include <nb/security/discharge.h>
#include <nb/security/private_key.h>
#include <nb/security/security_call.h>
#include <nb/vom/vom.h>

#include "security/discharge_cache.h"

namespace {

const nb::Time kNow(nb::Time::kUnixEpoch + 1'000'000'000, 0);

nb::vom::Limits limits() {
  nb::vom::Limits small;
  small.max_decoded_bytes = 16 << 20;
  return small;
}

void as_discharge(nb::BytesView bytes) {
  const auto discharge = nb::vom::decode<nb::Discharge>(bytes, nb::vom::Trailing::kReject, limits());
  if (!discharge) return;
  const auto again = nb::vom::decode<nb::Discharge>(*nb::vom::encode(*discharge));
  NB_CHECK(again && *again == *discharge, "what was read can be written and read again");
  (void)nb::discharge_expiry(*discharge);

  static const auto key = nb::PrivateKey::from_raw(nb::KeyAlgorithm::kEcdsaP256, nb::Bytes(32, 0x33)).value();
  static const auto caveat =
      nb::third_party_caveat(key.public_key(), "d", nb::DischargeRequirements(), {nb::unconstrained_use()}).value();
  auto shown = *discharge;
  shown.get_if<nb::Discharge::PublicKey>()->value.ThirdPartyCaveatId = nb::third_party(caveat)->id;
  nb::SecurityCall call;
  call.timestamp = kNow;
  call.remote_discharges = {*discharge, shown};
  NB_CHECK(!nb::CaveatValidators().validate(nb::Context(), call, caveat), "nobody else signs for the discharger");
}

void as_parameter(nb::BytesView bytes) {
  const nb::Caveat caveat(v23::security::PublicKeyThirdPartyCaveat().Id, nb::Bytes(bytes.begin(), bytes.end()));
  const auto parts = nb::third_party(caveat);
  nb::SecurityCall call;
  call.timestamp = kNow;
  NB_CHECK(!nb::CaveatValidators().validate(nb::Context(), call, caveat), "without discharges the caveat cannot hold");
  if (!parts) return;
  NB_CHECK(!parts->id.empty() && parts->discharger, "a caveat with parts has an id and a key");
  (void)nb::security::discharge_key(caveat, v23::security::DischargeImpetus());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  as_discharge({data, size});
  as_parameter({data, size});
  return 0;
}
