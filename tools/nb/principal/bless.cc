// nb principal bless WHOM EXTENSION
#include "cli/failure.h"
#include "cli/inputs.h"
#include "principal/answer.h"
#include "principal/blesser.h"
#include "principal/verbs.h"

namespace tool {
namespace {

struct BlessOptions {
  std::string whom;
  Blesser blesser;
};

nb::Result<int> run_bless(Console& console, const BlessOptions& options) {
  auto key = read_key(console, options.whom);
  if (!key) return about("whom to bless", key.error());
  auto ready = prepare(console, options.blesser);
  if (!ready) return ready.error();
  auto blessings = ready->bless(*key);
  if (!blessings) return about("blessing `" + options.blesser.extension + "`", blessings.error());
  answer_with(console, *blessings);
  return 0;
}

}  // namespace

void add_bless(Verbs& verbs) {
  auto options = std::make_shared<BlessOptions>();
  CLI::App& verb = verbs.add("bless", "print blessings for another principal", options, run_bless);
  verb.add_option("principal", options->whom,
                  "whom: a folder of credentials, or a file (- for standard input) or text with a public key or "
                  "blessings")
      ->required();
  options->blesser.add_to(verb);
}

}  // namespace tool
