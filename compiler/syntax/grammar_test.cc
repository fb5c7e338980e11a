// Every row of Appendix C of docs/spec/vdl-language.md that parsing decides, and more of the same kind.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "syntax/parse.h"

namespace vdlc {
namespace {

std::string ids(const std::string& text, bool is_config = false) {
  Sources sources;
  Diagnostics diagnostics;
  const SourceFile& source = sources.file(sources.add("a.vdl", "a", text));
  const bool parsed = (is_config ? parse_config(source, diagnostics) : parse(source, diagnostics)).has_value();
  CHECK(parsed != diagnostics.failed());
  std::string result;
  for (const Diagnostic* diagnostic : diagnostics.sorted())
    result += (result.empty() ? "" : " ") + std::string(diagnostic->id);
  return result;
}

void accept(const std::vector<std::string>& bodies) {
  for (const std::string& body : bodies) {
    CAPTURE(body);
    CHECK(ids("package a\n" + body + "\n").empty());
  }
}

// Each has exactly one mistake.
void reject(const std::string& id, const std::vector<std::string>& bodies) {
  for (const std::string& body : bodies) {
    CAPTURE(body);
    CHECK(ids("package a\n" + body + "\n") == id);
  }
}

std::string in_interface(const std::string& item) { return "type A interface {\n" + item + "\n}"; }

}  // namespace

TEST_CASE("package clauses") {
  for (const char* good : {"package a", "package a;", "package a\n", "// doc\npackage a", "/* x */ package a"})
    CHECK(ids(good).empty());
  for (const char* bad :
       {"", "type A bool", "import \"x\"", "pakage a\ntype A bool", "// only a comment", "a", "\n\n;"}) {
    CAPTURE(std::string(bad));
    CHECK(ids(bad) == (std::string(bad) == "\n\n;" ? "SY1 SY2" : "SY2"));
  }
  for (const char* bad : {"package", "package a.b", "package \"a\"", "package type", "package a b",
                          "package a\npackage b", "/* */ package /*\n*/"}) {
    CAPTURE(std::string(bad));
    CHECK(ids(bad) == "SY1");
  }
}

TEST_CASE("imports") {
  accept({"import ()", "import \"a\"", "import b \"a\"", "import _ \"a\"", "import (\"a\"; b \"c\";)",
          "import (\n\"a\"\nb \"c\"\n)\nimport `d`"});
  reject("SY1", {"import a", "import \"a\" \"b\"", "import (\"a\", \"b\")", "import (\n\"a\"", "import \"a\".b",
                 "import a.b \"c\"", "type A bool\nimport \"x\"", "import"});
}

TEST_CASE("definitions in groups") {
  accept({"type ()", "error ()", "const ()", "type (A bool)", "type (A bool;)", "const (A = 1; B = 2)",
          "error (E(); F() {NoRetry})"});
  reject("SY1", {"type (A interface{})", "type (A bool B bool)", "type (A bool, B bool)", "const (A = 1, B = 2)",
                 "type", "type A", "type (A bool", "type 1 bool", "type error bool"});
}

TEST_CASE("what does not belong between definitions") {
  reject("SY1", {"func F() {}", "interface A {}", "A", "1", "\"x\"", "}", "package b", "var x = 1", "struct A {}",
                 "type A bool }"});
}

TEST_CASE("a comma behind the type of a field") {
  accept({"type A struct { B, C int32 }", "type A struct { B,\nC int32 }"});
  reject("SY1", {"type A struct { B int32, }", "type A struct {\nB int32,\n}", "type A union {B int32, }"});
}

TEST_CASE("types") {
  accept({"type A bool",
          "type A a.B",
          "type A \"p\".B",
          "type A \"p\".B.C",
          "type A error",
          "type A typeobject",
          "type A [0x2]bool",
          "type A [3]bool",
          "type A []bool",
          "type A set[float64]",
          "type A map[string]?B",
          "type A ?B",
          "type A ??B",
          "type A struct{}",
          "type A struct{X,Y int32}",
          "type A struct{X int32; Y bool;}",
          "type A struct {\nX int32\nY, Z []map[string]bool\n}",
          "type A struct{error int32; typeobject bool}",
          "type A union{}",
          "type A union{X int32}",
          "type A enum{X}",
          "type A enum{X;}",
          "type A enum{X;Y}",
          "type A enum {\nX\nY\n}",
          "type A [0]bool",
          "type A [99999999999999999999999]bool",
          "type A struct{X enum{Y}}",
          "type A uint8"});
  reject("SY1", {"type A [-1]bool",
                 "type A [1+1]bool",
                 "type A [N]bool",
                 "type A [2.0]bool",
                 "type A [\"x\"]bool",
                 "type A [(2)]bool",
                 "type A enum{}",
                 "type A enum{X,Y}",
                 "type A enum{X Y}",
                 "type A enum{X = 1}",
                 "type A enum{\"X\"}",
                 "type A struct{X int32,Y int32}",
                 "type A struct{X}",
                 "type A struct{X, Y}",
                 "type A struct{int32}",
                 "type A struct{X int32 Y int32}",
                 "type A struct{X int32 = 1}",
                 "type A struct{X int32 \"tag\"}",
                 "type A struct{X:int32}",
                 "type A struct {",
                 "type A struct",
                 "type A set[]",
                 "type A map[string]",
                 "type A map[string,bool]",
                 "type A []",
                 "type A [",
                 "type A ?",
                 "type A (bool)",
                 "type A = bool",
                 "type A bool bool",
                 "type A *B",
                 "type A 1",
                 "type A chan bool",
                 "type A struct{X interface{}}",
                 "type A []interface{}",
                 "type A a.",
                 "type A \"p\"",
                 "type A <int32>",
                 "type A struct{map bool}"});
}

TEST_CASE("constants") {
  accept({"const A = 1", "const A = \"x\"", "const A = true", "const FOO = 1"});
  reject("SY1", {"const A", "const A int32", "const A int32 = 1", "const A, B = 1", "const A = ", "const A = 1 2",
                 "const A int32(1)", "const = 1", "const A == 1", "const A := 1", "const A = iota +"});
}

TEST_CASE("expressions") {
  accept({"const A = -+!^1",
          "const A = (1)",
          "const A = ((1))",
          "const A = 1 &^ 2",
          "const A = a.b.c",
          "const A = \"p\".b",
          "const A = k[1]",
          "const A = k[i + 1]",
          "const A = a.k[1]",
          "const A = int32(1)",
          "const A = a.T(1)",
          "const A = []int32{1, 2}",
          "const A = []int32{1, 2,}",
          "const A = []int32{\n1,\n2,\n}",
          "const A = {}",
          "const A = {1: 2, \"x\": {3}}",
          "const A = map[string]bool{\"a\": true}",
          "const A = ?S{}",
          "const A = ?S(nil)",
          "const A = error{Id: \"x\"}",
          "const A = error(nil)",
          "const A = typeobject(int32)",
          "const A = typeobject(?S)",
          "const A = typeobject(error)",
          "const A = typeobject(typeobject)",
          "const A = typeobject(struct{})",
          "const A = typeobject{1}",
          "const A = set[bool]{true}",
          "const A = [2]int32{1}",
          "const A = struct{X int32}{1}",
          "const A = enum{X}(1)",
          "const A = S{(A): 1}",
          "const A = S{\"A\": 1}",
          "const A = B4(\"ab\")+B4(\"cd\")",
          "const A = -int8(-128)",
          "const A = 1 < 2 < 3",
          "const A = S{S.A: 1}",
          "const A = {{{{}}}}"});
  reject("SY1", {"const A = 1 +",         "const A = + ",        "const A = * 1",          "const A = (1",
                 "const A = 1)",          "const A = ()",        "const A = {1 2}",        "const A = {1, 2",
                 "const A = {\n1\n}",     "const A = {1,\n2\n}", "const A = {,}",          "const A = {1,,2}",
                 "const A = {:1}",        "const A = {1:}",      "const A = {1:2:3}",      "const A = int32()",
                 "const A = int32(1, 2)", "const A = k[]",       "const A = k[1][2]",      "const A = l[0].A",
                 "const A = l[0][0]",     "const A = f(x).y",    "const A = f(x)[0]",      "const A = (x)[0]",
                 "const A = (x).y",       "const A = \"x\"[0]",  "const A = typeobject()", "const A = typeobject(1)",
                 "const A = typeobject",  "const A = []int32",   "const A = error",        "const A = struct{}",
                 "const A = 1 ! 2",       "const A = 1 = 2",     "const A = a..b",         "const A = a ? b : c",
                 "const A = 1++",         "const A = [1, 2]",    "const A = {1; 2}"});
}

TEST_CASE("composite literals have neither selectors nor indices") {
  reject("SY5",
         {"const A = S{1}.B", "const A = {1}.B", "const A = []S{{1}}.B", "const A = -S{1}.B", "const A = a.S{1}.B"});
  reject("SY6", {"const A = []int32{1}[0]", "const A = {1}[0]", "const A = L{1}[0]", "const A = typeobject{1}[0]"});
}

TEST_CASE("errors") {
  accept({"error E()", "error E() {}", "error E() {NoRetry}", "error E() {noretry}",
          "error E() {\"en\":\"x\",\"en\":\"y\",\"\":\"\"}", "error E(a int32, b, c string) {NoRetry, \"en\": \"x\",}",
          "error E(int32)", "error E(\na int32,\n) {\nNoRetry,\n}", "error E() {NoRetry,RetryBackoff}",
          "error E(error error)"});
  reject("SY1", {"error E", "error E {NoRetry}", "error E() {\"en\":\"x\"\n}", "error E() {\"en\"}",
                 "error E() {\"en\" \"x\"}", "error E() {NoRetry RetryBackoff}", "error E() {1}", "error E() {a.b}",
                 "error E(\na int32\n)", "error E(a int32, string)", "error E() error", "error", "error E(",
                 "error E() {en: \"x\"}"});
}

TEST_CASE("interfaces") {
  accept({"type A interface{}", "type A interface{ M() error; }", "type A interface{ B; c.D; \"p\".E }",
          in_interface("M() error\nB\nN() error"), in_interface("M(a, b int32) (c string | error)"),
          in_interface("M() (error | error)"), in_interface("M(string, a int32) error"), in_interface("M(a, b) error"),
          in_interface("M(a int32,) (b int32, | error)"), in_interface("M(a _) error"),
          in_interface("M(_ int32) error"), in_interface("M(a int32) (a string | error)"),
          in_interface("M(error, typeobject int32) error"), in_interface("M(int32, []bool) (bool, ?S | error)"),
          in_interface("M(\na int32,\nb bool,\n) (\nc bool | error)")});
  reject("SY1", {in_interface("M() (error)"),
                 in_interface("M() ( | error)"),
                 in_interface("M() string"),
                 in_interface("M()"),
                 in_interface("M() (a string)"),
                 in_interface("M() (a string | string)"),
                 in_interface("M() (a string | )"),
                 in_interface("M() ()"),
                 in_interface("M(a int32, string) error"),
                 in_interface("M(a int32\n) error"),
                 in_interface("M(a int32 b int32) error"),
                 in_interface("M(\na int32\nb int32\n) error"),
                 in_interface("M() error error"),
                 in_interface("M() (a | error | b)"),
                 in_interface("a.M() error"),
                 in_interface("\"p\".M() error"),
                 in_interface("M() -> error"),
                 in_interface("func M() error"),
                 in_interface("M error"),
                 in_interface("M()\n  error"),
                 in_interface("M() error, N() error"),
                 in_interface("M(a: int32) error"),
                 "type A interface",
                 "type A interface {",
                 in_interface("  type B bool"),
                 in_interface("M(a int32 = 1) error")});
  reject("SY4",
         {in_interface("M([]a, []b []c) error"), in_interface("M(a.b c) error"), in_interface("M(\"p\".a c) error"),
          in_interface("M([]a b) error"), in_interface("M() (a, []b c | error)")});
  reject("SY4",
         {"type A struct{[]X int32}", "type A struct{a.b int32}", "type A struct{X, ?Y int32}", "error E([]a b)"});
}

TEST_CASE("streams") {
  accept({in_interface("M() stream<> error"), in_interface("M() stream<_> error"),
          in_interface("M() stream<_,_> error"), in_interface("M() stream<int32> error"),
          in_interface("M() stream<[]a.B, _> (n int32 | error)"),
          in_interface("M() stream<_, map[string]bool> error")});
  reject("SY1", {in_interface("M() stream<int32,> error"), in_interface("M() stream error"), in_interface("M() stream"),
                 in_interface("M() stream<a, b, c> error"), in_interface("M() stream<a b> error"),
                 in_interface("M() stream<a"), in_interface("M() stream<a>"), in_interface("M() stream<,a> error"),
                 in_interface("M() stream(a) error")});
}

TEST_CASE("tags") {
  accept({in_interface("M() error {}"), in_interface("M() error {\"a\"}"), in_interface("M() error {\"a\",}"),
          in_interface("M() error {\n\"a\",\nT{1},\n}"), in_interface("M() (a int32 | error) {1}")});
  reject("SY1", {in_interface("M() error\n{\"a\"}"), in_interface("M() error {\"a\"\n}"),
                 in_interface("M() error {a: 1}"), in_interface("M() error {,}"), in_interface("M() {\"a\"} error")});
}

TEST_CASE("config files") {
  for (const char* good : {"config = 1", "config = {a: 1}\n", "config = x\nimport \"a\"\nconst x = a.B{}",
                           "// doc\nconfig = {\n1,\n}\nconst (x = 1)"}) {
    CAPTURE(good);
    CHECK(ids(good, true).empty());
  }
  const auto rejected = [](const char* text, const char* id) {
    CAPTURE(std::string(text));
    CHECK(ids(text, true) == id);
  };
  for (const char* bad : {"", "const x = 1", "package a", "import \"x\"\nconfig = 1", "configuration = 1", "1"})
    rejected(bad, "SY3");
  for (const char* bad : {"config", "config =", "config 1", "config = 1 2", "config = 1\nconst x = 1\nimport \"a\""})
    rejected(bad, "SY1");
  for (const char* bad : {"config = 1\ntype A bool", "config = 1\ntype A interface{}", "config = 1\nerror E()"})
    rejected(bad, "SY7");
}

TEST_CASE("independent mistakes are each told once, without knock-on errors") {
  CHECK(ids("package a\ntype A struct {\n X =\n Y bool\n Z Z Z\n}\nconst B int32 = 1\ntype C enum {X, Y}\n") ==
        "SY1 SY1 SY1 SY1");
  CHECK(ids("package a\ntype A struct {\n X bool\n\ntype B bool\nconst C\nfunc D()\ntype E []\n") == "SY1 SY1 SY1 SY1");
  CHECK(ids("package a\ntype A interface {\n M() string\n N(\n O() error\n}\nerror P\n") == "SY1 SY1 SY1");
  CHECK(ids("package a\nconst (\n A = )\n B = 1\n C = {1\n}\n D\n)\n").size() >= 7);
}

}  // namespace vdlc
