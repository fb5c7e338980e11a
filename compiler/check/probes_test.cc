// The probes of docs/spec/vdl-language.md, Appendix C, row by row in its order: what is accepted, with the value where
// one is shown, and what is rejected, with the class. Rows about configs, go.mod and packages are tested in load and
// config_test.cc.
#include <doctest/doctest.h>

#include <string>

#include "check/testing.h"

namespace vdlc {
namespace {

using testing::ids_of;

// The types that Appendix C takes for granted.
const std::string kTypes = R"(
type E enum{X;Y}
type F enum{X;Z}
type S struct{A int32;B string}
type U union{A int32;B string}
type Arr [2]int32
type B4 [4]byte
type Str string
type I32 int32
type Bool bool
)";

std::string verdict(const std::string& body) { return ids_of(body + kTypes); }

void accept(const std::string& body) {
  CAPTURE(body);
  CHECK(ids_of(body) == "");
}
void reject(const std::string& id, const std::string& body) {
  CAPTURE(body);
  CHECK(ids_of(body) == id);
}
void accept_expr(const std::string& expr, const std::string& more = "") {
  CAPTURE(expr);
  CHECK(verdict("const A = " + expr + "\n" + more) == "");
}
void reject_expr(const std::string& id, const std::string& expr, const std::string& more = "") {
  CAPTURE(expr);
  CHECK(verdict("const A = " + expr + "\n" + more) == id);
}
// The expression is a boolean that is true.
void holds(const std::string& expr, const std::string& more = "") {
  CAPTURE(expr);
  const std::string value = testing::value_of("const A = " + expr + "\n" + more + kTypes);
  CHECK_MESSAGE(value == "true", value);
}
void method(const std::string& id, const std::string& text) {
  CAPTURE(text);
  CHECK(ids_of("type I interface{\n" + text + "\n}") == id);
}

}  // namespace

TEST_CASE("semicolons and comments") {
  accept("type A bool /*x\n*/\ntype B bool");
  reject("SY1", "type A bool /*x\n*/ type B bool");
  holds("int32(1 <<\n2) == 4");
  reject_expr("SY1", "int32(1 >>\n2)");
  holds("true ||\nfalse");
  reject_expr("SY1", "1 >=\n2");
  accept("type (A bool; B bool;)");
  reject("SY1", "type (A bool; B bool;;)");
  reject("SY1", "type A bool;;");
  accept("type ()\nerror ()");
  accept("type A interface{ M() error; }");
  reject("SY1", "type (A interface{})");
}

TEST_CASE("methods") {
  for (const char* text : {"M() (error)", "M() ( | error)", "M() string", "M(a int32, string) error"})
    method("SY1", text);
  method("", "M() (error | error)");
  method("", "M(string, a int32) error");
  method("IF2 IF2", "M(int32, bool) error");
  method("", "M(a int32,) (b int32, | error)");
  CHECK(ids_of("type I interface{ M([]a, []b []c) error }").find("SY4") == 0);
  for (const char* stream : {"stream<>", "stream<_>", "stream<_,_>"})
    method("", "M() " + std::string(stream) + " error");
  method("SY1", "M() stream<int32,> error");
  method("SY1", "M() stream error");
  method("TY1", "M(a _) error");
  method("", "M() error {\"a\",}");
  method("SY1", "M() error\n{\"a\"}");
  method("CO1", "M() error {1}");
  method("", "M(a int32) (a string | error)");
  method("IF4", "M(a int32, a string) error");
  method("", "M(a int32, A string) error");
  method("IF5", "M(_ int32) error");
  method("IF5", "M(func int32) error");
}

TEST_CASE("streams that carry nothing leave no stream") {
  testing::World world;
  CHECK(world.add("a", {"package a\ntype I interface{ M() stream<_,_> error\nN() stream<_,int32> error\nO() "
                        "stream<bool> error }"}) == "");
  const auto& methods = world.last()->find_interface("I")->methods;
  CHECK(!methods[0].in_stream);
  CHECK(!methods[0].out_stream);
  CHECK(!methods[1].in_stream);
  CHECK(methods[1].out_stream->type == nb::Type::int32());
  CHECK(methods[2].in_stream->type == nb::Type::boolean());
  CHECK(!methods[2].out_stream);
}

