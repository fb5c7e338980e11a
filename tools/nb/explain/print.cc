#include "explain/judgement.h"
#include "words/blessings.h"
#include "words/caveats.h"
#include "words/lists.h"
#include "words/visible.h"

namespace tool {
namespace {

using Json = nlohmann::ordered_json;

std::string mark(bool good) { return good ? "  ok       " : "  REFUSED  "; }
constexpr char kUnder[] = "           ";

std::string to_text(const ChainFinding& chain, std::size_t index) {
  std::string text = "chain " + std::to_string(index + 1) + ": " + visible(chain.name) + "\n";
  text += mark(chain.root_refusal.empty()) + "root " + chain.root + "\n";
  if (!chain.root_refusal.empty()) text += kUnder + visible(chain.root_refusal) + "\n";
  for (const CertificateFinding& certificate : chain.certificates) {
    if (certificate.caveats.empty()) text += mark(true) + visible(certificate.extension) + ": no caveats\n";
    for (const CaveatFinding& found : certificate.caveats) {
      text += mark(found.refusal.empty()) + visible(certificate.extension) + ": " + describe(found.caveat) + "\n";
      if (!found.refusal.empty()) text += kUnder + visible(found.refusal) + "\n";
    }
  }
  return text + (chain.counts ? "  the name counts\n" : "  the name does not count\n");
}

Json to_json(const ChainFinding& chain) {
  Json certificates = Json::array();
  for (const CertificateFinding& certificate : chain.certificates) {
    Json caveats = Json::array();
    for (const CaveatFinding& found : certificate.caveats) {
      Json caveat = caveat_json(found.caveat);
      caveat["holds"] = found.refusal.empty();
      if (!found.refusal.empty()) caveat["why"] = found.refusal;
      caveats.push_back(std::move(caveat));
    }
    certificates.push_back(
        {{"extension", certificate.extension}, {"key", certificate.key}, {"caveats", std::move(caveats)}});
  }
  Json root = {{"key", chain.root}, {"recognized", chain.root_refusal.empty()}};
  if (!chain.root_refusal.empty()) root["why"] = chain.root_refusal;
  Json json = {{"name", chain.name}, {"counts", chain.counts}, {"root", root}, {"certificates", certificates}};
  if (!chain.counts) json["why"] = chain.why_not;
  return json;
}

}  // namespace

std::string to_text(const Question& question, const Judgement& judgement) {
  const nb::SecurityCall& call = question.call;
  std::string text = "call  " + (call.method.empty() ? "no method" : "method " + visible(call.method)) + ", at " +
                     call.timestamp.to_string() + ", to " + names_of(call.local_blessings, call.timestamp) + ", with " +
                     counted(call.remote_discharges.size(), "discharge") + "\n";
  text += "rule  " + visible(question.rule) + "\n";
  for (std::size_t i = 0; i < judgement.chains.size(); ++i) text += to_text(judgement.chains[i], i);
  text += judgement.is_accepted ? "accepted" : "refused";
  if (!judgement.names.empty()) text += judgement.is_accepted ? " as " : ", though known as ";
  text += visible(listed(judgement.names, "and", ""));
  if (!judgement.because.empty()) text += ": " + visible(judgement.because);
  return text + "\n";
}

Json to_json(const Question& question, const Judgement& judgement) {
  Json chains = Json::array();
  for (const ChainFinding& chain : judgement.chains) chains.push_back(to_json(chain));
  return {{"accepted", judgement.is_accepted},
          {"names", judgement.names},
          {"why", judgement.because},
          {"rule", question.rule},
          {"time", question.call.timestamp.to_string()},
          {"method", question.call.method},
          {"chains", chains}};
}

}  // namespace tool
