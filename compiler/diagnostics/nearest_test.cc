#include "diagnostics/nearest.h"

#include <doctest/doctest.h>

namespace vdlc {

TEST_CASE("the nearest word has the fewest letters to change") {
  const std::vector<std::string_view> verbs{"cpp", "check", "json", "render", "explain"};
  CHECK(nearest("chekc", verbs) == "check");
  CHECK(nearest("JSON", verbs) == "json");
  CHECK(nearest("rendr", verbs) == "render");
  CHECK(nearest("c++", verbs).empty());
  CHECK(nearest("frobnicate", verbs).empty());
  CHECK(nearest("", verbs).empty());
  CHECK(nearest("a", {"b", "A"}) == "A");
  CHECK(nearest(std::string(1000, 'x'), verbs).empty());
  CHECK(nearest("abcd", {"abdc", "abxx"}) == "abdc");
  CHECK(did_you_mean("x") == "did you mean `x`?");
  CHECK(did_you_mean("").empty());
}

}  // namespace vdlc
