// nb principal blessself [NAME]
#include <pwd.h>
#include <unistd.h>

#include <array>

#include "cli/caveat_options.h"
#include "cli/failure.h"
#include "principal/answer.h"
#include "principal/verbs.h"

namespace tool {
namespace {

struct BlessSelfOptions {
  std::string name;
  CaveatOptions caveats;
};

// "user@host", as Go's tool makes it.
std::string default_name() {
  const passwd* user = getpwuid(getuid());
  std::string name = user && user->pw_name && *user->pw_name ? user->pw_name : "anonymous";
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) == 0 && host[0] != '\0') name += std::string("@") + host.data();
  return name;
}

nb::Result<int> run_blessself(Console& console, const BlessSelfOptions& options) {
  auto caveats = options.caveats.caveats(console);
  if (!caveats) return caveats.error();
  auto principal = console.open();
  if (!principal) return principal.error();
  const std::string name = options.name.empty() ? default_name() : options.name;
  auto blessings = (*principal)->bless_self(name, std::move(*caveats));
  if (!blessings) return about("the name `" + name + "`", blessings.error());
  answer_with(console, *blessings);
  return 0;
}

}  // namespace

void add_blessself(Verbs& verbs) {
  auto options = std::make_shared<BlessSelfOptions>();
  CLI::App& verb = verbs.add("blessself", "print blessings that the principal gives itself", options, run_blessself);
  verb.add_option("name", options->name, "the name; else user@host");
  options->caveats.add_to(verb, false);
}

}  // namespace tool
