// nb principal get recognizedroots
#include "principal/tables.h"
#include "principal/verbs.h"

namespace tool {
namespace {

struct GetRecognizedRootsOptions {};

nb::Result<int> run_get_recognizedroots(Console& console, const GetRecognizedRootsOptions&) {
  auto principal = console.open_to_read();
  if (!principal) return principal.error();
  console.answer(roots_table(**principal), roots_json(**principal));
  return 0;
}

}  // namespace

void add_get_recognizedroots(Verbs& verbs) {
  verbs.add("recognizedroots", "the names that the principal believes, and from whose keys",
            std::make_shared<GetRecognizedRootsOptions>(), run_get_recognizedroots);
}

}  // namespace tool
