// An endpoint in text: what can be read prints to a text that reads as the same endpoint and is canonical, and names
// come apart and together again.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <nb/base/bytes.h>
#include <nb/base/check.h>

#include "naming/endpoint.h"
#include "naming/names.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nb::naming;
  const std::string_view text = nb::as_text({data, size});
  if (const nb::Result<Endpoint> endpoint = parse_endpoint(text)) {
    const std::string printed = to_string(*endpoint);
    const nb::Result<Endpoint> again = parse_endpoint(printed);
    // An "@" in a route prints as it is, for the reference's sake.
    const bool is_sound = std::none_of(endpoint->routes.begin(), endpoint->routes.end(),
                                       [](const std::string& route) { return route.find('@') != std::string::npos; });
    NB_CHECK(!is_sound || again.ok(), "a printed endpoint can be read");
    NB_CHECK(!is_sound || to_string(*again) == printed, "a printed endpoint is canonical");
  }
  const AddressName parts = split_address_name(text);
  (void)join_address_name(parts.address, parts.suffix);
  const PatternName pattern = split_pattern_name(text);
  NB_CHECK(pattern.pattern || pattern.name == text, "a name without a pattern stays as it is");
  NB_CHECK(clean(clean(text)) == clean(text), "cleaning once is enough");
  return 0;
}
