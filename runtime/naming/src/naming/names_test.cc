#include "naming/names.h"

#include <doctest/doctest.h>

namespace nb::naming {
namespace {

TEST_CASE("clean collapses slashes and drops the last one") {
  CHECK(clean("") == "");
  CHECK(clean("/") == "/");
  CHECK(clean("////") == "/");
  CHECK(clean("a//b///c/") == "a/b/c");
  CHECK(clean("//a") == "/a");
}

TEST_CASE("a rooted name splits into address and suffix, another is all suffix") {
  CHECK(split_address_name("/h:1/x//y/") == AddressName{"h:1", "x/y"});
  CHECK(split_address_name("/@6@tcp@h:1@@@s@@@/a/b") == AddressName{"@6@tcp@h:1@@@s@@@", "a/b"});
  CHECK(split_address_name("/@6@tcp@h:1@@@s@a/b@@/c") == AddressName{"@6@tcp@h:1@@@s@a/b@@", "c"});
  CHECK(split_address_name("/@6@tcp@h:1@@@s@@@") == AddressName{"@6@tcp@h:1@@@s@@@", ""});
  CHECK(split_address_name("/(p:q)@h:1/a") == AddressName{"(p:q)@h:1", "a"});
  CHECK(split_address_name("/(p/q)@h:1/a") == AddressName{"(p/q)@h:1", "a"});
  CHECK(split_address_name("/(p)@h:1") == AddressName{"(p)@h:1", ""});
  CHECK(split_address_name("x/y") == AddressName{"", "x/y"});
  CHECK(split_address_name("/h:1") == AddressName{"h:1", ""});
  CHECK(split_address_name("/") == AddressName{"", ""});
  CHECK(split_address_name("") == AddressName{"", ""});
}

TEST_CASE("address and suffix join into a rooted name") {
  CHECK(join_address_name("h:1", "a/b") == "/h:1/a/b");
  CHECK(join_address_name("//h:1", "a//b/") == "/h:1/a/b");
  CHECK(join_address_name("h:1", "") == "/h:1");
  CHECK(join_address_name("", "a//b") == "a/b");
  CHECK(join_address_name("/", "/a") == "/a");
}

TEST_CASE("names that begin with two underscores are reserved") {
  CHECK(is_reserved("__debug/vtrace"));
  CHECK(!is_reserved("_debug"));
  CHECK(is_rooted("/a"));
  CHECK(!is_rooted("a/"));
}

TEST_CASE("a blessing pattern is taken out of the front of the suffix") {
  CHECK(split_pattern_name("/h:1/__(root:a)/x/y") == PatternName{"root:a", "/h:1/x/y"});
  CHECK(split_pattern_name("/h:1/__(root:a)") == PatternName{"root:a", "/h:1"});
  CHECK(split_pattern_name("__(a)/x") == PatternName{"a", "x"});
  CHECK(split_pattern_name("__()/x") == PatternName{"", "x"});
  CHECK(split_pattern_name("/h:1/x/__(a)") == PatternName{std::nullopt, "/h:1/x/__(a)"});
  CHECK(split_pattern_name("/h:1/__(a)b") == PatternName{std::nullopt, "/h:1/__(a)b"});
  CHECK(split_pattern_name("/h:1/__(a") == PatternName{std::nullopt, "/h:1/__(a"});
  CHECK(split_pattern_name("x//y") == PatternName{std::nullopt, "x//y"});
}

}  // namespace
}  // namespace nb::naming
