// nb principal dumproots BLESSINGS
#include "cli/inputs.h"
#include "principal/verbs.h"
#include "words/blessings.h"

namespace tool {
namespace {

struct DumpRootsOptions {
  std::string blessings;
};

nb::Result<int> run_dumproots(Console& console, const DumpRootsOptions& options) {
  auto blessings = read_blessings(options.blessings);
  if (!blessings) return blessings.error();
  std::string text;
  Json roots = Json::array();
  for (const nb::Blessings& root : blessings->roots()) {
    text += root.to_text() + "\n";
    roots.push_back(blessings_json(root, nb::Time::now()));
  }
  console.answer(text, roots);
  return 0;
}

}  // namespace

void add_dumproots(Verbs& verbs) {
  auto options = std::make_shared<DumpRootsOptions>();
  CLI::App& verb = verbs.add("dumproots", "print the blessings of the roots of blessings, one a line, for `recognize`",
                             options, run_dumproots);
  verb.add_option("blessings", options->blessings, "a file, - for standard input, or the text")->required();
}

}  // namespace tool
