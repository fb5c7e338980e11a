// nb principal dump
#include "principal/tables.h"
#include "principal/verbs.h"
#include "words/blessings.h"

namespace tool {
namespace {

struct DumpOptions {
  bool names_only = false;
};

nb::Result<int> run_dump(Console& console, const DumpOptions& options) {
  auto opened = console.open_to_read();
  if (!opened) return opened.error();
  const nb::Principal& principal = **opened;
  const nb::Time now = nb::Time::now();
  const nb::Blessings shown = principal.store().default_blessings();
  if (options.names_only) {
    console.answer(names_of(shown, now) + "\n", {{"default", shown.claimed_names()}});
    return 0;
  }
  std::string text = "public key         " + describe(principal.public_key()) + "\n";
  text += "  as Go prints it  " + principal.public_key().md5_fingerprint() + "\n";
  text += "default blessings  " + names_of(shown, now) + "\n";
  text += "blessings for peers, by pattern\n" + peers_table(principal, now);
  text += "recognized roots, by pattern\n" + roots_table(principal);
  console.answer(text, {{"key", key_json(principal.public_key())},
                        {"default", blessings_json(shown, now)},
                        {"peers", peers_json(principal, now)},
                        {"roots", roots_json(principal)}});
  return 0;
}

}  // namespace

void add_dump(Verbs& verbs) {
  auto options = std::make_shared<DumpOptions>();
  CLI::App& verb = verbs.add("dump", "print a principal's key, blessings and roots", options, run_dump);
  verb.add_flag("-s", options->names_only, "only the names of the default blessings");
}

}  // namespace tool
