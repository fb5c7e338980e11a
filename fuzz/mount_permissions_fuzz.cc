// The file with a mount table's permissions: what is read can be written and read again, and a table can begin with it.
#include <cstddef>
#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include <nb/base/bytes.h>
#include <nb/base/check.h>
#include <nb/services/mount_table.h>

#include "services/mount_tree.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto permissions = nb::mount_table_permissions_from_json(nb::as_text({data, size}));
  if (!permissions) return 0;
  nlohmann::json again = nlohmann::json::object();
  for (const auto& [name, each] : *permissions) {
    const auto text = nb::permissions_to_json(each);
    NB_CHECK(text, "what was read can be written");
    again[name] = nlohmann::json::parse(*text);
  }
  const auto read = nb::mount_table_permissions_from_json(again.dump());
  NB_CHECK(read && *read == *permissions, "and read again");

  nb::MountTableOptions options;
  nb::services::MountTree tree(options.permissions(*permissions));
  NB_CHECK(tree.load(), "a table can begin with any permissions");
  const nb::services::MountCaller nobody;
  for (const auto& [name, each] : *permissions) {
    (void)tree.permissions(nobody, nb::services::path_of(name));
    (void)tree.mount(nobody, nb::services::path_of(name + "/x"), "/h:1", 60, v23::naming::MountFlag());
  }
  return 0;
}
