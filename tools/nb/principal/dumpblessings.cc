// nb principal dumpblessings BLESSINGS
#include "cli/inputs.h"
#include "principal/verbs.h"
#include "words/blessings.h"

namespace tool {
namespace {

struct DumpBlessingsOptions {
  std::string blessings;
};

nb::Result<int> run_dumpblessings(Console& console, const DumpBlessingsOptions& options) {
  auto blessings = read_blessings(options.blessings);
  if (!blessings) return blessings.error();
  const nb::Time now = nb::Time::now();
  console.answer(describe(*blessings, now), blessings_json(*blessings, now));
  return 0;
}

}  // namespace

void add_dumpblessings(Verbs& verbs) {
  auto options = std::make_shared<DumpBlessingsOptions>();
  CLI::App& verb =
      verbs.add("dumpblessings", "print blessings with all certificates and caveats", options, run_dumpblessings);
  verb.add_option("blessings", options->blessings, "a file, - for standard input, or the text")->required();
}

}  // namespace tool
