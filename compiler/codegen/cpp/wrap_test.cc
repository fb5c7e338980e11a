#include "codegen/cpp/wrap.h"

#include <doctest/doctest.h>

namespace vdlc::cpp {
namespace {

const std::string kLong(40, 'x');

TEST_CASE("what fits stays on its line") {
  CHECK(wrap("f(a, b)", 80, 2) == "f(a, b)");
  CHECK(list_parts({"a", "b"}, 80, 4) == "a, b");
}

TEST_CASE("what does not fit comes one item a line, also inside") {
  CHECK(wrap("f(" + kLong + ", g(1, 2), " + kLong + ")", 40, 2) ==
        "f(\n      " + kLong + ",\n      g(1, 2),\n      " + kLong + ")");
  const std::string inner = "{" + kLong + ", " + kLong + ", " + kLong + "}";
  CHECK(wrap("f(a, " + inner + ")", 2, 2) ==
        "f(\n      a,\n      {\n          " + kLong + ",\n          " + kLong + ",\n          " + kLong + "})");
  CHECK(list_parts({kLong, kLong, "c"}, 30, 4) == kLong + ",\n    " + kLong + ",\n    c");
}

TEST_CASE("a single item that needs several lines breaks itself") {
  CHECK(wrap("f{{" + kLong + ", b}}", 70, 2) == "f{\n      {" + kLong + ", b}}");
  CHECK(wrap("f(std::vector<int>{" + kLong + ", " + kLong + ", c})", 30, 2) ==
        "f(std::vector<int>{\n      " + kLong + ",\n      " + kLong + ",\n      c})");
}

TEST_CASE("commas of literals and template arguments are no ends of items") {
  const std::string literal = "\"(, \\\" {" + kLong + "\"";
  CHECK(wrap("f(" + literal + ", M<a, b>(), " + kLong + ")", 40, 2) ==
        "f(\n      " + literal + ",\n      M<a, b>(),\n      " + kLong + ")");
  CHECK(wrap(literal + literal + literal, 2, 2) == literal + literal + literal);
}

}  // namespace
}  // namespace vdlc::cpp
