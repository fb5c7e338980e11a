#include <nb/security/discharge.h>

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

#include <nb/base/check.h>
#include <nb/base/verror.h>
#include <nb/security/caveat.h>
#include <nb/security/principal.h>
#include <nb/security/security_call.h>

#include "security/discharge_digest.h"
#include "security/judgement.h"
#include "security/standard_caveats.h"
#include "security/third_party_check.h"

namespace nb {
namespace {

using Parameter = v23::security::publicKeyThirdPartyCaveatParam;

Result<ThirdParty> parse(const Caveat& caveat) {
  const auto& descriptor = v23::security::PublicKeyThirdPartyCaveat();
  if (caveat.Id != descriptor.Id) return verror::BadArg("not a third-party caveat");
  auto parameter = security::decode_parameter<Parameter>(caveat.ParamVom);
  if (!parameter) return v23::security::CaveatParamCoding(descriptor.Id, descriptor.ParamType, parameter.error());
  if (parameter->Caveats.size() > security::kMaxChecks) {
    return v23::security::CaveatParamCoding(descriptor.Id, descriptor.ParamType,
                                            verror::BadArg("there are too many checks for the discharger"));
  }
  auto key = PublicKey::from_der(parameter->DischargerKey);
  if (!key) return v23::security::CaveatParamCoding(descriptor.Id, descriptor.ParamType, key.error());
  ThirdParty result;
  result.id = security::third_party_id(*parameter, *key);
  result.discharger = *std::move(key);
  result.location = std::move(parameter->DischargerLocation);
  result.requirements = parameter->DischargerRequirements;
  result.checks = std::move(parameter->Caveats);
  return result;
}

const v23::security::PublicKeyDischarge* signed_part(const Discharge& discharge) {
  const auto* part = discharge.get_if<Discharge::PublicKey>();
  return part == nullptr ? nullptr : &part->value;
}

Result<v23::security::nonce> random_nonce() {
  v23::security::nonce nonce;
  for (std::size_t done = 0; done < nonce.size();) {
    const auto got = ::getrandom(nonce.data() + done, nonce.size() - done, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return verror::Internal("the system gives no random bytes");
    done += static_cast<std::size_t>(got);
  }
  return nonce;
}

}  // namespace

std::optional<ThirdParty> third_party(const Caveat& caveat) {
  auto parsed = parse(caveat);
  if (!parsed) return std::nullopt;
  return *std::move(parsed);
}

const std::string& discharge_id(const Discharge& discharge) {
  static const std::string none;
  const auto* part = signed_part(discharge);
  return part == nullptr ? none : part->ThirdPartyCaveatId;
}

std::optional<Time> discharge_expiry(const Discharge& discharge) {
  std::optional<Time> earliest;
  const auto* part = signed_part(discharge);
  if (part == nullptr) return earliest;
  for (const auto& caveat : part->Caveats) {
    const auto expiry = security::expiry_of(caveat);
    if (expiry && (!earliest || *expiry < *earliest)) earliest = expiry;
  }
  return earliest;
}

Result<Caveat> third_party_caveat(const PublicKey& discharger, std::string location, DischargeRequirements requirements,
                                  std::vector<Caveat> checks) {
  if (!discharger) return verror::BadArg("a third-party caveat needs the key of its discharger");
  if (checks.empty()) {
    return verror::BadArg("a third-party caveat needs a check for its discharger (unconstrained_use() for none)");
  }
  if (checks.size() > security::kMaxChecks) return verror::BadArg("there are too many checks for the discharger");
  auto nonce = random_nonce();
  if (!nonce) return nonce.error();
  const auto der = discharger.der();
  return make_caveat(v23::security::PublicKeyThirdPartyCaveat(),
                     Parameter(*nonce, std::move(checks), Bytes(der.begin(), der.end()), std::move(location),
                               v23::security::ThirdPartyRequirements(requirements.server, requirements.method,
                                                                     requirements.arguments)));
}

Result<void> dischargeable(const Context& context, const SecurityCall& call, const Caveat& caveat) {
  const auto third_party = parse(caveat);
  if (!third_party) return third_party.error();
  if (call.local_principal == nullptr) return verror::BadArg("a call without a principal cannot be judged");
  if (!(third_party->discharger == call.local_principal->public_key())) {
    return verror::BadArg("the caveat asks for a discharge by another key");
  }
  security::Judgement judgement(context, call);
  for (const auto& check : third_party->checks) {
    if (auto holds = judgement.holds(check); !holds) return holds;
  }
  return {};
}

Result<Discharge> Principal::mint_discharge(const Caveat& third_party, Caveat caveat, std::vector<Caveat> more) const {
  if (!can_sign()) return verror::BadState("the principal has no private key");
  return security::mint_discharge(private_key_, third_party, std::move(caveat), std::move(more));
}

namespace security {

// The first discharge with the id decides, and no later one is looked at (9.3): as Go does.
Result<std::span<const Caveat>> caveats_of_discharge(const SecurityCall& call, const Caveat& caveat) {
  const auto third_party = parse(caveat);
  if (!third_party) return third_party.error();
  const auto found = std::find_if(call.remote_discharges.begin(), call.remote_discharges.end(),
                                  [&](const Discharge& one) { return discharge_id(one) == third_party->id; });
  if (found == call.remote_discharges.end()) {
    return verror::NoExist("discharge of third-party caveat " + third_party->id + " (from \"" + third_party->location +
                           "\")");
  }
  if (auto good = check_signature(*found, *third_party); !good) return good.error();
  return std::span<const Caveat>(signed_part(*found)->Caveats);
}

}  // namespace security
}  // namespace nb
