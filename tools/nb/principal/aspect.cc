#include "principal/aspect.h"

#include "cli/failure.h"
#include "principal/answer.h"
#include "words/blessings.h"
#include "words/caveats.h"
#include "words/visible.h"

namespace tool {
namespace {

nb::Result<Chain> chain_of(const nb::Blessings& blessings, const std::string& name) {
  for (const Chain& chain : blessings.wire().CertificateChains) {
    if (name_of(chain) == name) return chain;
  }
  return failure("no chain has the name `" + name + "`; the names are " + blessings.to_string());
}

}  // namespace

void Aspect::add_to(CLI::App& verb) {
  verb.add_flag("--names", names, "print only the names, one a line");
  verb.add_option("--rootkey", root_of, "print the root key of the chain with this name")->type_name("NAME");
  verb.add_option("--caveats", caveats_of, "print the caveats of the chain with this name")->type_name("NAME");
}

nb::Result<int> Aspect::answer(const Console& console, const nb::Blessings& blessings, const std::string& none) const {
  if (blessings.is_zero()) return failure(none);
  std::string text;
  if (names) {
    for (const std::string& name : blessings.claimed_names()) text += visible(name) + "\n";
    console.answer(text, {{"names", blessings.claimed_names()}});
  } else if (!root_of.empty()) {
    auto chain = chain_of(blessings, root_of);
    if (!chain) return chain.error();
    auto key = nb::PublicKey::from_der(chain->front().PublicKey);
    if (!key) return key.error();
    console.answer(describe(*key) + "\n", key_json(*key));
  } else if (!caveats_of.empty()) {
    auto chain = chain_of(blessings, caveats_of);
    if (!chain) return chain.error();
    Json json = Json::array();
    for (const auto& certificate : *chain) {
      for (const nb::Caveat& caveat : certificate.Caveats) {
        text += tool::describe(caveat) + "\n";
        json.push_back(caveat_json(caveat));
      }
    }
    console.answer(text, json);
  } else {
    answer_with(console, blessings);
  }
  return 0;
}

}  // namespace tool
