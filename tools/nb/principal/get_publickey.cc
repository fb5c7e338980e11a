// nb principal get publickey
#include "cli/inputs.h"
#include "principal/verbs.h"
#include "words/blessings.h"

namespace tool {
namespace {

struct GetPublicKeyOptions {
  bool pretty = false;
};

nb::Result<int> run_get_publickey(Console& console, const GetPublicKeyOptions& options) {
  auto principal = console.open_to_read();
  if (!principal) return principal.error();
  const nb::PublicKey& key = (*principal)->public_key();
  const std::string pretty = describe(key) + "\n" + key.md5_fingerprint() + " (MD5, as Go's tools print it)\n";
  console.answer(options.pretty ? pretty : key_text(key) + "\n", key_json(key));
  return 0;
}

}  // namespace

void add_get_publickey(Verbs& verbs) {
  auto options = std::make_shared<GetPublicKeyOptions>();
  CLI::App& verb = verbs.add("publickey", "the public key, as base64url of its DER form, for `bless` and `recognize`",
                             options, run_get_publickey);
  verb.add_flag("--pretty", options->pretty, "its fingerprints, for people to compare");
}

}  // namespace tool
