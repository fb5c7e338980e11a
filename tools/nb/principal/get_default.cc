// nb principal get default
#include "principal/aspect.h"
#include "principal/verbs.h"

namespace tool {
namespace {

nb::Result<int> run_get_default(Console& console, const Aspect& aspect) {
  auto principal = console.open_to_read();
  if (!principal) return principal.error();
  return aspect.answer(console, (*principal)->store().default_blessings(),
                       "the principal has no default blessings; `nb principal set default` gives it some");
}

}  // namespace

void add_get_default(Verbs& verbs) {
  auto aspect = std::make_shared<Aspect>();
  aspect->add_to(verbs.add("default", "the blessings that the principal shows as a server", aspect, run_get_default));
}

}  // namespace tool
