// nb principal create DIRECTORY [NAME]
#include "cli/failure.h"
#include "principal/make_principal.h"
#include "principal/verbs.h"

namespace tool {
namespace {

struct CreateOptions {
  NewPrincipal principal;
  std::string name;
};

nb::Result<int> run_create(Console& console, const CreateOptions& options) {
  auto principal = make_principal(console, options.principal);
  if (!principal) return principal.error();
  if (!options.name.empty()) {
    auto self = (*principal)->bless_self(options.name);
    if (!self) return about("the name `" + options.name + "`", self.error());
    if (auto set = (*principal)->set_default_blessings(*self); !set) {
      return about(options.principal.folder, set.error());
    }
  }
  answer_with(console, options.principal.folder, **principal);
  return 0;
}

}  // namespace

void add_create(Verbs& verbs) {
  auto options = std::make_shared<CreateOptions>();
  CLI::App& verb = verbs.add("create", "make a new principal in a folder", options, run_create);
  options->principal.add_to(verb);
  verb.add_option("blessing", options->name, "a name that it gives itself; without, it has none");
}

}  // namespace tool
