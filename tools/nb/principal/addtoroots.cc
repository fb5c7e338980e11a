// nb principal addtoroots BLESSINGS
#include "cli/inputs.h"
#include "principal/recognition.h"
#include "principal/verbs.h"

namespace tool {
namespace {

struct AddToRootsOptions {
  std::string blessings;
};

nb::Result<int> run_addtoroots(Console& console, const AddToRootsOptions& options) {
  return recognize_roots(console, options.blessings);
}

}  // namespace

void add_addtoroots(Verbs& verbs) {
  auto options = std::make_shared<AddToRootsOptions>();
  CLI::App& verb =
      verbs.add("addtoroots", "believe the roots of blessings for the names they gave", options, run_addtoroots);
  verb.add_option("blessings", options->blessings, "a file, - for standard input, or the text")->required();
}

}  // namespace tool
