#include "load/paths.h"

#include <doctest/doctest.h>

namespace vdlc {

TEST_CASE("a clean path has no detours") {
  CHECK(clean_path("") == ".");
  CHECK(clean_path("./a//b/../c/") == "a/c");
  CHECK(clean_path("/") == "/");
  CHECK(clean_path("/../a") == "/a");
  CHECK(clean_path("../../a") == "../../a");
  CHECK(clean_path("a/..") == ".");
}

TEST_CASE("paths are joined and taken apart") {
  CHECK(absolute_path("/w", "a/b") == "/w/a/b");
  CHECK(absolute_path("/w", "/a") == "/a");
  CHECK(absolute_path("/w", "../a") == "/a");
  CHECK(join_path("", "a") == "a");
  CHECK(join_path("/", "a") == "/a");
  CHECK(base_name("a/b") == "b");
  CHECK(parent_path("a/b") == "a");
  CHECK(parent_path("a") == ".");
  CHECK(parent_path("/a") == "/");
}

TEST_CASE("what lies below a directory") {
  std::string rest = "x";
  CHECK(is_below("/a/b/c", "/a", &rest));
  CHECK(rest == "b/c");
  CHECK(is_below("/a", "/a", &rest));
  CHECK(rest.empty());
  CHECK(is_below("/a", "/", &rest));
  CHECK(rest == "a");
  CHECK(!is_below("/ab", "/a", &rest));
  CHECK(!is_below("/", "/a", &rest));
}

TEST_CASE("... stands for any text, slashes included") {
  CHECK(matches_pattern("...", ""));
  CHECK(matches_pattern("...", "a/b"));
  CHECK(matches_pattern("a/...", "a"));
  CHECK(matches_pattern("a/...", "a/b/c"));
  CHECK(!matches_pattern("a/...", "ab"));
  CHECK(matches_pattern("a...c", "a/b/c"));
  CHECK(matches_pattern("a...b...c", "a/bx/bc"));
  CHECK(!matches_pattern("a...b...c", "a/c"));
  CHECK(!matches_pattern("a...a", "a"));  // the two ends do not overlap
  CHECK(matches_pattern("a", "a"));
  CHECK(!matches_pattern("a", "a/b"));
}

}  // namespace vdlc
