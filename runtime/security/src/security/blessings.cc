#include <nb/security/blessings.h>

#include <algorithm>
#include <numeric>

#include <nb/base/verror.h>
#include <nb/security/caveat.h>

#include "security/base64.h"
#include "security/blessings_rep.h"
#include "security/key_handle.h"
#include "security/standard_caveats.h"

namespace nb {

using security::BlessingsRep;
using security::ChainFacts;
using v23::security::Certificate;
using v23::security::WireBlessings;

namespace {

std::shared_ptr<const BlessingsRep> nameless_rep(const PublicKey& key, WireBlessings wire) {
  auto rep = std::make_shared<BlessingsRep>();
  const auto algorithm = key.handle()->hash();
  const auto& certificate = wire.CertificateChains[0][0];
  const auto digest = chain_digest(algorithm, {}, content_digest(algorithm, certificate), certificate.Signature);
  rep->unique_id = security::hash(algorithm, {digest});
  rep->key = key;
  rep->wire = std::move(wire);
  return rep;
}

// A single certificate that holds a key and nothing else (6.4).
bool is_nameless_form(const WireBlessings& wire) {
  if (wire.CertificateChains.size() != 1 || wire.CertificateChains[0].size() != 1) return false;
  const auto& certificate = wire.CertificateChains[0][0];
  Certificate bare;
  bare.PublicKey = certificate.PublicKey;
  return certificate == bare;
}

}  // namespace

namespace security {

Result<void> check_bounds(const WireBlessings& wire) {
  if (wire.CertificateChains.size() > kMaxChains) return verror::BadArg("blessings have too many chains");
  std::size_t certificates = 0, caveats = 0, bytes = 0;
  for (const auto& chain : wire.CertificateChains) {
    if (chain.size() > kMaxCertificatesOfChain) return verror::BadArg("a chain has too many certificates");
    certificates += chain.size();
    for (const auto& certificate : chain) {
      const auto& signature = certificate.Signature;
      caveats += certificate.Caveats.size();
      bytes += certificate.Extension.size() + certificate.PublicKey.size() + certificate.X509Raw.size() +
               signature.Purpose.size() + signature.Hash.size() + signature.R.size() + signature.S.size() +
               signature.Ed25519.size() + signature.Rsa.size();
      for (const auto& caveat : certificate.Caveats) bytes += caveat.Id.size() + caveat.ParamVom.size();
    }
  }
  if (certificates > kMaxCertificates) return verror::BadArg("blessings have too many certificates");
  if (caveats > kMaxCaveats) return verror::BadArg("blessings have too many caveats");
  if (bytes > kMaxBytes) return verror::BadArg("blessings are too large");
  return {};
}

Result<void> check_can_be_shown(const WireBlessings& wire) {
  std::size_t certificates = 0;
  for (const auto& chain : wire.CertificateChains) certificates += chain.size();
  if (wire.CertificateChains.size() > kMaxShownChains || certificates > kMaxShownCertificates) {
    return verror::BadArg("these would be more than 16 chains or 64 certificates, which no peer takes");
  }
  return {};
}

Result<Blessings> make_blessings(WireBlessings wire, std::vector<ChainFacts> chains) {
  if (auto fits = check_bounds(wire); !fits) return fits.error();
  auto rep = std::make_shared<BlessingsRep>();
  rep->key = chains.front().last;
  Bytes joined;
  joined.reserve(chains.size() * 64);
  rep->names.reserve(chains.size());
  for (std::size_t i = 0; i < chains.size(); ++i) {
    joined.insert(joined.end(), chains[i].digest.begin(), chains[i].digest.end());
    rep->names.push_back(claimed_name(wire.CertificateChains[i]));
  }
  rep->unique_id = hash(rep->key.handle()->hash(), {joined});
  rep->wire = std::move(wire);
  rep->chains = std::move(chains);
  return Blessings(std::move(rep));
}

}  // namespace security

Result<Blessings> Blessings::from_wire(WireBlessings wire, ChainCache* cache) {
  const auto& chains = wire.CertificateChains;
  if (chains.empty()) return Blessings();
  if (auto fits = security::check_bounds(wire); !fits) return fits.error();
  if (is_nameless_form(wire)) {
    auto key = PublicKey::from_der(chains[0][0].PublicKey);
    if (!key) return key.error();
    return Blessings(nameless_rep(*key, std::move(wire)));
  }
  for (const auto& chain : chains) {
    if (chain.empty()) return verror::BadArg("a chain has no certificates");
    if (chain.back().PublicKey != chains[0].back().PublicKey) {
      return verror::BadArg("the chains are bound to different keys");
    }
  }
  std::vector<ChainFacts> facts;
  facts.reserve(chains.size());
  for (const auto& chain : chains) {
    auto valid = security::validate_chain(chain, cache);
    if (!valid) return valid.error();
    facts.push_back(*std::move(valid));
  }
  return security::make_blessings(std::move(wire), std::move(facts));
}

Blessings Blessings::nameless(const PublicKey& key) {
  if (!key) return {};
  Certificate certificate;
  certificate.PublicKey.assign(key.der().begin(), key.der().end());
  WireBlessings wire;
  wire.CertificateChains = {{std::move(certificate)}};
  return Blessings(nameless_rep(key, std::move(wire)));
}

Result<Blessings> Blessings::from_text(std::string_view text, ChainCache* cache) {
  if (text.size() > security::kMaxBytes) return verror::BadArg("the text of blessings is too long");
  const auto bytes = security::from_base64url(text);
  if (!bytes) return verror::BadArg("blessings are written in base 64 for URLs, with padding");
  auto wire = vom::decode<WireBlessings>(*bytes, vom::Trailing::kReject, security::parameter_limits());
  if (!wire) return wire.error();
  return from_wire(*std::move(wire), cache);
}

std::string Blessings::to_text() const {
  const auto bytes = vom::encode(wire());
  NB_CHECK(bytes, "certificates hold nothing that cannot be encoded");
  return security::to_base64url(*bytes);
}

bool Blessings::is_nameless() const { return rep_ && rep_->chains.empty(); }

const WireBlessings& Blessings::wire() const {
  static const WireBlessings none;
  return rep_ ? rep_->wire : none;
}

const PublicKey& Blessings::public_key() const {
  static const PublicKey none;
  return rep_ ? rep_->key : none;
}

const std::vector<std::string>& Blessings::claimed_names() const {
  static const std::vector<std::string> none;
  return rep_ ? rep_->names : none;
}

BytesView Blessings::unique_id() const {
  if (!rep_) return {};
  return rep_->unique_id;
}

bool Blessings::could_have_names(const std::vector<std::string>& names) const {
  const auto& own = claimed_names();
  return std::all_of(names.begin(), names.end(),
                     [&](const auto& name) { return std::find(own.begin(), own.end(), name) != own.end(); });
}

std::optional<Time> Blessings::expiry() const {
  std::optional<Time> earliest;
  for (const auto& chain : wire().CertificateChains) {
    for (const auto& certificate : chain) {
      for (const auto& caveat : certificate.Caveats) {
        const auto expiry = security::expiry_of(caveat);
        if (expiry && (!earliest || *expiry < *earliest)) earliest = expiry;
      }
    }
  }
  return earliest;
}

std::vector<Caveat> Blessings::third_party_caveats() const {
  std::vector<Caveat> caveats;
  for (const auto& chain : wire().CertificateChains) {
    for (const auto& certificate : chain) {
      for (const auto& caveat : certificate.Caveats) {
        if (caveat.Id == v23::security::PublicKeyThirdPartyCaveat().Id) caveats.push_back(caveat);
      }
    }
  }
  return caveats;
}

std::vector<Blessings> Blessings::roots() const {
  std::vector<Blessings> roots;
  if (!rep_ || rep_->chains.empty()) return roots;
  for (std::size_t i = 0; i < rep_->chains.size(); ++i) {
    const auto& first = rep_->wire.CertificateChains[i][0];
    const auto algorithm = security::hash_from_label(first.Signature.Hash);
    NB_CHECK(algorithm, "a valid signature names its hash function");
    ChainFacts facts;
    facts.digest = chain_digest(*algorithm, {}, content_digest(*algorithm, first), first.Signature);
    facts.root = facts.last = rep_->chains[i].root;
    facts.uses_x509 = !first.X509Raw.empty();
    WireBlessings wire;
    wire.CertificateChains = {{first}};
    roots.push_back(security::make_blessings(std::move(wire), {std::move(facts)}).value());
  }
  return roots;
}

std::string Blessings::to_string() const {
  std::string text;
  for (const auto& name : claimed_names()) text += (text.empty() ? "" : ",") + name;
  return text;
}

bool operator==(const Blessings& a, const Blessings& b) {
  return a.rep_ == b.rep_ || (a.rep_ && b.rep_ && a.rep_->unique_id == b.rep_->unique_id);
}

namespace {

// The order in which the chains of a union lie: short ones first, then by extensions.
bool lies_before(const std::vector<Certificate>& a, const std::vector<Certificate>& b) {
  if (a.size() != b.size()) return a.size() < b.size();
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](const auto& x, const auto& y) { return x.Extension < y.Extension; });
}

}  // namespace

