#include "syntax/nesting.h"

#include <doctest/doctest.h>

#include <chrono>

#include "syntax/parse.h"

namespace vdlc {
namespace {

constexpr std::size_t kDeep = 100'000;

std::string times(std::size_t count, std::string_view text) {
  std::string result;
  result.reserve(count * text.size());
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

struct Outcome {
  std::vector<std::string> ids;
  double seconds;
};

Outcome parse_text(const std::string& text) {
  Sources sources;
  Diagnostics diagnostics;
  const auto start = std::chrono::steady_clock::now();
  const auto file = parse(sources.file(sources.add("a.vdl", "a", text)), diagnostics);
  Outcome outcome{{}, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()};
  for (const Diagnostic* diagnostic : diagnostics.sorted()) {
    CHECK(diagnostic->span.has_value());
    outcome.ids.emplace_back(diagnostic->id);
  }
  CHECK(file.has_value() == outcome.ids.empty());
  return outcome;
}

const std::vector<std::string> kNested{"LM1"};

}  // namespace

TEST_CASE("a hundred thousand nested brackets, types or operators are one located error") {
  const std::string inputs[] = {
      "const A = " + times(kDeep, "("),
      "const A = " + times(kDeep, "(") + "1" + times(kDeep, ")"),
      "const A = " + times(kDeep, "{") + times(kDeep, "}"),
      "const A = " + times(kDeep, "[]"),
      "const A = " + times(kDeep, "a[") + "1" + times(kDeep, "]"),
      "const A = " + times(kDeep, "int32(") + "1" + times(kDeep, ")"),
      "const A = " + times(kDeep, "-") + "1",
      "const A = " + times(kDeep, "!^+-") + "1",
      "const A = " + times(kDeep, "-(") + "1" + times(kDeep, ")"),
      "type A " + times(kDeep, "[]") + "bool",
      "type A " + times(kDeep, "[3]") + "bool",
      "type A " + times(kDeep, "?") + "bool",
      "type A " + times(kDeep, "set[") + "bool" + times(kDeep, "]"),
      "type A " + times(kDeep, "map[bool]") + "bool",
      "type A " + times(kDeep, "map[") + "bool" + times(kDeep, "]bool"),
      "type A " + times(kDeep, "struct{ A ") + "bool" + times(kDeep, "}"),
      "type A " + times(kDeep, "union{ A []?"),
      "type A interface { M(" + times(kDeep, "[]") + "bool) error }",
      "const A = typeobject(" + times(kDeep, "[]") + "bool)",
  };
  for (const std::string& input : inputs) {
    CAPTURE(input.substr(0, 40));
    const Outcome outcome = parse_text("package a\n" + input + "\n");
    CHECK(outcome.ids == kNested);
    CHECK(outcome.seconds < 20);  // seconds even under a sanitizer; the point is that it is not quadratic
  }
}

TEST_CASE("a hundred thousand binary operators are one located error") {
  for (const char* op : {" + a", " && a", " * (a)", " - -a", " == a", " + a * a"}) {
    CAPTURE(op);
    CHECK(parse_text("package a\nconst A = a" + times(kDeep, op) + "\n").ids == std::vector<std::string>{"LM2"});
  }
}

TEST_CASE("a hundred thousand things beside each other are fine") {
  CHECK(parse_text("package a\nconst A = []int32{" + times(kDeep, "1,") + "}\n").ids.empty());
  CHECK(parse_text("package a\n" + times(kDeep, "type A []map[string]?B\n")).ids.empty());
  CHECK(parse_text("package a\nconst A = {" + times(kDeep / 10, "{(-1)}, a[1], []int32{}, ") + "}\n").ids.empty());
}

TEST_CASE("what people write is far from the limits") {
  CHECK(parse_text("package a\nconst A = a" + times(900, " + a") + "\n").ids.empty());
  CHECK(parse_text("package a\nconst A = " + times(200, "(") + "1" + times(200, ")") + "\n").ids.empty());
  CHECK(parse_text("package a\ntype A " + times(200, "[]") + "bool\n").ids.empty());
}

TEST_CASE("brackets without end, closing brackets without start and other noise end quickly") {
  const std::string inputs[] = {
      times(kDeep, ")"),
      times(kDeep, "}"),
      times(kDeep, "]"),
      times(kDeep, "type "),
      times(kDeep, "type A {"),
      times(kDeep, "type A struct {\n"),
      times(kDeep, "const A = (\n"),
      times(kDeep, "@"),
      times(kDeep, "@ "),
      times(kDeep, "\"\n"),
      times(kDeep, ";"),
      times(kDeep, ","),
      times(kDeep, "#\n"),
      times(kDeep, "const A = ,\n"),
      "/*" + times(kDeep, "*"),
      times(kDeep, "error E {\n"),
      times(kDeep, "type A interface { M(\n"),
      times(kDeep, "(]"),
  };
  for (const std::string& input : inputs) {
    CAPTURE(input.substr(0, 40));
    const Outcome outcome = parse_text("package a\n" + input + "\n");
    CHECK(!outcome.ids.empty());
    CHECK(outcome.seconds < 60);
  }
}

}  // namespace vdlc
