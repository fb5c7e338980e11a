// nb principal recognize BLESSINGS | PATTERN KEY
#include "cli/failure.h"
#include "cli/inputs.h"
#include "principal/recognition.h"
#include "principal/tables.h"
#include "principal/verbs.h"

namespace tool {
namespace {

struct RecognizeOptions {
  std::string first;
  std::string key;
};

nb::Result<int> run_recognize(Console& console, const RecognizeOptions& options) {
  if (options.key.empty()) return recognize_roots(console, options.first);
  auto key = read_key(console, options.key);
  if (!key) return key.error();
  auto principal = console.open();
  if (!principal) return principal.error();
  if (auto added = (*principal)->roots().add(*key, nb::BlessingPattern(options.first)); !added) {
    return about("pattern `" + options.first + "`", added.error());
  }
  console.answer("recognized roots, by pattern\n" + roots_table(**principal), roots_json(**principal));
  return 0;
}

}  // namespace

void add_recognize(Verbs& verbs) {
  auto options = std::make_shared<RecognizeOptions>();
  CLI::App& verb = verbs.add("recognize", "believe a key for names, or the roots of blessings", options, run_recognize);
  verb.add_option("pattern", options->first,
                  "with a key: the names it may give out; alone: blessings (a file, - for standard input, or text)")
      ->required();
  verb.add_option("key", options->key, "base64url of DER as `get publickey` prints it, PEM, or a folder");
}

}  // namespace tool