Result<Blessings> union_of(const std::vector<Blessings>& blessings) {
  const Blessings* nameless = nullptr;
  std::vector<const Blessings*> named;
  const PublicKey* key = nullptr;
  for (const auto& one : blessings) {
    if (one.is_zero()) continue;
    if (key && one.public_key() != *key) return verror::BadArg("the blessings are bound to different keys");
    key = &one.public_key();
    if (one.is_nameless()) {
      nameless = &one;
    } else {
      named.push_back(&one);
    }
  }
  if (named.empty()) return nameless ? *nameless : Blessings();
  if (named.size() == 1) return *named[0];

  struct Part {
    const std::vector<Certificate>* chain;
    const ChainFacts* facts;
  };
  std::vector<Part> parts;
  for (const auto* one : named) {
    for (std::size_t i = 0; i < one->rep()->chains.size(); ++i) {
      parts.push_back({&one->rep()->wire.CertificateChains[i], &one->rep()->chains[i]});
    }
  }
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Part& a, const Part& b) { return lies_before(*a.chain, *b.chain); });
  WireBlessings wire;
  std::vector<ChainFacts> facts;
  for (const auto& part : parts) {
    wire.CertificateChains.push_back(*part.chain);
    facts.push_back(*part.facts);
  }
  if (auto fits = security::check_can_be_shown(wire); !fits) return fits.error();
  return security::make_blessings(std::move(wire), std::move(facts));
}

}  // namespace nb
