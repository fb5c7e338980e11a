#include "security/discharge_digest.h"

#include <nb/base/check.h>
#include <nb/base/verror.h>

#include "security/base64.h"
#include "security/caveat_digest.h"

namespace nb::security {
namespace {

HashAlgorithm algorithm_of(const PublicKey& key) {
  const auto algorithm = hash_from_label(key.hash());
  NB_CHECK(algorithm, "a key has a hash");
  return *algorithm;
}

void add_caveats(Hasher& hasher, HashAlgorithm algorithm, const std::vector<Caveat>& caveats) {
  for (const auto& caveat : caveats) hasher.add(caveat_digest(algorithm, caveat));
}

}  // namespace

std::string third_party_id(const v23::security::publicKeyThirdPartyCaveatParam& parameter,
                           const PublicKey& discharger) {
  const auto algorithm = algorithm_of(discharger);
  Hasher hasher(algorithm);
  hasher.add(hash(algorithm, {BytesView(parameter.Nonce)}));
  hasher.add(hash(algorithm, {BytesView(parameter.DischargerKey)}));
  add_caveats(hasher, algorithm, parameter.Caveats);
  return to_base64(hasher.finish());
}

Digest discharge_digest(const PublicKey& discharger, std::string_view id, const std::vector<Caveat>& caveats) {
  const auto algorithm = algorithm_of(discharger);
  Hasher hasher(algorithm);
  hasher.add(hash(algorithm, {as_bytes(id)}));
  add_caveats(hasher, algorithm, caveats);
  return hasher.finish();
}

Result<void> check_signature(const Discharge& discharge, const ThirdParty& third_party) {
  const auto* signed_part = discharge.get_if<Discharge::PublicKey>();
  if (signed_part == nullptr || signed_part->value.ThirdPartyCaveatId != third_party.id) {
    return verror::BadArg("the discharge is for another caveat");
  }
  const auto& [id, caveats, signature] = signed_part->value;
  const auto digest = discharge_digest(third_party.discharger, id, caveats);
  return third_party.discharger.verify(signature, v23::security::SignatureForDischarge, digest);
}

Result<Discharge> mint_discharge(const PrivateKey& key, const Caveat& third_party_caveat, Caveat caveat,
                                 std::vector<Caveat> more) {
  const auto third_party = nb::third_party(third_party_caveat);
  if (!third_party)
    return verror::BadArg("there is nothing to discharge: not a third-party caveat, or a malformed one");
  if (!(third_party->discharger == key.public_key())) {
    return verror::BadArg("the caveat asks for a discharge by another key");
  }
  v23::security::PublicKeyDischarge made;
  made.ThirdPartyCaveatId = third_party->id;
  made.Caveats = std::move(more);
  made.Caveats.push_back(std::move(caveat));
  const auto digest = discharge_digest(key.public_key(), made.ThirdPartyCaveatId, made.Caveats);
  auto signature = key.sign(v23::security::SignatureForDischarge, digest);
  if (!signature) return signature.error();
  made.Signature = *std::move(signature);
  return Discharge(Discharge::PublicKey(std::move(made)));
}

}  // namespace nb::security