TEST_CASE("types") {
  accept("type A [0x2]bool");
  for (const char* text : {"[-1]bool", "[1+1]bool", "[N]bool", "[2.0]bool"})
    reject("SY1", "type A " + std::string(text));
  reject("TY9", "type A [0]bool");
  accept("type A enum{X;}");
  reject("SY1", "type A enum{}");
  reject("SY1", "type A enum{X,Y}");
  reject("NM4", "type A enum{x}");
  accept("type A struct{}");
  accept("type A struct{X,Y int32}");
  accept("type A struct{Foo int32;FoO bool}");
  reject("SY1", "type A struct{X int32,Y int32}");
  reject("TY11", "type A struct{X int32;X bool}");
  reject("TY10", "type A union{}");
  accept("error E()");
  CHECK(ids_of("error E() {noretry}") == "(ER10)");
  CHECK(ids_of(R"(error E() {"en":"x","en":"y","":""})") == "(ER8) (ER9)");
  reject("SY1", "error E");
  reject("SY1", "error E() {\"en\":\"x\"\n}");
  reject("ER5", "error E() {NoRetry,RetryBackoff}");
  for (const char* text : {"struct{X ?A}", "[]A", "map[string]A"}) accept("type A " + std::string(text));
  for (const char* text : {"struct{X A}", "union{X A;Y int32}", "[2]A"}) reject("TY14", "type A " + std::string(text));
  reject("TY12", "type A set[A]");
  reject("TY15", "type A A");
  accept("type A B;type B C;type C []A");
  reject("TY13", "type A []?A");
}

TEST_CASE("type objects") {
  accept_expr("typeobject(?S)");
  accept_expr("typeobject(error)");
  holds("typeobject(int32) == typeobject(int32)");
  reject_expr("TY1", "typeobject(Undef)");
  reject_expr("TY3", "typeobject(struct{})");
  reject_expr("TY3", "typeobject([2]bool)");
  reject_expr("CO3", "[]typeobject{int32}");
  reject_expr("SY1", "typeobject(1)");
  reject_expr("SY1", "typeobject()");
}

TEST_CASE("keys and optionals") {
  for (const char* key : {"float64", "S", "U", "Arr", "E"}) {
    CAPTURE(key);
    CHECK(verdict("type A set[" + std::string(key) + "]") == "");
    CHECK(verdict("type A map[" + std::string(key) + "]bool") == "");
    CHECK(verdict("type A struct{X set[" + std::string(key) + "]}") == "");
  }
  for (const char* key :
       {"any", "typeobject", "error", "[]int8", "[]byte", "set[bool]", "map[string]string", "?S", "L"}) {
    CAPTURE(key);
    const std::string list = "\ntype L struct{X []int32}\n";
    CHECK(verdict("type A set[" + std::string(key) + "]" + list) == "TY12");
    CHECK(verdict("type A struct{X map[" + std::string(key) + "]bool}" + list) == "TY12");
    CHECK(verdict("type I interface{ M(a []set[" + std::string(key) + "]) error }" + list) == "TY12");
    CHECK(verdict("const A = typeobject(set[" + std::string(key) + "])" + list) == "TY12");
  }
  CHECK(verdict("type A []?S") == "");
  CHECK(verdict("type A []?N\ntype N S") == "");
  for (const char* elem : {"int32", "E", "U", "Arr", "any", "error", "?S"}) {
    CAPTURE(elem);
    CHECK(verdict("type A []?" + std::string(elem)) == "TY13");
  }
  CHECK(verdict("type A ?S") == "TY4");
  accept("type T []error");
  reject("TY6", "type T error");
  reject("TY5", "type T any");
  reject("TY5", "type T typeobject");
  reject("TY1", "type T uint8");
}

TEST_CASE("names") {
  accept("type Class bool");
  accept("type A struct{Func bool}");
  accept("type delete bool");
  reject("NM2", "type class bool");
  reject("NM2", "type A struct{Class bool}");
  reject("NM2", "type A struct{New bool}");
  accept("const FOO = true");
  accept("type ABc bool");
  accept("type IDs bool");
  reject("NM3", "type FOO bool");
  reject("NM3", "type XY1 bool");
  reject("NM3", "type A struct{ID string}");
  reject("NM3", "type HTTPServer bool");
}

TEST_CASE("imports") {
  const std::string time = "package time\ntype Duration struct{Seconds int64}";
  const auto in_world = [&](const std::vector<std::string>& files) {
    testing::World world;
    CHECK(world.add("time", {time}) == "");
    return world.add("a", files);
  };
  const std::string uses_time = "package a\nimport \"time\"\ntype X time.Duration";
  CHECK(in_world({uses_time, "package a\ntype time bool"}) == "");
  CHECK(in_world({uses_time + "\ntype time bool"}) == "NM5");
  CHECK(in_world({"package a\ntype Foo bool", "package a\nconst foo = true"}) == "NM6");
  CHECK(in_world({"package a\nimport t \"time\"\nimport u \"time\"\ntype A t.Duration\ntype B u.Duration"}) == "");
  CHECK(in_world({"package a\nimport _ \"time\""}) == "IM6");
  CHECK(in_world({"package a\nimport t \"time\"\nimport t \"time\"\ntype A t.Duration"}) == "IM5");
  CHECK(in_world({"package a\nimport \"nowhere\"\ntype A nowhere.B\nconst C = nowhere.D"}) == "IM4");

  testing::World world;
  CHECK(world.add("x/b", {"package other\ntype T bool"}) == "");
  CHECK(world.add("c", {"package c\nimport \"x/b\"\ntype A b.T"}) == "");
  CHECK(world.add("d", {"package d\nimport \"x/b\"\ntype A other.T"}) == "TY1");
}

