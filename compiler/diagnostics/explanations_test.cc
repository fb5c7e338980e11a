#include "diagnostics/explanations.h"

#include <doctest/doctest.h>

#include <set>

namespace vdlc {

TEST_CASE("every id of the language has an explanation, once") {
  std::set<std::string_view> ids;
  for (const Explanation& explanation : explanations()) {
    CAPTURE(std::string(explanation.id));
    CHECK(ids.insert(explanation.id).second);
    CHECK(!explanation.title.empty());
    CHECK(!explanation.reason.empty());
  }
  // docs/spec/vdl-language.md 3.14, without the classes of the Go back end; CF2 does not exist there.
  const std::pair<std::string, int> series[] = {{"LX", 9},  {"SY", 7},  {"PK", 6}, {"IM", 6},  {"NM", 6},
                                                {"TY", 17}, {"CO", 42}, {"ER", 5}, {"IF", 10}, {"BD", 10}};
  for (const auto& [name, last] : series) {
    for (int number = 1; number <= last; ++number) {
      const std::string id = name + std::to_string(number);
      CAPTURE(id);
      CHECK(find_explanation(id) != nullptr);
    }
  }
  for (const char* id : {"TY30", "CF1", "CF3", "CF4", "CG10", "LM1", "LM2"}) CHECK(find_explanation(id) != nullptr);
}

TEST_CASE("an id is found whatever its case, and nothing else is") {
  REQUIRE(find_explanation("ty11") != nullptr);
  CHECK(find_explanation("ty11")->id == "TY11");
  CHECK(find_explanation("TY") == nullptr);
  CHECK(find_explanation("") == nullptr);
}

TEST_CASE("an explanation is a title, a reason, what fails and the way out") {
  const Explanation explanation{"XX1", "a title", "the reason", "line 1\n\nline 2", "the way out"};
  CHECK(render_explanation(explanation) ==
        "XX1: a title\n\nthe reason\n\nThis fails:\n\n    line 1\n\n    line 2\n\nthe way out\n");
}

}  // namespace vdlc
