#include "naming/routing_id.h"

#include <doctest/doctest.h>

#include <vector>

namespace nb::naming {
namespace {

TEST_CASE("a routing id prints as 32 lower-case digits and reads back in either case") {
  const auto id = parse_routing_id("0123456789ABCDEF0123456789abcdef");
  REQUIRE(id);
  CHECK(to_string(*id) == "0123456789abcdef0123456789abcdef");
  CHECK(parse_routing_id(to_string(*id)) == id);
  CHECK(RoutingId{}.is_null());
  CHECK(!id->is_null());
}

TEST_CASE("a text that is not 32 hex digits is no routing id") {
  for (const char* text : {"", "00", "0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcdef0",
                           "0123456789abcdef0123456789abcdeg", "+123456789abcdef0123456789abcdef"}) {
    CAPTURE(text);
    CHECK(!parse_routing_id(text));
  }
}

TEST_CASE("a reserved id is drawn again") {
  RoutingId reserved;
  reserved.bytes[14] = 3;
  reserved.bytes[15] = 255;
  CHECK(reserved.is_reserved());
  RoutingId free;
  free.bytes[14] = 4;
  CHECK(!free.is_reserved());
  RoutingId high;
  high.bytes[0] = 1;
  CHECK(!high.is_reserved());

  std::vector<RoutingId> draws{RoutingId{}, reserved, free};
  std::size_t drawn = 0;
  const RoutingId id = make_routing_id([&](std::span<std::uint8_t> bytes) {
    const RoutingId& next = draws.at(drawn++);
    std::copy(next.bytes.begin(), next.bytes.end(), bytes.begin());
  });
  CHECK(id == free);
  CHECK(drawn == 3);
}

}  // namespace
}  // namespace nb::naming
