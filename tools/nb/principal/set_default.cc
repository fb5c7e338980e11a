// nb principal set default BLESSINGS
#include "cli/failure.h"
#include "cli/inputs.h"
#include "principal/verbs.h"
#include "words/blessings.h"

namespace tool {
namespace {

struct SetDefaultOptions {
  std::string blessings;
  bool add_to_roots = true;
};

nb::Result<int> run_set_default(Console& console, const SetDefaultOptions& options) {
  auto blessings = read_blessings(options.blessings);
  if (!blessings) return blessings.error();
  auto principal = console.open();
  if (!principal) return principal.error();
  if (!blessings->is_zero() && !(blessings->public_key() == (*principal)->public_key())) {
    return failure("these blessings are for another key, " + describe(blessings->public_key()) +
                   ", and not for this principal's, " + describe((*principal)->public_key()));
  }
  // The roots first, as whoever is told of the new default should believe it.
  if (options.add_to_roots) {
    if (auto added = (*principal)->add_to_roots(*blessings); !added) return about("the roots", added.error());
  }
  if (auto set = (*principal)->store().set_default(*blessings); !set) return set.error();
  const nb::Time now = nb::Time::now();
  console.answer("default blessings " + names_of(*blessings, now) + "\n",
                 {{"default", blessings_json(*blessings, now)}});
  return 0;
}

}  // namespace

void add_set_default(Verbs& verbs) {
  auto options = std::make_shared<SetDefaultOptions>();
  CLI::App& verb = verbs.add("default", "show these blessings as a server", options, run_set_default);
  verb.add_option("blessings", options->blessings, "a file, - for standard input, or the text")->required();
  verb.add_flag("--add-to-roots", options->add_to_roots, "also believe their roots (default); with =false: do not");
}

}  // namespace tool
