// Whole packages: what the model holds, what several mistakes at once give, and what no source text can say.
#include "check/check.h"

#include <doctest/doctest.h>

#include <chrono>

#include "check/config.h"
#include "check/testing.h"
#include "model/print.h"
#include "syntax/parse.h"

namespace vdlc {
namespace {

using testing::ids_of;
using testing::value_of;
using testing::World;

}  // namespace

TEST_CASE("the model in full") {
  World world;
  CHECK(world.add("time", {"package time\ntype Duration struct{Seconds int64;Nanos int32}"}) == "");
  CHECK(world.add("x/calc", {R"(// About the file.

// About the package.
package calc

import "time"

// A point.
type Point struct {
  X, Y float64  // both
  Name string   // whose
}

type Wait time.Duration  // how long

type Kinds enum {
  // The good one.
  Good
  Bad
}

const Origin = Point{Name: "here"}

// Raised by Div.
error DivideByZero(dividend int32) {RetryBackoff, "en": "{dividend}!"}

type Calc interface {
  Base
  // Adds.
  Add(a, b int32) (sum int32 | error) {Kinds.Good}
  Move() stream<Point, Wait> error
}

type Base interface {
  Stop() error
}
)"}) == "");
  const model::Package& p = *world.last();
  CHECK(model::print(p) ==
        "package x/calc name calc\n"
        "import time\n"
        "type x/calc.Point struct{X float64;Y float64;Name string}\n"
        "type x/calc.Wait struct{Seconds int64;Nanos int32}\n"
        "type x/calc.Kinds enum{Good;Bad}\n"
        "const x/calc.Origin = x/calc.Point{Name: \"here\"}\n"
        "error x/calc.DivideByZero(dividend int32) RetryBackoff \"en\": \"{dividend}!\"\n"
        "interface x/calc.Base { Stop() error; }\n"
        "interface x/calc.Calc { x/calc.Base; Add(a int32, b int32) (sum int32 | error) {x/calc.Kinds.Good}; "
        "Move() stream<x/calc.Point, x/calc.Wait> error; }\n");
  CHECK(p.file_doc == "// About the file.\n");
  CHECK(p.docs.leading == "// About the package.\n");
  const auto* point = p.find_type("Point");
  CHECK(point->docs.leading == "// A point.\n");
  CHECK(point->exported);
  CHECK(!point->base);
  CHECK(point->fields[0].docs.suffix == " // both");
  CHECK(point->fields[2].docs.suffix == " // whose");
  const auto* wait = p.find_type("Wait");
  CHECK(wait->base->type.name() == "time.Duration");
  CHECK(wait->fields.size() == 2);
  CHECK(wait->docs.suffix == " // how long");
  CHECK(p.find_type("Kinds")->label_docs[0].leading == "// The good one.\n");
  CHECK(p.find_error("DivideByZero")->id == "x/calc.DivideByZero");
  CHECK(p.find_error("DivideByZero")->docs.leading == "// Raised by Div.\n");
  CHECK(p.find_interface("Calc")->methods[0].docs.leading == "// Adds.\n");
  CHECK(p.find_const("Origin")->exported);
}

TEST_CASE("definitions come in dependency order") {
  World world;
  CHECK(world.add("a", {"package a\ntype A []B\nconst X = y\ntype I interface{J}\ntype K interface{}",
                        "package a\ntype B []C\ntype C A\nconst y = Z\nconst Z = true\ntype J interface{}"}) == "");
  const auto names = [](const auto& list) {
    std::string text;
    for (const auto& item : list) text += item.name + ' ';
    return text;
  };
  CHECK(names(world.last()->types) == "C B A ");
  CHECK(names(world.last()->consts) == "Z y X ");
  CHECK(names(world.last()->interfaces) == "J I K ");
}

TEST_CASE("one mistake is reported once, however much depends on it") {
  CHECK(ids_of(R"(
type A Missing
type B []A
type C struct{X map[string]B}
const d = C{}
const e = d
const f = []bool{e.X == d.X}
error G(a A)
type H interface{ M(a B) (c C | error) {d, e, f} }
)") == "TY1");
  CHECK(ids_of("const a = b + 1\nconst b = 1 / 0\nconst c = []int32{a, b}\nconst d = c[a]") == "CO38");
  CHECK(ids_of("import \"nowhere\"\ntype A nowhere.B\nconst c = []A{nowhere.D}\ntype I interface{nowhere.J}") == "IM4");
}

TEST_CASE("independent mistakes are all reported, in the order of their places") {
  CHECK(ids_of("const z = 1\ntype A struct{x bool}\nerror E(int32)\ntype I interface{ m() error }\ntype B Missing") ==
        "CO1 NM4 ER1 NM4 TY1");
}

TEST_CASE("an unused import is not reported when something else is wrong") {
  World world;
  world.add("b", {"package b\ntype T bool"});
  CHECK(world.add("a", {"package a\nimport \"b\"\ntype A b.Missing"}) == "TY1");
  CHECK(world.add("c", {"package c\nimport \"b\"\nconst A = Missing"}) == "CO2");
  CHECK(world.add("d", {"package d\nimport \"b\""}) == "IM6");
}

TEST_CASE("imports are used by types, constants, tags, error parameters and embeds") {
  World world;
  world.add("b", {"package b\ntype T bool\nconst K = true\ntype I interface{}\ntype E enum{X}"});
  for (const char* body : {"type A []b.T", "const A = b.K", "type A interface{ M() error {b.K} }", "error A(x b.T)",
                           "type A interface{ b.I }", "const A = typeobject(b.T)", "const A = b.E.X",
                           "const A = []b.T{true}", "type A interface{ M() stream<b.T> error }"}) {
    CAPTURE(body);
    CHECK(world.add("a", {"package a\nimport \"b\"\n" + std::string(body)}) == "");
  }
}

TEST_CASE("the package of the built-in error type defines it by the same name") {
  const std::string good = R"(package vdl
type WireError struct { Id string; RetryCode WireRetryCode; Msg string; ParamList []any }
type WireRetryCode enum { NoRetry; RetryConnection; RetryRefetch; RetryBackoff }
const Same = typeobject(?WireError) == typeobject(error)
type Both struct { X error; Y ?WireError }
)";
  World world;
  CHECK(world.add("v.io/v23/vdl", {good}) == "");
  CHECK(world.last()->find_const("Same")->value.as_bool());
  CHECK(World().add("v.io/v23/vdl", {"package vdl\ntype WireError struct{}\ntype A struct{X error;Y ?WireError}"}) ==
        "TY31");
}

TEST_CASE("values keep exactly what the source says") {
  CHECK(value_of("const A = int32(7)") == "int32(7)");
  CHECK(value_of("const A = \"x\"") == "\"x\"");
  CHECK(value_of("const A = nil") == "nil");
  // Elements of a float32 list are rounded in conversions too (Q15).
  CHECK(value_of("const l = []float32([]float64{0.1})\nconst A = l[0] == float32(0.1)") == "true");
  CHECK(value_of("const A = -7 / 2 == -3 && -7 % 2 == -1 && 7 % -2 == 1 && -8 >> 1 == -4") == "true");
  CHECK(value_of("const A = (7.0 ^ 2) / 2 == 2 && 1.0 << 1 / 4 == 0") == "true");
  CHECK(value_of("const A = 0xff & ^0xf == 0xf0 && -1 & 0xff == 0xff && -2 | 1 == -1") == "true");
  CHECK(value_of("const A = 1e400 / 1e395 == 1e5 && 0.1 + 0.2 == 0.3") == "true");
  CHECK(value_of("const A = (1 << 2000) - (1 << 2000) + 1 == 1") == "true");
  CHECK(value_of("const A = float64(0.1) + float64(0.2) == float64(0.3)") == "false");
}

TEST_CASE("trees that no source text gives are refused too") {
  Diagnostics diagnostics;
  ast::Package package;
  package.path = package.name = "a";
  ast::File& file = package.files.emplace_back();
  file.package.text = "a";
  file.types.push_back({{}, ast::EnumType{}});
  file.type_defs.push_back({{"E", {}}, ast::TypeId{0}, {}});
  CHECK(check(package, {}, diagnostics) == nullptr);
  CHECK(diagnostics.sorted().at(0)->id == "TY16");
}

TEST_CASE("a config is one constant") {
  World world;
  Sources sources;
  Diagnostics diagnostics;
  model::Program program;
  const auto add = [&](const std::string& path, const std::string& text) {
    auto tree = parse(sources.file(sources.add(path, path, text)), diagnostics);
    ast::Package package{path, tree->package.text, path, {std::move(*tree)}};
    program.packages.push_back(check(package, program, diagnostics));
  };
  add("vdltool", "package vdltool\ntype Config struct{Langs set[Lang];Go map[string]string}\ntype Lang enum{Go;Java}");
  add("other", "package other\nconst K = true");
  const auto config = [&](const std::string& text) -> std::string {
    Diagnostics own;
    const auto tree = parse_config(sources.file(sources.add("vdl.config", "", text)), own);
    const auto value = tree ? check_package_config(*tree, program, own) : std::nullopt;
    if (value) return value->to_string();
    std::string ids;
    for (const auto* diagnostic : own.sorted()) ids += std::string(diagnostic->id) + ' ';
    return ids;
  };
  CHECK(config("config = vdltool.Config{Langs: {Go}}") == "vdltool.Config{Langs: {vdltool.Lang.Go}}");
  CHECK(config("config = {Langs: {Go}}") == "vdltool.Config{Langs: {vdltool.Lang.Go}}");
  CHECK(config("config = c\nconst c = vdltool.Config{Go: {\"a\": text}}\nconst text = \"b\"") ==
        "vdltool.Config{Go: {\"a\": \"b\"}}");
  CHECK(config("config = vdltool.Config{}\nimport \"vdltool\"") == "vdltool.Config{}");
  CHECK(config("config = {}\nimport \"other\"") == "IM4 ");
  CHECK(config("config = true") == "CF1 ");
  CHECK(config("config = 1") == "CF1 ");
  CHECK(config("config = {Langs: {Rust}}") == "CO2 ");
}

}  // namespace vdlc
