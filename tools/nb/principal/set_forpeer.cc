// nb principal set forpeer BLESSINGS|nil PATTERN
#include "cli/failure.h"
#include "cli/inputs.h"
#include "principal/verbs.h"
#include "words/blessings.h"

namespace tool {
namespace {

struct SetForPeerOptions {
  std::string blessings;
  std::string pattern;
  bool add_to_roots = true;
};

nb::Result<int> run_set_forpeer(Console& console, const SetForPeerOptions& options) {
  const nb::BlessingPattern pattern(options.pattern);
  if (!nb::is_valid(pattern)) {
    return failure("`" + options.pattern +
                   "` is no pattern; write names like alice:phone, alice:$ for exactly alice, or ... for everybody");
  }
  nb::Blessings blessings;
  if (options.blessings != "nil") {
    auto read = read_blessings(options.blessings);
    if (!read) return read.error();
    blessings = std::move(*read);
  }
  auto principal = console.open();
  if (!principal) return principal.error();
  if (!blessings.is_zero() && !(blessings.public_key() == (*principal)->public_key())) {
    return failure("these blessings are for another key, " + describe(blessings.public_key()) +
                   ", and not for this principal's, " + describe((*principal)->public_key()));
  }
  if (options.add_to_roots && !blessings.is_zero()) {
    if (auto added = (*principal)->add_to_roots(blessings); !added) return about("the roots", added.error());
  }
  auto before = (*principal)->store().set(blessings, pattern);
  if (!before) return before.error();
  const nb::Time now = nb::Time::now();
  console.answer(options.pattern + " sees " + names_of(blessings, now) + ", before " + names_of(*before, now) + "\n",
                 {{"pattern", options.pattern},
                  {"now", blessings_json(blessings, now)},
                  {"before", blessings_json(*before, now)}});
  return 0;
}

}  // namespace

void add_set_forpeer(Verbs& verbs) {
  auto options = std::make_shared<SetForPeerOptions>();
  CLI::App& verb =
      verbs.add("forpeer", "show these blessings to peers whose names match a pattern", options, run_set_forpeer);
  verb.add_option("blessings", options->blessings,
                  "a file, - for standard input, or the text; nil takes away what was shown")
      ->required();
  verb.add_option("pattern", options->pattern, "whom they are for: alice, alice:$, ...")->required();
  verb.add_flag("--add-to-roots", options->add_to_roots, "also believe their roots (default); with =false: do not");
}

}  // namespace tool
