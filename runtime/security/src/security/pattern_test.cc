#include <nb/security/pattern.h>

#include <doctest/doctest.h>

namespace nb {
namespace {

BlessingPattern pattern(std::string text) { return BlessingPattern(std::move(text)); }

TEST_CASE("[A-28] an extension that would cut, join or hide names is refused") {
  for (const auto* bad : {"", ":", ":a", "a:", "a::b", "$", "...", "a...b", "a,b", "a@@b", "a(b", "a)b", "a<b", "a>b",
                          "a/b", "/", "::"}) {
    CAPTURE(bad);
    CHECK_FALSE(check_extension(bad));
  }
  for (const auto* good : {"a", "a:b", "a@b", "a b", "\xc3\xa9", "a:$", "$a", "a.b", "..", "*.v.io", " "}) {
    CAPTURE(good);
    CHECK(check_extension(good));
  }
  CHECK(check_extension("a,b").error().message() == "bad argument: a blessing's extension contains `,`");
}

TEST_CASE("which patterns are valid") {
  for (const auto* good : {"...", "$", "a", "a:b", "a:$", "a:b:$", "a@b:c"}) {
    CAPTURE(good);
    CHECK(is_valid(pattern(good)));
  }
  for (const auto* bad : {"", "a:", ":a", "a::b", "a:...", "a:$:b", "a/b", ":$", "a:$:$", "$:a", "...:a", "a:...:$",
                          ":", "a,b", "a::$"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_valid(pattern(bad)));
  }
}

TEST_CASE("[A-27] a pattern matches whole components and nothing when it is invalid") {
  struct Row {
    const char* pattern;
    std::vector<const char*> matched;
    std::vector<const char*> not_matched;
  };
  const Row rows[] = {
      {"alice",
       {"alice", "alice:phone", "alice:phone:app", "alice:$"},
       {"alicea", "alic", "a", "bob", "", "bob:alice"}},
      {"alice:$", {"alice"}, {"alice:phone", "alice:", "alice:$", "alicea", "alice$"}},
      {"alice:phone", {"alice:phone", "alice:phone:app"}, {"alice", "alice:phones", "alice:phone2:app"}},
      {"...", {"alice", "alice:phone", ""}, {}},
      {"$", {}, {"", "$", "alice", ":$"}},
      {"", {}, {"", "alice"}},
      {"alice:", {}, {"alice", "alice:", "alice:phone", "alice::phone"}},
      {":alice", {}, {"alice", ":alice", ":alice:phone"}},
      {"alice::phone", {}, {"alice::phone", "alice:phone"}},
      {"alice:...", {}, {"alice", "alice:phone", "alice:..."}},
      {"alice:$:phone", {}, {"alice", "alice:phone", "alice:$:phone"}},
      {"a/b", {}, {"a/b", "a/b:c", "a"}},
      {":$", {}, {"", ":", ":$"}},
      {"*", {"*", "*:a"}, {"alice", "a"}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.pattern);
    for (const auto* name : row.matched) {
      CAPTURE(name);
      CHECK(matches(pattern(row.pattern), name));
      CHECK(matches_any(pattern(row.pattern), {"nobody", name}));
    }
    for (const auto* name : row.not_matched) {
      CAPTURE(name);
      CHECK_FALSE(matches(pattern(row.pattern), name));
      CHECK_FALSE(matches_any(pattern(row.pattern), {"nobody", name}));
    }
  }
}

TEST_CASE("only the pattern for everybody matches someone without a name") {
  CHECK(matches_any(pattern("..."), {}));
  CHECK_FALSE(matches_any(pattern("alice"), {}));
  CHECK_FALSE(matches_any(pattern("$"), {}));
  CHECK_FALSE(matches_any(pattern(""), {}));
}

TEST_CASE("a pattern is closed against longer names") {
  CHECK(non_extendable(pattern("a:b")) == "a:b:$");
  CHECK(non_extendable(pattern("a:b:$")) == "a:b:$");
  CHECK(non_extendable(pattern("")) == "$");
  CHECK(non_extendable(pattern("$")) == "$");
}

TEST_CASE("the prefixes of a pattern") {
  const auto prefixes = [](const char* text) {
    std::string joined;
    for (const auto& prefix : prefix_patterns(pattern(text))) joined += (joined.empty() ? "" : " ") + prefix;
    return joined;
  };
  CHECK(prefixes("a:b:c") == "a:$ a:b:$ a:b:c");
  CHECK(prefixes("a:b:$") == "a:$ a:b:$");
  CHECK(prefixes("a") == "a");
  CHECK(prefixes("$") == "$");
}

}  // namespace
}  // namespace nb