TEST_CASE("export rules") {
  accept("type t bool\ntype I interface{ M() error {t(true)} }");
  accept("type j interface{}\ntype I interface{ j }");
  reject("CO9", "type t bool\nconst A = t(true)");
  reject("TY8", "type t bool\ntype i interface{ M(a t) error }");
  accept("type A interface{}\ntype B interface{A}\ntype C interface{A}\ntype D interface{B;C}");
  reject("IF9", "type A interface{ M() error }\ntype B interface{A}\ntype C interface{A}\ntype D interface{B;C}");
}

TEST_CASE("untyped values") {
  for (const char* expr : {"\"x\"", "true", "nil", "any(\"x\")"}) accept_expr(expr);
  for (const char* expr : {"1", "1.5", "any(1)", "[]any{1}"}) reject_expr("CO1", expr);
  holds("int32(1.0) == 1");
  holds("int32(1e3) == 1000");
  holds("int32(float32(1)) == 1");
  for (const char* expr : {"int32(1.5)", "byte(256)", "byte(^1)"}) reject_expr("CO31", expr);
  holds("int32(7/2) == 3");
  holds("int32(-7/2) == -3");
  holds("int32(-7%3) == -1");
  reject_expr("CO31", "int32(7.0/2)");
  reject_expr("CO38", "1/0");
  reject_expr("CO38", "1.0/0.0");
}

TEST_CASE("operators") {
  holds("int32(1)+1.0 == 2");
  holds("int32(6)&3.0 == 2");
  reject_expr("CO41", "int32(1)+1.5");
  reject_expr("CO42", "float32(5)%2");
  reject_expr("CO35", "int32(1)+int64(1)");
  holds("^byte(1) == 254");
  holds("^int8(1) == -2");
  holds("int32(^1.0) == -2");
  for (const char* expr : {"-byte(1)", "-int8(-128)", "int8(-128)/-1"}) reject_expr("CO37", expr);
  holds("int64(1)<<uint32(3) == 8");
  holds("uint32(1)<<1.0 == 2");
  holds("int8(-128)>>7 == -1");
  reject_expr("CO40", "int32(1)<<2001");
  reject_expr("CO39", "int32(1)<<int32(-1)");
  reject_expr("CO37", "int32(1)<<31");
  reject_expr("CO42", "float32(2)<<1");
  holds("float32(16777217) == 16777216");
  holds("float32(1.5e-45) > 0 && float32(1.5e-45) == float32(2e-45)");
  for (const char* expr : {"float32(1e-45)", "float32(3.4028235e38)", "float64(1e-400)"}) reject_expr("CO31", expr);
  holds("float32(0.1) == 0.1");
  holds("float64(float32(0.1)) != 0.1");
  reject_expr("CO35", "float32(0.1) == float64(0.1)");
  reject_expr("CO36", "1 < 2 < 3");
  reject_expr("CO34", "true < false");
  accept_expr("Str(\"a\")+k", "const k = string(\"b\")");
  reject_expr("CO35", "Str(\"a\")+string(\"b\")");
}

TEST_CASE("enums in constants") {
  holds("string(E.X) == \"X\"");
  holds("E(F.X) == E.X");
  holds("k[0] == E.X", "const k = []E([]string{\"X\"})");
  for (const char* expr : {"E(\"X\")", "E(F.Z)", "[]byte(E.X)", "int32(E.X)", "E(0)"}) reject_expr("CO31", expr);
  accept_expr("[]E{X, E.Y}");
  accept_expr("[]E{(X)}");
  accept_expr("[]E{X}", "type X bool");
  reject_expr("CO2", "E(X)");
  reject_expr("CO2", "E.X == X");
  reject_expr("CO3", "E");
}

TEST_CASE("bytes") {
  holds("k[1] == 98", "const k = []byte(\"abc\")");
  holds("string([]byte{255}) == \"\\xff\"");
  holds("B4(\"ab\")+B4(\"cd\") == B4(\"abcd\")");
  holds("string(B4(\"abc\")) == \"abc\"");
  holds("B4(\"ab\") == \"ab\"");
  for (const char* expr : {"B4(\"abc\")", "B4(\"abcd\")+\"x\"", "[]B4{\"ab\"}", "any(B4(\"ab\"))"})
    reject_expr("CO32", expr);
  reject_expr("CO31", "string(65)");
  reject_expr("CO31", "byte(\"a\")");
}

