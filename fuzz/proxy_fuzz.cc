// What is said to proxies and by them: the first payload of a flow, the answer to it, and where a route leads on. A
// route ends: no proxy that is handed on to comes earlier in it, and without the used ones it is the same further on.
#include <cstddef>
#include <cstdint>

#include <nb/base/bytes.h>
#include <nb/base/check.h>

#include "conn/proxy_messages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nb::conn;
  const nb::BytesView payload(data, size);
  (void)read_proxy_request(payload);
  if (const auto endpoints = read_proxy_answer(payload)) {
    NB_CHECK(endpoints->size() <= kMostProxyEndpoints, "answers are bounded");
    // An "@" in a route prints as it is, so not every one reads again.
    (void)read_proxy_answer(proxy_answer(*endpoints));
  }
  const auto wanted = wanted_in_setup(payload);
  if (!wanted) return 0;
  nb::naming::RoutingId at;
  at.bytes.fill(1);
  std::size_t used = 0;
  while (const auto next = next_hop(*wanted, at)) {
    if (next->routes_used == 0) break;
    NB_CHECK(next->routes_used > used, "a route leads on");
    used = next->routes_used;
    at = next->id;
  }
  (void)without_routes(payload, used);
  return 0;
}
