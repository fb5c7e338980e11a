#include <nb/security/blessing_roots.h>

#include <doctest/doctest.h>

#include "security/testing/principals.h"

namespace nb {
namespace {

using security::testing::key_of;

BlessingPattern pattern(std::string text) { return BlessingPattern(std::move(text)); }

const PublicKey one = key_of(0x11).public_key();
const PublicKey two = key_of(0x22).public_key();

TEST_CASE("roots recognize exactly the names of a key's patterns") {
  const auto roots = memory_roots();
  CHECK(v23::security::UnrecognizedRoot.matches(roots->recognized(one, "a").error()));
  REQUIRE(roots->add(one, pattern("a")));
  REQUIRE(roots->add(one, pattern("a")));
  REQUIRE(roots->add(one, pattern("b:$")));
  REQUIRE(roots->add(two, pattern("a")));
  for (const auto* name : {"a", "a:x", "b"}) CHECK(roots->recognized(one, name));
  for (const auto* name : {"b:x", "c", "", "ab"}) {
    CHECK(v23::security::UnrecognizedRoot.matches(roots->recognized(one, name).error()));
  }
  CHECK_FALSE(roots->recognized(two, "b"));
  CHECK_FALSE(roots->recognized(key_of(0x33).public_key(), "a"));
  CHECK_FALSE(roots->recognized(PublicKey(), "a"));

  const auto dump = roots->dump();
  REQUIRE(dump.size() == 2);
  CHECK(dump.at(pattern("a")).size() == 2);
  CHECK(dump.at(pattern("b:$")) == std::vector<PublicKey>{one});
}

TEST_CASE("[A-20] no key becomes a root for all names, nor for a pattern that matches none") {
  const auto roots = memory_roots();
  for (const auto* bad : {"...", "$", "", "a:", ":a", "a::b", "a:...", "a/b"}) {
    CAPTURE(bad);
    CHECK(verror::BadArg.matches(roots->add(one, pattern(bad)).error()));
    CHECK(verror::BadArg.matches(combined_roots({roots})->add(one, pattern(bad)).error()));
  }
  CHECK_FALSE(roots->add(PublicKey(), pattern("a")));
  CHECK(roots->dump().empty());
  CHECK_FALSE(roots->recognized(one, "a"));
}

TEST_CASE("combined roots recognize what any part does and add to the first; fixed ones cannot be changed") {
  const auto first = memory_roots(), second = memory_roots();
  second->add(two, pattern("b")).value();
  second->add(one, pattern("a")).value();
  const auto both = combined_roots({first, second});
  REQUIRE(both->add(one, pattern("a")));
  CHECK(first->recognized(one, "a"));
  CHECK(both->recognized(two, "b"));
  CHECK_FALSE(both->recognized(two, "a"));
  CHECK(both->dump().at(pattern("a")).size() == 1);
  CHECK(both->dump().size() == 2);
  CHECK_FALSE(combined_roots({})->recognized(one, "a"));
  CHECK_FALSE(combined_roots({})->add(one, pattern("a")));

  const auto fixed = fixed_roots(second);
  CHECK(fixed->recognized(two, "b"));
  CHECK_FALSE(fixed->add(one, pattern("c")));
  CHECK_FALSE(second->recognized(one, "c"));
  CHECK(fixed->dump().size() == 2);
}

}  // namespace
}  // namespace nb