TEST_CASE("list and array literals") {
  holds("k[5] == 1 && k[0] == 0", "const k = []int32{5:1}");
  reject_expr("CO28", "k[6]", "const k = []int32{5:1}");
  holds("k[0] == 9 && k[1] == 1 && k[2] == 2", "const k = []int32{1:1,2,0:9}");
  accept_expr("[]int32{1.0:2}");
  reject_expr("CO12", "[]int32{0,0:1}");
  reject_expr("CO14", "[]int32{-1:2}");
  reject_expr("CO13", "Arr{2:5}");
  holds("Arr{1} == Arr([]int32{1,0})");
  reject_expr("CO31", "Arr([]int32{1})");
  reject_expr("CO31", "Arr([]int32{1,2,3})");
}

TEST_CASE("struct, union and optional literals") {
  for (const char* expr : {"S{B:\"x\"}", "S{}", "S{(A):1}"}) accept_expr(expr);
  reject_expr("CO23", "S{1}");
  reject_expr("CO22", "S{1,\"x\",2}");
  reject_expr("CO18", "S{A:1,\"x\"}");
  reject_expr("CO19", "S{\"A\":1}");
  reject_expr("CO20", "S{S.A:1}");
  holds("U{} == U{A:0}");
  reject_expr("CO25", "U{1}");
  reject_expr("CO25", "U{A}");
  reject_expr("CO24", "U{A:1,B:\"x\"}");
  accept_expr("?S{1,\"x\"}");
  accept_expr("?S(nil)");
  accept_expr("[]?S{nil,{1,\"a\"},S{2,\"b\"}}");
  holds("S(?S{1,\"x\"}) == S{1,\"x\"}");
  reject_expr("CO31", "S(nil)");
  reject_expr("CO35", "?S{} == nil");
  reject_expr("CO31", "error(\"x\")");
  accept_expr("S{A: int32(1)}");  // named as its own field
}

TEST_CASE("index and selectors") {
  const std::string list = "const k = []int32{7,8}";
  for (const char* expr : {"k[1]", "k[int8(1)]", "k[1.0]"}) holds(std::string(expr) + " == 8", list);
  holds("m[\"a\"]", "const m = map[string]bool{\"a\":true}");
  reject_expr("CO28", "k[2]", list);
  reject_expr("CO29", "m[\"b\"]", "const m = map[string]bool{\"a\":true}");
  reject_expr("CO30", "k[0]", "const k = set[bool]{true}");
  reject_expr("CO30", "k[0]", "const k = \"x\"");
  reject_expr("CO30", "k[0]", "const k = S{}");
  reject_expr("SY1", "k[0].A", list);
  reject_expr("SY1", "k[0][0]", list);
  holds("k.A == 1", "const k = S{1,\"x\"}");
  for (const char* constant : {"?S{}", "any(S{})", "U{}"})
    reject_expr("CO4", "k.A", "const k = " + std::string(constant));

  testing::World world;
  CHECK(world.add("a", {"package a\nconst S = T{5}\ntype T struct{Q int32}\ntype E enum{X}"}) == "");
  CHECK(world.add("b", {"package b\nimport \"a\"\nconst A = a.S.Q\nconst B = a.E.X"}) == "");
  CHECK(world.last()->find_const("A")->value.as_signed() == 5);
}

TEST_CASE("equality, order and conversion of composites") {
  holds("S{1,\"a\"} == S{1,\"a\"}");
  holds("nil == nil");
  reject_expr("CO34", "S{} < S{}");
  reject_expr("CO35", "S{} == N{}", "type N S");
  const std::string more = "type S0 struct{}\ntype P struct{A int64;C bool}\ntype Q struct{Z bool}";
  holds("S(S0{}) == S{}", more);
  holds("S0(S{1,\"x\"}) == S0{}", more);
  holds("P(S{1,\"x\"}) == P{A:1}", more);
  reject_expr("CO31", "Q(S{})", more);
  reject_expr("CO31", "set[string](map[string]bool{})");
  reject_expr("CO31", "map[string]bool(set[string]{})");
  reject_expr("CO31", "S(map[string]int32{})");
  reject_expr("CO31", "map[string]int32(S{})");
  reject_expr("CO31", "set[int32]([]int32{})");
  reject_expr("CO31", "[]int32(set[int32]{})");
}

TEST_CASE("constants refer to each other in any order") {
  accept("const A = b\nconst b = c\nconst c = true");
  reject("CO8", "const a = b\nconst b = a");
  testing::World world;
  CHECK(world.add("a", {"package a\nconst A = b", "package a\nconst b = true"}) == "");
}

}  // namespace vdlc
