// nb principal fork DIRECTORY EXTENSION
#include "cli/failure.h"
#include "principal/blesser.h"
#include "principal/make_principal.h"
#include "principal/verbs.h"

namespace tool {
namespace {

struct ForkOptions {
  NewPrincipal principal;
  Blesser blesser;
};

nb::Result<int> run_fork(Console& console, const ForkOptions& options) {
  auto ready = prepare(console, options.blesser);
  if (!ready) return ready.error();
  auto principal = make_principal(console, options.principal);
  if (!principal) return principal.error();
  auto blessings = ready->bless((*principal)->public_key());
  if (!blessings) return about("blessing " + options.principal.folder, blessings.error());
  if (auto set = (*principal)->set_default_blessings(*blessings); !set) {
    return about(options.principal.folder, set.error());
  }
  answer_with(console, options.principal.folder, **principal);
  return 0;
}

}  // namespace

void add_fork(Verbs& verbs) {
  auto options = std::make_shared<ForkOptions>();
  CLI::App& verb = verbs.add("fork", "make a new principal, blessed by the one in --credentials", options, run_fork);
  options->principal.add_to(verb);
  options->blesser.add_to(verb);
}

}  // namespace tool
