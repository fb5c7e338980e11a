// Inputs made to hurt: each ends in bounded time with a diagnostic or a model.
#include <doctest/doctest.h>

#include <functional>
#include <string>

#include "check/testing.h"

namespace vdlc {
namespace {

using testing::ids_of;

std::string lines(int count, const std::function<std::string(int)>& line) {
  std::string text;
  for (int i = 0; i < count; ++i) text += line(i) + '\n';
  return text;
}
std::string n(int i) { return std::to_string(i); }

}  // namespace

TEST_CASE("long chains of definitions") {
  CHECK(ids_of(lines(20000, [](int i) { return "const a" + n(i) + " = a" + n(i + 1); }) + "const a20000 = true") == "");
  CHECK(ids_of(lines(20000, [](int i) { return "const a" + n(i) + " = a" + n(i + 1); }) + "const a20000 = a0") ==
        "CO8");
  CHECK(ids_of(lines(20000, [](int i) { return "type A" + n(i) + " A" + n(i + 1); }) + "type A20000 A0") == "TY15");
  CHECK(ids_of(lines(20000, [](int i) { return "type A" + n(i) + " struct{X A" + n(i + 1) + "}"; }) +
               "type A20000 A0") == "TY14");
  CHECK(ids_of(lines(20000, [](int i) { return "type A" + n(i) + " []A" + n(i + 1); }) + "type A20000 bool") == "LM15");
  CHECK(ids_of(lines(20000, [](int i) { return "type A" + n(i) + " interface{A" + n(i + 1) + "}"; }) +
               "type A20000 interface{}") == "");
}

TEST_CASE("values that double") {
  CHECK(ids_of(lines(40, [](int i) { return "const a" + n(i) + " = []any{a" + n(i + 1) + ", a" + n(i + 1) + "}"; }) +
               "const a40 = \"x\"") == "LM11");
  CHECK(ids_of(lines(60, [](int i) { return "const a" + n(i) + " = a" + n(i + 1) + " + a" + n(i + 1); }) +
               "const a60 = \"xxxxxxxx\"") == "LM11");
  CHECK(ids_of(lines(60, [](int i) { return "type A" + n(i) + " struct{X, Y A" + n(i + 1) + "}"; }) +
               "type A60 struct{}\nconst k = A30{}") == "LM16");
  CHECK(ids_of("type A [1000]B\ntype B [1000]C\ntype C [20]bool\nconst k = []A{{}}") == "LM11");
  CHECK(ids_of("type A [10000]B\ntype B [1000]bool\ntype S struct{X bool;Y A}\ntype T struct{X bool}\nconst k = "
               "[]S([]T{{},{}})") == "LM11");
}

TEST_CASE("large numbers") {
  CHECK(ids_of("const a = 1 == 1e1000000000") == "LM10");
  CHECK(ids_of("const a = int32(" + std::string(500000, '9') + ")") == "LM10");
  CHECK(ids_of("const a = []bool{9223372036854775807: true}") == "LM13");
  CHECK(ids_of("const a = []bool{1048575: true}") == "");
  std::string product = "1e4000";
  for (int i = 0; i < 200; ++i) product += " * 1e4000";
  CHECK(ids_of("const a = 0 == " + product) == "LM10");
}

TEST_CASE("wide definitions") {
  CHECK(ids_of("type A struct{\n" + lines(20000, [](int i) { return "F" + n(i) + " bool"; }) + "}\nconst k = A{}") ==
        "");
  CHECK(ids_of("type A enum{\n" + lines(20000, [](int i) { return "L" + n(i); }) + "}\nconst k = A.L19999") == "");
  CHECK(ids_of("const k = set[int32]{\n" + lines(20000, [](int i) { return n(i) + ","; }) + "}") == "");
}

}  // namespace vdlc
