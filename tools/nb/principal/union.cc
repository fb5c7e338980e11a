// nb principal union BLESSINGS…
#include "cli/failure.h"
#include "cli/inputs.h"
#include "principal/answer.h"
#include "principal/verbs.h"

namespace tool {
namespace {

struct UnionOptions {
  std::vector<std::string> blessings;
};

nb::Result<int> run_union(Console& console, const UnionOptions& options) {
  std::vector<nb::Blessings> parts;
  for (const std::string& argument : options.blessings) {
    auto part = read_blessings(argument);
    if (!part) return part.error();
    parts.push_back(std::move(*part));
  }
  auto all = nb::union_of(parts);
  if (!all) return advise(all.error(), "only blessings of one key can be united");
  answer_with(console, *all);
  return 0;
}

}  // namespace

void add_union(Verbs& verbs) {
  auto options = std::make_shared<UnionOptions>();
  CLI::App& verb = verbs.add("union", "print one blessings object with all the names of several", options, run_union);
  verb.add_option("blessings", options->blessings, "files, - for standard input, or texts")->required();
}

}  // namespace tool
