#include "explain/judgement.h"

#include <algorithm>

#include <nb/base/context.h>
#include <nb/security/blessing_names.h>
#include <nb/security/principal.h>

#include "v.io/v23/security/access/access.vdl.h"
#include "words/blessings.h"
#include "words/caveats.h"
#include "words/lists.h"

namespace tool {
namespace {

bool is(const nb::Caveat& caveat, const v23::security::CaveatDescriptor& descriptor) {
  return caveat.Id == descriptor.Id;
}

std::string reason(const nb::Caveat& caveat, const nb::SecurityCall& call, const nb::Error& error);

// Why a third-party caveat fails: its discharge is not there, or a condition of that fails. Looks no deeper than into
// that one.
std::string discharge_reason(const nb::ThirdParty& third, const nb::SecurityCall& call, const nb::Error& error) {
  const nb::Discharge* shown = nullptr;
  for (const nb::Discharge& discharge : call.remote_discharges) {
    if (!shown && nb::discharge_id(discharge) == third.id) shown = &discharge;
  }
  if (!shown) return "the caller does not show one; its id would be " + third.id;
  const nb::CaveatValidators standard;
  const nb::CaveatValidators& validators = call.validators ? *call.validators : standard;
  if (const auto* parts = shown->get_if<nb::Discharge::PublicKey>()) {
    for (const nb::Caveat& caveat : parts->value.Caveats) {
      if (nb::third_party(caveat)) continue;
      const auto holds = validators.validate(nb::Context(), call, caveat);
      if (!holds) return "the one that is shown " + describe(caveat) + ", and " + reason(caveat, call, holds.error());
    }
  }
  return std::string(error.message());
}

// What about the call made the caveat fail; the error's own words where these are the best.
std::string reason(const nb::Caveat& caveat, const nb::SecurityCall& call, const nb::Error& error) {
  const bool was_read = !error.is("v.io/v23/security.CaveatParamCoding");
  if (was_read && is(caveat, v23::security::ExpiryCaveat())) {
    return "the call is later, at " + call.timestamp.to_string();
  }
  if (was_read && is(caveat, v23::security::NotBeforeCaveat())) {
    return "the call is not later than that, at " + call.timestamp.to_string();
  }
  if (was_read && is(caveat, v23::security::MethodCaveat())) {
    return call.method.empty() ? "no method is called" : "the method is " + call.method;
  }
  if (was_read && is(caveat, v23::security::PeerBlessingsCaveat())) {
    return "the end that decides has the names: " +
           listed(nb::local_blessing_names(call), "and", "none that it recognizes itself");
  }
  if (was_read && is(caveat, v23::security::access::AccessTagCaveat())) {
    return call.method_tags.empty() ? "the method has no tag" : "the method is tagged otherwise";
  }
  if (const auto third = nb::third_party(caveat)) return discharge_reason(*third, call, error);
  return std::string(error.message());
}

std::string root_reason(const nb::PublicKey& root, const nb::BlessingRoots& roots) {
  std::vector<std::string> patterns;
  for (const auto& [pattern, keys] : roots.dump()) {
    if (std::find(keys.begin(), keys.end(), root) != keys.end()) patterns.push_back(pattern);
  }
  return patterns.empty() ? "this key is believed for no name"
                          : "this key is believed only for " + listed(patterns, "and", "");
}

// The rule's own words, but for the errors that only list all names again.
std::string refusal(const nb::Error& error) {
  for (const char* plain : {"v.io/v23/security.AuthorizationFailed", "v.io/v23/security/access.NoPermissions",
                            "v.io/v23/security/access.AccessListMatch"}) {
    if (error.is(plain)) return "the rule wants other names";
  }
  return std::string(error.message());
}

ChainFinding judge_chain(const Chain& chain, const nb::Context& context, const nb::SecurityCall& call,
                         const nb::CaveatValidators& validators) {
  ChainFinding finding;
  finding.name = name_of(chain);
  finding.root = describe_key(chain.front().PublicKey);
  const auto refuse = [&](const std::string& why) {
    if (finding.why_not.empty()) finding.why_not = why;
  };
  const auto root = nb::PublicKey::from_der(chain.front().PublicKey);
  const auto recognized =
      root ? call.local_principal->roots().recognized(*root, finding.name) : nb::Result<void>(root.error());
  if (!recognized) {
    finding.root_refusal =
        root ? root_reason(*root, call.local_principal->roots()) : std::string(root.error().message());
    refuse("its root is not recognized for " + finding.name);
  }
  // As in authorization, whatever the roots say.
  if (!chain.front().X509Raw.empty()) {
    if (finding.root_refusal.empty()) finding.root_refusal = "it stands on X.509, which is not supported";
    refuse("its root stands on X.509, which is not supported");
  }
  for (const auto& certificate : chain) {
    CertificateFinding& found = finding.certificates.emplace_back();
    found.extension = certificate.Extension;
    found.key = describe_key(certificate.PublicKey);
    for (const nb::Caveat& caveat : certificate.Caveats) {
      const auto holds = validators.validate(context, call, caveat);
      found.caveats.push_back({caveat, holds ? "" : reason(caveat, call, holds.error())});
      if (!holds) refuse("a caveat of `" + certificate.Extension + "` does not hold: " + describe(caveat));
    }
  }
  finding.counts = finding.why_not.empty();
  return finding;
}

}  // namespace

Judgement judge(const Question& question) {
  Judgement judgement;
  const nb::Context context;
  const nb::SecurityCall& call = question.call;
  const nb::CaveatValidators standard;
  const nb::CaveatValidators& validators = call.validators ? *call.validators : standard;
  if (!call.remote_blessings.is_zero() && !call.remote_blessings.is_nameless()) {
    for (const Chain& chain : call.remote_blessings.wire().CertificateChains) {
      judgement.chains.push_back(judge_chain(chain, context, call, validators));
    }
  }
  judgement.names = nb::remote_blessing_names(context, call).valid;
  if (question.decides) {
    const auto decision = question.decides->authorize(context, call);
    judgement.is_accepted = decision.ok();
    if (!decision) judgement.because = refusal(decision.error());
  } else {
    judgement.is_accepted = !judgement.names.empty();
  }
  if (judgement.is_accepted) {
    judgement.because = judgement.names.empty() ? "the rule asks for no name" : "";
  } else if (judgement.names.empty()) {
    judgement.because = call.remote_blessings.is_zero()       ? "there are no blessings"
                        : call.remote_blessings.is_nameless() ? "the blessings have no name, only a key"
                                                              : "no name counts";
  }
  return judgement;
}

}  // namespace tool
