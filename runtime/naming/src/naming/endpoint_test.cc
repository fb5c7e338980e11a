#include "naming/endpoint.h"

#include <doctest/doctest.h>

#include <random>

namespace nb::naming {
namespace {

std::string canonical(std::string_view text) {
  const Result<Endpoint> endpoint = parse_endpoint(text);
  return endpoint ? to_string(*endpoint) : std::string(endpoint.error().message());
}

const std::string kNull = "00000000000000000000000000000000";

TEST_CASE("every text of the specification's table reads and prints as it says") {
  struct Row {
    std::string in, out;
  };
  const Row rows[] = {
      {"@6@tcp@10.0.0.7:8101@@0123456789abcdef0123456789abcdef@s@acme:svc@@",
       "@6@tcp@10.0.0.7:8101@@0123456789abcdef0123456789abcdef@s@acme:svc@@"},
      {"@6@tcp@10.0.0.7:8101@@0123456789ABCDEF0123456789abcdef@m@acme:svc,acme:ops@x.com@@",
       "@6@tcp@10.0.0.7:8101@@0123456789abcdef0123456789abcdef@m@acme:svc,acme:ops@x.com@@"},
      {"@6@wsh@[2001:db8::1]:443@@@@@@", "@6@wsh@[2001:db8::1]:443@@" + kNull + "@m@@@"},
      {"@6@@@@@@@@", "@6@@:0@@" + kNull + "@m@@@"},
      {"@6@tcp@h:1@aa,b%2Cc@@l@@@", "@6@tcp@h:1@aa,b%2Cc@" + kNull + "@s@@@"},
      {"@6@unix@%40run%25x@@@s@@@", "@6@unix@%40run%25x@@" + kNull + "@s@@@"},
      {"@6@tcp@h:1@@@s@a@@b@@", "@6@tcp@h:1@@" + kNull + "@s@a@@b@@"},
      {"6@tcp@h:1@@@s", "@6@tcp@h:1@@" + kNull + "@s@@@"},
      {"example.com:8101", "@6@@example.com:8101@@" + kNull + "@m@@@"},
      {"example.com:8101#", "@6@@example.com:8101@@" + kNull + "@s@@@"},
      {"(acme:mt)@example.com:8101", "@6@@example.com:8101@@" + kNull + "@m@acme:mt@@"},
      {"(acme:mt)@example.com:8101#", "@6@@example.com:8101@@" + kNull + "@s@acme:mt@@"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.in);
    CHECK(canonical(row.in) == row.out);
    CHECK(is_canonical_endpoint(row.out));
    CHECK(is_canonical_endpoint(row.in) == (row.in == row.out));
  }
}

TEST_CASE("the parts of an endpoint are what stands between the marks") {
  const auto with_names = parse_endpoint("@6@tcp@h:1@@0123456789abcdef0123456789abcdef@m@acme:svc,acme:ops@x.com@@");
  REQUIRE(with_names);
  CHECK(with_names->blessing_names == std::vector<std::string>{"acme:svc", "acme:ops@x.com"});
  CHECK(with_names->serves_mount_table);
  CHECK(parse_endpoint("@6@tcp@h:1@aa,b%2Cc@@l@@@")->routes == std::vector<std::string>{"aa", "b,c"});
  CHECK(parse_endpoint("@6@unix@%40run%25x@@@s@@@")->address == "@run%x");
  CHECK(parse_endpoint("@6@tcp@h:1@@@s@a@@b@@")->blessing_names == std::vector<std::string>{"a@@b"});
  CHECK(parse_endpoint("()@h:1")->blessing_names.empty());
  CHECK(parse_endpoint("[::1]:80")->address == "[::1]:80");
  CHECK(parse_endpoint(":")->address == ":");
  CHECK(parse_endpoint("h:http")->address == "h:http");
}

TEST_CASE("other texts are refused, with the text and the reason") {
  for (const char* text : {"@5@tcp@h:1@@@s@@@", "@6@tcp@a%4:1@@@s@@@", "@6@tcp@h:1@@00@s@@@", "@6@tcp@h:1@@@x@@@",
                           "example.com", "a@b:1", "@", "@@", "", "@6@tcp@h:1@a%zz@@s@@@", "::1:80", "[::1]", "[::1:80",
                           "[:]:]:1", "a]:1", "#", "(a)@", "(a@h:1", "@6@tcp@h:1@"}) {
    CAPTURE(text);
    CHECK(parse_endpoint(text).error().is("v.io/v23/verror.BadArg"));
  }
  CHECK(parse_endpoint("@6@tcp@h:1@@@x@@@").error().message() ==
        "bad argument: endpoint `@6@tcp@h:1@@@x@@@`: the mount table flag is none of `m`, `s`, `l`");
  CHECK(parse_endpoint(std::string(5000, 'x')).error().message().size() < 400);
}

TEST_CASE("an endpoint of a manager that does not listen prints without an address") {
  Endpoint endpoint;
  endpoint.protocol = "bidi";
  endpoint.routing_id = *parse_routing_id("000000000000000000000000dabbad00");
  CHECK(to_string(endpoint) == "@6@bidi@@@000000000000000000000000dabbad00@s@@@");
  CHECK(!is_canonical_endpoint(to_string(endpoint)));
  CHECK(Endpoint{}.is_zero());
  CHECK(!endpoint.is_zero());
}

TEST_CASE("an at sign in a route prints as the reference prints it, and is not canonical in any form") {
  const auto endpoint = parse_endpoint("@6@tcp@h:1@a%40b@@s@@@");
  REQUIRE(endpoint);
  CHECK(endpoint->routes == std::vector<std::string>{"a@b"});
  CHECK(to_string(*endpoint) == "@6@tcp@h:1@a@b@" + kNull + "@s@@@");
  CHECK(!is_canonical_endpoint("@6@tcp@h:1@a%40b@" + kNull + "@s@@@"));
  CHECK(!is_canonical_endpoint(to_string(*endpoint)));
}

TEST_CASE("what is printed reads back as the same endpoint") {
  std::mt19937 random(20);
  const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  const auto word = [&](std::string_view alphabet) {
    std::string text;
    for (unsigned n = 1 + below(6); n > 0; --n) text += alphabet[below(static_cast<unsigned>(alphabet.size()))];
    return text;
  };
  for (int round = 0; round < 2000; ++round) {
    Endpoint endpoint;
    endpoint.protocol = below(3) ? word("abc46") : "";
    endpoint.address = word("a.:@%,[]/#0");
    for (unsigned n = below(3); n > 0; --n) endpoint.routes.push_back(word("af09,%"));
    for (auto& byte : endpoint.routing_id.bytes) byte = static_cast<std::uint8_t>(below(256));
    for (unsigned n = below(3); n > 0; --n) endpoint.blessing_names.push_back(word("ab:@.%"));
    endpoint.serves_mount_table = below(2) == 0;
    const std::string text = to_string(endpoint);
    CAPTURE(text);
    const auto again = parse_endpoint(text);
    REQUIRE(again);
    CHECK(*again == endpoint);
    CHECK(is_canonical_endpoint(text));
  }
}

}  // namespace
}  // namespace nb::naming
