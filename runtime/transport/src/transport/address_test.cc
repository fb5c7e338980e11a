#include "transport/address.h"

#include <doctest/doctest.h>

#include "transport/errors.h"

using nb::transport::join_host_port;
using nb::transport::split_host_port;

TEST_CASE("host and port are taken apart and put together, with brackets where the host has colons") {
  for (const char* text : {"10.0.0.7:8101", "[::1]:80", ":0", "example.org:65535"}) {
    CAPTURE(text);
    const auto where = split_host_port(text);
    REQUIRE(where);
    CHECK(join_host_port(where->host, where->port) == text);
  }
  CHECK(split_host_port("[::1]:80")->host == "::1");
}

TEST_CASE("a malformed address is a BadArg error that quotes it") {
  for (const char* text : {"", "host", "::1:80", "[::1:80", "host:", "host:http", "host:65536", "host:-1", "host:1x"}) {
    CAPTURE(text);
    const auto where = split_host_port(text);
    REQUIRE(!where);
    CHECK(where.error().is(nb::transport::kBadArgId));
    CHECK(where.error().message().find("`" + std::string(text) + "`") != std::string::npos);
  }
}
