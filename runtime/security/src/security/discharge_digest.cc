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

std::size_t size_of(const Discharge& discharge) {
  const auto* part = discharge.get_if<Discharge::PublicKey>();
  if (part == nullptr) return 0;
  const auto& [id, caveats, signature] = part->value;
  std::size_t size = id.size() + signature.Purpose.size() + signature.Hash.size() + signature.R.size() +
                     signature.S.size() + signature.Ed25519.size() + signature.Rsa.size();
  for (const auto& caveat : caveats) size += sizeof caveat.Id + caveat.ParamVom.size();
  return size;
}

bool is_small(const Discharge& discharge) {
  const auto* part = discharge.get_if<Discharge::PublicKey>();
  return part == nullptr ||
         (part->value.Caveats.size() <= kMaxCaveatsOfDischarge && size_of(discharge) <= kMaxBytesOfDischarge);
}

Result<void> check_signature(const Discharge& discharge, const ThirdParty& third_party) {
  const auto* signed_part = discharge.get_if<Discharge::PublicKey>();
  if (signed_part == nullptr || signed_part->value.ThirdPartyCaveatId != third_party.id) {
    return verror::BadArg("the discharge is for another caveat");
  }
  if (!is_small(discharge)) return verror::BadArg("the discharge is too large");
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
  if (made.Caveats.size() > kMaxCaveatsOfDischarge) return verror::BadArg("a discharge has at most 64 caveats");
  const auto digest = discharge_digest(key.public_key(), made.ThirdPartyCaveatId, made.Caveats);
  auto signature = key.sign(v23::security::SignatureForDischarge, digest);
  if (!signature) return signature.error();
  made.Signature = *std::move(signature);
  return Discharge(Discharge::PublicKey(std::move(made)));
}

}  // namespace nb::security
