#include "check/formats.h"

#include <doctest/doctest.h>

#include "check/testing.h"

namespace vdlc {
namespace {

std::string verdict(const std::string& format) {
  return testing::ids_of("error E(name string, count int32) {\"en\": `" + format + "`}");
}

}  // namespace

TEST_CASE("placeholders name parameters") {
  for (const char* format : {"", "plain", "{name}", "{:name}{count:}", "{:name:}", "{_}{:_}", "{1:}{2:} {3}",
                             "{no name}", "{}", "{name}}{"}) {
    CAPTURE(format);
    const std::string ids = verdict(format);
    CHECK(ids.find("ER6") == std::string::npos);
  }
  for (const char* format : {"{nmae}", "x {:other} y", "{name}{Name}"}) {
    CAPTURE(format);
    CHECK(verdict(format) == "ER6");
  }
  CHECK(verdict("{one}{two}") == "ER6 ER6");
}

TEST_CASE("a brace without its partner is a warning") {
  for (const char* format : {"{", "}", "a {name", "{name}}", "{{name}}"}) {
    CAPTURE(format);
    CHECK(verdict(format) == "(ER7)");
  }
}

}  // namespace vdlc
