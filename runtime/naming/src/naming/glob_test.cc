#include "naming/glob.h"

#include <doctest/doctest.h>

#include <string>

#include <nb/base/verror.h>

namespace nb::naming {

TEST_CASE("an element of a pattern matches as a file name does") {
  const auto match = [](std::string_view pattern, std::string_view name) { return matches_element(pattern, name); };
  CHECK(match("abc", "abc"));
  CHECK_FALSE(match("abc", "abd"));
  CHECK(match("*", ""));
  CHECK(match("*c", "abc"));
  CHECK(match("a*", "a"));
  CHECK(match("a*b*c*d", "axbxcxd"));
  CHECK_FALSE(match("a*b*c*d", "axbxcx"));
  CHECK(match("a?c", "abc"));
  CHECK_FALSE(match("a?c", "ac"));
  CHECK(match("?", "ä"));
  CHECK(match("[a-c]x", "bx"));
  CHECK_FALSE(match("[^a-c]x", "bx"));
  CHECK(match("[^a-c]x", "dx"));
  CHECK(match("[\\]]", "]"));
  CHECK(match("\\*", "*"));
  CHECK_FALSE(match("\\*", "a"));
  CHECK_FALSE(match("*", "a/b"));
  CHECK_FALSE(match("[a-", "a"));
  CHECK_FALSE(match("[]", "a"));
  CHECK(match("\xff*", "\xff\xfe"));
}

TEST_CASE("a pattern full of stars takes no time") {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  CHECK_FALSE(matches_element(pattern + "b", std::string(400, 'a')));
}

TEST_CASE("a pattern is read element by element, and its last one may be recursive") {
  const auto glob = Glob::parse("a/*/...").value();
  CHECK(glob.size() == 2);
  CHECK(glob.is_recursive());
  CHECK_FALSE(glob.is_restricted());
  CHECK(glob.is_head_fixed());
  CHECK(glob.matches_head("a"));
  CHECK_FALSE(glob.tail().is_head_fixed());
  CHECK(glob.tail().matches_head("b"));
  CHECK(glob.tail(5).size() == 0);
  CHECK(glob.tail(5).matches_head("anything"));
  CHECK_FALSE(glob.tail(5).is_used_up());
  CHECK(glob.tail().to_string() == "*/...");
  CHECK(Glob::parse("a/***").value().is_restricted());
  CHECK(Glob::parse("a/***").value().to_string() == "a/***");
  CHECK(Glob::parse("").value().is_used_up());
  CHECK_FALSE(Glob::parse("a").value().tail().matches_head("b"));
  CHECK(Glob::parse("\\*a").value().is_head_fixed());
}

TEST_CASE("what is no pattern is refused") {
  for (const std::string_view bad : {"/a", "a//b", "a/", "[a", "a\\", "/", ".../"}) {
    CAPTURE(bad);
    CHECK(verror::BadArg.matches(Glob::parse(bad).error()));
  }
  std::string deep = "a";
  for (int i = 0; i < 300; ++i) deep += "/a";
  CHECK_FALSE(Glob::parse(deep));
  std::string wide = std::string(1024, 'a');
  for (int i = 0; i < 20; ++i) wide += "/" + std::string(1024, 'a');
  CHECK_FALSE(Glob::parse(wide));
  CHECK(Glob::parse(std::string(1024, '*')));
  CHECK_FALSE(Glob::parse(std::string(1025, '*')));
}

}  // namespace nb::naming
