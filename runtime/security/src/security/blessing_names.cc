#include <nb/security/blessing_names.h>

#include <nb/base/verror.h>
#include <nb/security/caveat.h>
#include <nb/security/principal.h>

#include "security/blessings_rep.h"
#include "security/judgement.h"

namespace nb {
namespace {

using security::BlessingsRep;

// Whether the root of a chain may give out the chain's name.
Result<void> recognize(const BlessingRoots& roots, const BlessingsRep& blessings, std::size_t chain) {
  const auto& facts = blessings.chains[chain];
  if (facts.uses_x509) {
    return v23::security::UnrecognizedRoot(facts.root.fingerprint(),
                                           verror::NotImplemented("roots that stand on X.509 are not supported"));
  }
  return roots.recognized(facts.root, blessings.names[chain]);
}

// Sorts the names of blessings into valid and rejected ones; `holds` judges one caveat.
template <class Holds>
BlessingNames judge(const BlessingRoots& roots, const BlessingsRep& blessings, Holds&& holds) {
  BlessingNames names;
  std::vector<std::string> with_caveats;
  for (std::size_t i = 0; i < blessings.chains.size(); ++i) {
    auto verdict = recognize(roots, blessings, i);
    bool has_caveats = false;
    for (const auto& certificate : blessings.wire.CertificateChains[i]) {
      for (const auto& caveat : certificate.Caveats) {
        has_caveats = true;
        if (verdict) verdict = holds(caveat);
      }
    }
    if (!verdict) {
      names.rejected.emplace_back(blessings.names[i], verdict.error());
    } else if (has_caveats) {
      with_caveats.push_back(blessings.names[i]);
    } else {
      names.valid.push_back(blessings.names[i]);
    }
  }
  names.valid.insert(names.valid.end(), std::make_move_iterator(with_caveats.begin()),
                     std::make_move_iterator(with_caveats.end()));
  return names;
}

Result<void> fit_for_signing(const Caveat& caveat) {
  if (caveat.Id == v23::security::ConstCaveat().Id || caveat.Id == v23::security::ExpiryCaveat().Id) return {};
  return v23::security::InvalidSigningBlessingCaveat(caveat.Id);
}

}  // namespace

BlessingNames remote_blessing_names(const Context& context, const SecurityCall& call) {
  if (!call.local_principal || call.remote_blessings.is_zero()) return {};
  security::Judgement judgement(context, call);
  return judge(call.local_principal->roots(), *call.remote_blessings.rep(),
               [&](const Caveat& caveat) { return judgement.holds(caveat); });
}

std::vector<std::string> local_blessing_names(const SecurityCall& call) {
  if (!call.local_principal || call.local_blessings.is_zero()) return {};
  if (call.local_blessings.public_key() != call.local_principal->public_key()) return {};
  const auto& blessings = *call.local_blessings.rep();
  std::vector<std::string> names;
  for (std::size_t i = 0; i < blessings.chains.size(); ++i) {
    if (recognize(call.local_principal->roots(), blessings, i)) names.push_back(blessings.names[i]);
  }
  return names;
}

BlessingNames signing_blessing_names(const Principal& principal, const Blessings& blessings, Time now) {
  if (blessings.is_zero()) return {};
  // Whoever reads the data knows no more of the signer's call than when it is.
  SecurityCall call;
  call.timestamp = now;
  call.remote_blessings = blessings;
  const Context context;
  security::Judgement judgement(context, call);
  return judge(principal.roots(), *blessings.rep(), [&](const Caveat& caveat) -> Result<void> {
    if (auto fit = fit_for_signing(caveat); !fit) return fit;
    return judgement.holds(caveat);
  });
}

}  // namespace nb
