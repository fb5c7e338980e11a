// What a mount table answers, as its client takes it: an entry in VOM, and before it, with its length in a byte, the
// name that was asked for. Whatever it says, it is believed about that name at that table alone.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include <nb/base/bytes.h>
#include <nb/base/check.h>
#include <nb/vom/vom.h>

#include "naming/names.h"
#include "rpc/resolver.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const nb::BytesView rest(data + 1, size - 1);
  const nb::BytesView asked = rest.first(std::min<std::size_t>(data[0], rest.size()));
  const std::string name = nb::naming::clean(nb::as_text(asked));
  auto entry = nb::vom::decode<nb::MountEntry>(rest.subspan(asked.size()));
  if (!entry) return 0;
  nb::rpc::keep_few_servers(*entry);
  NB_CHECK(entry->Servers.size() <= 100, "few servers are kept");

  const std::string server = "/@6@tcp@127.0.0.1:1@@00000000000000000000000000000001@m@alice@@";
  const nb::Clock::Steady now(std::chrono::hours(1000));
  nb::rpc::Resolver resolver({server});
  resolver.cache().remember(server, name, *entry, now);
  NB_CHECK(resolver.cache().size() <= 1, "one answer is one thing to remember");
  for (const char* const other :
       {"/127.0.0.1:1", "/@6@tcp@127.0.0.1:2@@00000000000000000000000000000002@m@bob@@", "/@6"}) {
    NB_CHECK(!resolver.cache().find(nb::naming::join_address_name(other, name), now), "of others nothing is known");
  }
  NB_CHECK(!resolver.cache().find(server, now) || nb::naming::clean(entry->Name) == name,
           "of the whole table only what left the name whole");
  (void)resolver.resolve_from_cache(name, nb::CallOptions(), now);
  if (const auto found = resolver.cache().find(nb::naming::join_address_name(server, name), now)) {
    NB_CHECK(found->Servers.size() == entry->Servers.size(), "what is found is what was said");
    const std::string full = nb::naming::join_address_name(server, name);
    if (nb::naming::split_pattern_name(full).pattern) return 0;  // which is not for tables
    NB_CHECK(resolver.flush(full, nb::CallOptions(), now), "and is forgotten");
    NB_CHECK(resolver.cache().size() == 0, "all of it");
  }
  return 0;
}
