#include <nb/security/principal.h>

#include <utility>

#include <nb/base/check.h>
#include <nb/base/verror.h>

#include "security/blessings_rep.h"
#include "security/sign_authentication.h"

namespace nb {

using v23::security::Certificate;
using v23::security::WireBlessings;

namespace {

bool is_authentication(BytesView message) {
  const auto text = as_text(message);
  return text.starts_with(security::kDialerTag) || text.starts_with(security::kAcceptorTag);
}

Error cannot_sign() { return verror::BadState("the principal has no private key"); }

Result<void> check_parts(const PublicKey& key, const BlessingStore* store, const BlessingRoots* roots) {
  if (!key) return verror::BadArg("a principal needs a key");
  if (!store || !roots) return verror::BadArg("a principal needs a blessing store and roots");
  if (store->public_key() != key) return verror::BadArg("the blessing store is for another key");
  return {};
}

// Peers that run Go take a certificate whose last caveat was made into an X.509 certificate with the same digest
// ([A-5]); so the last one is always a caveat that nobody gains by losing.
Certificate make_certificate(std::string_view extension, const PublicKey& key, std::vector<Caveat> caveats) {
  Certificate certificate;
  certificate.Extension = extension;
  certificate.PublicKey.assign(key.der().begin(), key.der().end());
  if (!caveats.empty() && caveats.back() != unconstrained_use()) caveats.push_back(unconstrained_use());
  certificate.Caveats = std::move(caveats);
  return certificate;
}

}  // namespace

Principal::Principal(PrivateKey key, PublicKey public_key, std::shared_ptr<BlessingStore> store,
                     std::shared_ptr<BlessingRoots> roots)
    : private_key_(std::move(key)),
      public_key_(std::move(public_key)),
      store_(std::move(store)),
      roots_(std::move(roots)) {}

Result<std::shared_ptr<const Principal>> Principal::make(KeyType type) {
  auto key = PrivateKey::make(type);
  if (!key) return key.error();
  auto store = memory_store(key->public_key());
  return make(*std::move(key), std::move(store), memory_roots());
}

Result<std::shared_ptr<const Principal>> Principal::make(PrivateKey key, std::shared_ptr<BlessingStore> store,
                                                         std::shared_ptr<BlessingRoots> roots) {
  if (!key) return verror::BadArg("a principal needs a private key");
  auto public_key = key.public_key();
  if (auto fit = check_parts(public_key, store.get(), roots.get()); !fit) return fit.error();
  return std::shared_ptr<const Principal>(
      new Principal(std::move(key), std::move(public_key), std::move(store), std::move(roots)));
}

Result<std::shared_ptr<const Principal>> Principal::make_public_only(PublicKey key,
                                                                     std::shared_ptr<BlessingStore> store,
                                                                     std::shared_ptr<BlessingRoots> roots) {
  if (auto fit = check_parts(key, store.get(), roots.get()); !fit) return fit.error();
  return std::shared_ptr<const Principal>(
      new Principal(PrivateKey(), std::move(key), std::move(store), std::move(roots)));
}

Result<Blessings> Principal::bless_self(std::string_view name, std::vector<Caveat> caveats) const {
  if (!can_sign()) return cannot_sign();
  auto certificate = make_certificate(name, public_key_, std::move(caveats));
  auto digest = security::sign_certificate(private_key_, {}, certificate);
  if (!digest) return digest.error();
  security::ChainFacts facts;
  facts.digest = *digest;
  facts.root = facts.last = public_key_;
  WireBlessings wire;
  wire.CertificateChains.emplace_back().push_back(std::move(certificate));
  return security::make_blessings(std::move(wire), {std::move(facts)});
}

Result<Blessings> Principal::bless(const PublicKey& key, const Blessings& with, std::string_view extension,
                                   Caveat caveat, std::vector<Caveat> more) const {
  if (!can_sign()) return cannot_sign();
  if (!key) return verror::BadArg("there is no key to bless");
  if (with.is_zero() || with.is_nameless()) return verror::BadArg("there is no name to bless with");
  if (with.public_key() != public_key_) return verror::BadArg("the blessings to bless with are another principal's");
  more.push_back(std::move(caveat));
  auto certificate = make_certificate(extension, key, std::move(more));

  const auto& rep = *with.rep();
  auto wire = rep.wire;
  auto chains = rep.chains;
  for (std::size_t i = 0; i < chains.size(); ++i) {
    certificate.Signature = {};
    auto digest = security::sign_certificate(private_key_, chains[i].digest, certificate);
    if (!digest) return digest.error();
    chains[i].digest = *digest;
    chains[i].last = key;
    wire.CertificateChains[i].push_back(certificate);
  }
  if (auto fits = security::check_can_be_shown(wire); !fits) return fits.error();
  return security::make_blessings(std::move(wire), std::move(chains));
}

Result<v23::security::Signature> Principal::sign(BytesView message) const {
  if (!can_sign()) return cannot_sign();
  if (is_authentication(message)) {
    return verror::BadArg("a message that begins as those do that authenticate connections is not signed");
  }
  return private_key_.sign(v23::security::SignatureForMessageSigning, message);
}

namespace security {

Result<v23::security::Signature> sign_authentication(const Principal& principal, BytesView message) {
  NB_CHECK(is_authentication(message), "what authenticates a connection begins with a tag");
  if (!principal.can_sign()) return cannot_sign();
  return principal.private_key_.sign(v23::security::SignatureForMessageSigning, message);
}

}  // namespace security

Result<void> Principal::add_to_roots(const Blessings& blessings) const {
  if (blessings.is_zero()) return {};
  const auto& rep = *blessings.rep();
  for (std::size_t i = 0; i < rep.chains.size(); ++i) {
    const auto& first = rep.wire.CertificateChains[i][0];
    if (!first.X509Raw.empty()) return verror::NotImplemented("roots that stand on X.509 are not supported");
    if (auto added = roots_->add(rep.chains[i].root, BlessingPattern(first.Extension)); !added) return added;
  }
  return {};
}

Result<void> Principal::set_default_blessings(const Blessings& blessings) const {
  if (auto added = add_to_roots(blessings); !added) return added;
  if (auto set = store_->set_default(blessings); !set) return set;
  auto set = store_->set(blessings, v23::security::AllPrincipals());
  if (!set) return set.error();
  return {};
}

}  // namespace nb
