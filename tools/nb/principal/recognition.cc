#include "principal/recognition.h"

#include "cli/failure.h"
#include "cli/inputs.h"
#include "principal/tables.h"

namespace tool {

nb::Result<int> recognize_roots(Console& console, const std::string& argument) {
  auto blessings = read_blessings(argument);
  if (!blessings) return blessings.error();
  if (blessings->roots().empty()) return failure("these blessings have no name, so there is no root to recognize");
  auto principal = console.open();
  if (!principal) return principal.error();
  if (auto added = (*principal)->add_to_roots(*blessings); !added) return added.error();
  console.answer("recognized roots, by pattern\n" + roots_table(**principal), roots_json(**principal));
  return 0;
}

}  // namespace tool
