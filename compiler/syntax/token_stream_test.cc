#include "syntax/parse.h"

#include <doctest/doctest.h>

#include <string>

namespace vdlc {
namespace {

// The diagnostics of a file as "id line:column", in order.
std::string mistakes(const std::string& text) {
  Sources sources;
  Diagnostics diagnostics;
  parse(sources.file(sources.add("a.vdl", "a", text)), diagnostics);
  std::string result;
  for (const Diagnostic* diagnostic : diagnostics.sorted()) {
    const LineColumn at = sources.position(diagnostic->span->file, diagnostic->span->begin);
    result += (result.empty() ? "" : ", ") + std::string(diagnostic->id) + " " + std::to_string(at.line) + ":" +
              std::to_string(at.column);
  }
  return result;
}

std::string mistakes_in_body(const std::string& body) { return mistakes("package a\n" + body); }

}  // namespace

TEST_CASE("white space is tab, carriage return and space, and nothing else") {
  CHECK(mistakes("package\ta\r\n\r\n type A bool\r\n").empty());
  CHECK(mistakes_in_body("type A\fbool") == "LX1 2:7");
  CHECK(mistakes_in_body("type A\vbool") == "LX1 2:7");
}

TEST_CASE("a byte order mark is accepted at the very start only") {
  CHECK(mistakes("\xEF\xBB\xBFpackage a").empty());
  CHECK(mistakes("package a\n\xEF\xBB\xBF type A bool") == "LX1 2:1");
  CHECK(mistakes("\xEF\xBB\xBF\xEF\xBB\xBFpackage a") == "LX1 1:1");
}

TEST_CASE("bytes that are not UTF-8, and NUL, are errors wherever they stand") {
  CHECK(mistakes_in_body("// a\xFF") == "LX8 2:5");
  CHECK(mistakes_in_body("const A = \"\xC3(\"") == "LX8 2:12");
  CHECK(mistakes_in_body("const A = \"\xED\xA0\x80\"") == "LX8 2:12");  // a surrogate
  CHECK(mistakes_in_body("const A = \"\xC0\x80\"") == "LX8 2:12");      // overlong
  CHECK(mistakes_in_body("const A = \"\xF4\x90\x80\x80\"") == "LX8 2:12");
  CHECK(mistakes(std::string("package a\n\0", 11)) == "LX9 2:1");
}

TEST_CASE("a newline ends a definition behind names, literals, closing brackets and everything that starts with >") {
  CHECK(mistakes_in_body("type A bool\ntype B []C\ntype C error\ntype D struct{}\nconst E = \"x\"\nconst F = "
                         "`x`\nconst G = 1\nconst H = 1.5\nconst I = (x)\nconst J = a[1]")
            .empty());
  CHECK(mistakes_in_body("const A = int32(1 <<\n2)\nconst B = true ||\nfalse\nconst C = 1 +\n2").empty());
  CHECK(mistakes_in_body("const A = int32(1 >>\n2)") == "SY1 2:21");
  CHECK(mistakes_in_body("const A = 1 >=\n2") == "SY1 2:15");
  CHECK(mistakes_in_body("const A = 1 >\n2") == "SY1 2:14");
  CHECK(mistakes_in_body("type A interface {\nM() stream<int32>\n  error\n}") == "SY1 3:18");
}

TEST_CASE("the end of the file ends a definition too") {
  CHECK(mistakes("package a").empty());
  CHECK(mistakes("package a; type A bool").empty());
  CHECK(mistakes("package") == "SY1 1:8");
}

TEST_CASE("a general comment never ends a line, a line comment always does") {
  CHECK(mistakes_in_body("type A bool /*x\n*/\ntype B bool").empty());
  CHECK(mistakes_in_body("type A bool /*x\n*/ type B bool") == "SY1 3:4");
  CHECK(mistakes_in_body("type A bool // x\ntype B bool").empty());
}

TEST_CASE("a semicolon may be left out before a closing bracket, and never doubled") {
  CHECK(mistakes_in_body(
            "type (A bool; B bool;)\ntype S struct{ X bool; }\ntype E enum{X;}\ntype I interface{ M() error; }")
            .empty());
  CHECK(mistakes_in_body("type (A bool; B bool;;)") == "SY1 2:22");
  CHECK(mistakes_in_body("type A bool;;") == "SY1 2:13");
  CHECK(mistakes_in_body(";type A bool") == "SY1 2:1");
  CHECK(mistakes_in_body("type S struct{ X bool; ; Y bool }") == "SY1 2:24");
}

TEST_CASE("characters outside the language are told once, without knock-on errors") {
  CHECK(mistakes_in_body("type A bool @") == "LX1 2:13");
  CHECK(mistakes_in_body("const A = @@@ 1\nconst B = $ + 1\n") == "LX1 2:11, LX1 3:11");
  CHECK(mistakes_in_body("# comment of another language\ntype A bool # again\ntype B bool") == "LX1 2:1, LX1 3:13");
  CHECK(mistakes_in_body("const A = 'x'\nconst B = '") == "LX1 2:11, LX1 3:11");
  CHECK(mistakes_in_body("type A struct {\n X ~bool\n Y =\n}\ntype B =") == "LX1 3:4, SY1 4:4, SY1 6:9");
}

TEST_CASE("literals without end") {
  CHECK(mistakes_in_body("const A = \"abc\nconst B = \"d\"\nconst C = \"\\\"\n") == "LX2 2:11, LX2 4:11");
  CHECK(mistakes_in_body("const A = `abc\nconst B = 1\n") == "LX2 2:11");
  CHECK(mistakes_in_body("type A bool\n/* open\n") == "LX3 3:1");
  CHECK(mistakes_in_body("const A = \"\\") == "LX2 2:11");
  CHECK(mistakes_in_body("const A = string(\"abc)\nconst B = \"x\"\ntype C =\n") == "LX2 2:18, SY1 5:1");
}

TEST_CASE("escapes") {
  CHECK(mistakes_in_body(R"(const A = "\a\b\f\n\r\t\v\\\"\101\377\xfF\u00e9\U0010FFFF")").empty());
  CHECK(mistakes_in_body(R"(const A = "\'")") == "LX4 2:12");
  CHECK(mistakes_in_body(R"(const A = "ab\q\é")") == "LX4 2:14, LX4 2:16");
  CHECK(mistakes_in_body(R"(const A = "\1" + "\x4" + "\u12" + "\U1234567")") ==
        "LX4 2:12, LX4 2:19, LX4 2:27, LX4 2:36");
  CHECK(mistakes_in_body(R"(const A = "\400" + "\ud800" + "\U00110000")") == "LX5 2:12, LX5 2:21, LX5 2:32");
}

TEST_CASE("integers") {
  CHECK(mistakes_in_body("const A = 0 + 7 + 017 + 0x1F + 0XfF + 0b10 + 0B1 + 0o17 + 0O7 + 1_000 + 0x_1 + 0_7").empty());
  for (const char* bad : {"08", "1__0", "1_", "0x", "0b12", "0b2", "0o8", "0x1_", "0b_", "09", "0__7"}) {
    CAPTURE(bad);
    CHECK(mistakes_in_body(std::string("const A = ") + bad) == "LX6 2:11");
  }
  CHECK(mistakes_in_body("const A = 1i") == "SY1 2:12");
}

TEST_CASE("rationals") {
  CHECK(
      mistakes_in_body("const A = .5 + 1. + 1e3 + 1E+3 + 1.5e-3 + 08.5 + 0x1.8p1 + 0x1p-2 + 0X.8P1 + 1_0.5_0").empty());
  for (const char* bad :
       {"0x1.8", "1e", "1e+", "1p3", "0b1.0", "0b1e3", "1_.5", "1._5", "1.5e1__0", "0x.p1", "1__0.5"}) {
    CAPTURE(bad);
    CHECK(mistakes_in_body(std::string("const A = ") + bad) == "LX7 2:11");
  }
}

TEST_CASE("imports are found without parsing, up to the first definition") {
  Sources sources;
  const auto imports = scan_imports(sources.file(
      sources.add("a.vdl", "a", "package a\nimport \"x\"\nimport (\n y \"p/y\"; `z`\n)\ntype A @\nimport \"no\"\n")));
  REQUIRE(imports.size() == 3);
  CHECK(imports[0].path.value == "x");
  CHECK(!imports[0].alias);
  CHECK(imports[1].path.value == "p/y");
  CHECK(imports[1].alias->text == "y");
  CHECK(imports[2].path.value == "z");
  CHECK(scan_imports(sources.file(sources.add("b.vdl", "a", "\xFF"))).empty());
}

}  // namespace vdlc
