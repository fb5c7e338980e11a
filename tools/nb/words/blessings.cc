#include "words/blessings.h"

#include "cli/inputs.h"
#include "words/caveats.h"
#include "words/lists.h"
#include "words/visible.h"

namespace tool {
namespace {

bool has_expired(const nb::Blessings& blessings, nb::Time now) {
  const auto expiry = blessings.expiry();
  return expiry && *expiry < now;
}

std::string describe(const Chain& chain, std::size_t index) {
  std::string text = "chain " + std::to_string(index + 1) + ": " + visible(name_of(chain)) + ", " +
                     counted(chain.size(), "certificate") + "\n";
  text += "  root " + describe_key(chain.front().PublicKey) + "\n";
  for (const auto& certificate : chain) {
    text += "  " + visible(certificate.Extension) + (certificate.Caveats.empty() ? ": no caveats\n" : "\n");
    for (const nb::Caveat& caveat : certificate.Caveats) text += "    " + tool::describe(caveat) + "\n";
  }
  return text;
}

nlohmann::ordered_json chain_json(const Chain& chain) {
  nlohmann::ordered_json certificates = nlohmann::ordered_json::array();
  for (const auto& certificate : chain) {
    nlohmann::ordered_json caveats = nlohmann::ordered_json::array();
    for (const nb::Caveat& caveat : certificate.Caveats) caveats.push_back(caveat_json(caveat));
    const auto key = nb::PublicKey::from_der(certificate.PublicKey);
    certificates.push_back({{"extension", certificate.Extension},
                            {"key", key ? key_json(*key) : nlohmann::ordered_json()},
                            {"caveats", std::move(caveats)}});
  }
  return {{"name", name_of(chain)}, {"certificates", std::move(certificates)}};
}

}  // namespace

std::string name_of(const Chain& chain) {
  std::string name;
  for (const auto& certificate : chain) name += (name.empty() ? "" : ":") + certificate.Extension;
  return name;
}

std::string describe_key(nb::BytesView der) {
  const auto key = nb::PublicKey::from_der(der);
  return key ? describe(*key) : "a key that cannot be read: " + std::string(key.error().message());
}

std::string describe(const nb::PublicKey& key) {
  std::string kind(nb::to_string(key.algorithm()));
  if (key.algorithm() == nb::KeyAlgorithm::kRsa) kind += std::to_string(key.bits());
  return key.fingerprint() + " (" + kind + ")";
}

nlohmann::ordered_json key_json(const nb::PublicKey& key) {
  return {{"algorithm", nb::to_string(key.algorithm())},
          {"bits", key.bits()},
          {"sha256", key.fingerprint()},
          {"md5", key.md5_fingerprint()},
          {"der", key_text(key)}};
}

std::string names_of(const nb::Blessings& blessings, nb::Time now) {
  if (blessings.is_zero()) return "none";
  if (blessings.is_nameless()) return "no name, only a key";
  return visible(blessings.to_string()) + (has_expired(blessings, now) ? " [expired]" : "");
}

std::string describe(const nb::Blessings& blessings, nb::Time now) {
  std::string text = "names " + names_of(blessings, now) + "\n";
  if (blessings.is_zero()) return text;
  text += "key   " + describe(blessings.public_key()) + "\n";
  if (blessings.is_nameless()) return text;
  const auto& chains = blessings.wire().CertificateChains;
  for (std::size_t i = 0; i < chains.size(); ++i) text += describe(chains[i], i);
  return text;
}

nlohmann::ordered_json blessings_json(const nb::Blessings& blessings, nb::Time now) {
  nlohmann::ordered_json json = {{"names", blessings.claimed_names()}};
  if (blessings.is_zero()) return json;
  json["expired"] = has_expired(blessings, now);
  const auto expiry = blessings.expiry();
  json["expires"] = expiry ? nlohmann::ordered_json(expiry->to_string()) : nlohmann::ordered_json();
  json["key"] = key_json(blessings.public_key());
  json["chains"] = nlohmann::ordered_json::array();
  if (!blessings.is_nameless()) {
    for (const Chain& chain : blessings.wire().CertificateChains) json["chains"].push_back(chain_json(chain));
  }
  json["text"] = blessings.to_text();
  return json;
}

}  // namespace tool
