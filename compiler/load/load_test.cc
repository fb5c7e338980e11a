#include "load/load.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "diagnostics/render.h"
#include "load/parse_package.h"

namespace vdlc {
namespace {

// A world with one source directory, /w, which is also the working directory, and standard packages in /std.
struct World {
  MemoryFileSystem files{"/w"};
  Sources sources;
  Diagnostics diagnostics;
  LoadOptions options;
  std::vector<LoadedPackage> packages;

  World() {
    options.roots = {"."};
    options.vdlroot = "/std";
    files.add("/std/time/time.vdl", "package time\n");
    files.add("/std/math/math.vdl", "package math\n");
    files.add("/std/vdltool/vdltool.vdl", "package vdltool\n");
  }
  // A package with one file that imports these.
  void add(const std::string& path, const std::vector<std::string>& imports = {}) {
    std::string text = "package p\n";
    for (const std::string& import : imports) text += "import \"" + import + "\"\n";
    files.add(path + "/f.vdl", text);
  }
  // Paths in order, those not requested in brackets, broken ones with a `!`.
  std::string run(std::vector<std::string> arguments) {
    options.packages = std::move(arguments);
    packages = load(options, files, sources, diagnostics);
    std::string text;
    for (const LoadedPackage& package : packages) {
      if (!text.empty()) text += ' ';
      text += (package.requested ? package.path : "[" + package.path + "]") + (package.broken ? "!" : "");
    }
    return text;
  }
  // Ids of what was reported.
  std::string told() const {
    std::string text;
    for (const Diagnostic* diagnostic : diagnostics.sorted())
      text += (text.empty() ? "" : " ") + std::string(diagnostic->id);
    return text;
  }
  std::string in_full() const { return render_text(diagnostics, sources); }
};

}  // namespace

TEST_CASE("packages come with what they import, dependencies first") {
  World world;
  world.add("a", {"c", "b"});
  world.add("b", {"c", "time"});
  world.add("c");
  CHECK(world.run({"a"}) == "[c] [time] [b] a");
  CHECK(world.told().empty());
  CHECK(world.packages[3].imports == std::vector<std::string>{"b", "c"});
  CHECK(world.packages[3].directory == "a");
  CHECK(world.packages[1].gen_path == "v.io/v23/vdlroot/time");
}

TEST_CASE("an argument is an import path, a directory, a file, a pattern, all, or nothing") {
  const auto run = [](const std::vector<std::string>& arguments, const std::string& here = "/w") {
    World world;
    world.files = MemoryFileSystem(here);
    world.options.roots = {"/w"};
    world.options.vdlroot = "";
    for (const char* path : {"/w/a", "/w/a/b", "/w/a/c", "/w/d", "/w/a/_x", "/w/.y"}) world.add(path);
    const std::string result = world.run(arguments);
    CHECK_MESSAGE(world.told().empty(), world.in_full());
    return result;
  };
  CHECK(run({"a"}) == "a");
  CHECK(run({"a/b", "d"}) == "a/b d");
  CHECK(run({"./a/b"}) == "a/b");
  CHECK(run({"/w/d"}) == "d");
  CHECK(run({"a/b/f.vdl"}) == "a/b");
  CHECK(run({"a/..."}) == "a a/b a/c");
  CHECK(run({"...b"}) == "a/b");
  CHECK(run({"./a/..."}) == "a a/b a/c");
  CHECK(run({"all"}) == "a a/b a/c d");
  CHECK(run({}, "/w/a") == "a");
  CHECK(run({"../d", ".", "./c"}, "/w/a") == "d a a/c");
  CHECK(run({"a", "./a", "a/f.vdl", "all"}) == "a a/b a/c d");
}

TEST_CASE("files are read in order of name, hidden ones and others are not") {
  World world;
  for (const char* name : {"b.vdl", "a.vdl", ".c.vdl", "_d.vdl", "e.txt", "vdl", ".vdl"})
    world.files.add(std::string("p/") + name, "package p\n");
  world.files.add("p/sub/x.vdl", "package x\n");
  CHECK(world.run({"p"}) == "p");
  REQUIRE(world.packages[0].files.size() == 2);
  CHECK(world.sources.file(world.packages[0].files[0]).path == "p/a.vdl");
  CHECK(world.sources.file(world.packages[0].files[1]).path == "p/b.vdl");
}

TEST_CASE("the first root that has the package wins, standard packages before all") {
  World world;
  world.options.roots = {"one", "two", "", "none"};
  world.options.roots_may_be_missing = true;
  world.add("one/x");
  world.add("two/x");
  world.add("two/y");
  world.add("two/time");
  CHECK(world.run({"x", "y", "time"}) == "x y time");
  CHECK(world.packages[0].directory == "one/x");
  CHECK(world.packages[1].directory == "two/y");
  CHECK(world.packages[2].directory == "/std/time");
  CHECK(world.told().empty());
}

TEST_CASE("a source directory with a go.mod puts its module path in front") {
  World world;
  world.files.add("go.mod", "// comment\nmodule example.org/m // here\n\ngo 1.20\n");
  world.add("a", {"example.org/m/b"});
  world.add("b");
  CHECK(world.run({"./a"}) == "[example.org/m/b] example.org/m/a");
  CHECK(world.told().empty());
}

TEST_CASE("the short path of a package of a module is no import path") {
  World world;
  world.files.add("go.mod", "module m\n");
  world.add("a", {"b"});
  world.add("b");
  CHECK(world.run({"m/a"}) == "m/a!");
  CHECK(world.told() == "IM4");
  CHECK(world.in_full().find("write \"m/b\"") != std::string::npos);
}

TEST_CASE("a package below DIR/M of module M is found too") {
  World world;
  world.files.add("go.mod", "module m\n");
  world.add("m/a");
  CHECK(world.run({"m/a"}) == "m/a");
}

TEST_CASE("a directory below v.io/v23/vdlroot is a standard package") {
  World world;
  world.add("v.io/v23/vdlroot/x");
  CHECK(world.run({"./v.io/v23/vdlroot/x"}) == "x");
  CHECK(world.packages[0].gen_path == "v.io/v23/vdlroot/x");
}

TEST_CASE("imports that lead nowhere") {
  World world;
  world.add("a", {"none", "b/_c", "v.io/v23/vdlroot/time", "time/", "./b", "b"});
  world.add("b");
  CHECK(world.run({"a"}) == "[b] a!");
  CHECK(world.told() == "IM1 IM2 IM3 IM4 IM4");
  const std::string text = world.in_full();
  CHECK(text.find("a/f.vdl:2:8") != std::string::npos);
  CHECK(text.find("looked in /std/none") != std::string::npos);
  CHECK(text.find("looked in none") != std::string::npos);
  CHECK(text.find("write \"time\"") != std::string::npos);
}

TEST_CASE("who imports a broken package is broken too, others are not") {
  World world;
  world.add("a", {"b"});
  world.add("b", {"none"});
  world.add("c");
  CHECK(world.run({"a", "c"}) == "[b]! a! c");
}

TEST_CASE("an import cycle is shown with every step") {
  World world;
  world.add("a", {"b"});
  world.add("b", {"c"});
  world.add("c", {"b"});
  CHECK(world.run({"a"}).find("a!") != std::string::npos);
  CHECK(world.told() == "PK6");
  CHECK(world.in_full().find("b -> c -> b") != std::string::npos);

  World self;
  self.add("a", {"a"});
  CHECK(self.run({"a"}) == "a!");
  CHECK(self.told() == "PK6");
  CHECK(self.in_full().find("a -> a") != std::string::npos);
}

TEST_CASE("a chain of ten thousand imports needs no stack") {
  World world;
  constexpr int kLength = 10'000;
  for (int i = 0; i < kLength; ++i) world.add("p" + std::to_string(i), {"p" + std::to_string(i + 1)});
  world.add("p" + std::to_string(kLength));
  world.run({"p0"});
  CHECK(world.packages.size() == kLength + 1);
  CHECK(world.packages.back().path == "p0");
}

TEST_CASE("arguments that lead nowhere") {
  const auto told = [](const std::string& argument) {
    World world;
    world.add("a");
    world.files.add("/other/x.vdl", "package x\n");
    world.files.add("empty/readme", "");
    world.files.add("_h/x.vdl", "package x\n");
    world.run({argument});
    CHECK(world.diagnostics.error_count() == 1);
    return world.told();
  };
  CHECK(told("none") == "BD9");
  CHECK(told("none/...") == "BD9");
  CHECK(told("./none/...") == "BD9");
  CHECK(told("./none") == "BD7");
  CHECK(told("./a/f") == "BD7");
  CHECK(told("a/none.vdl") == "BD10");
  CHECK(told("/other") == "BD4");
  CHECK(told("./empty") == "BD8");
  CHECK(told("./_h") == "BD5");
  CHECK(told("_h") == "BD5");
  CHECK(told(".") == "BD4");
}

TEST_CASE("roots that cannot be used") {
  World world;
  world.add("a");
  world.options.vdlroot = "/none";
  CHECK(world.run({"a"}).empty());
  CHECK(world.told() == "BD2");

  World no_module;
  no_module.files.add("go.mod", "go 1.20\n");
  no_module.add("a");
  CHECK(no_module.run({"a"}).empty());
  CHECK(no_module.told() == "BD3");

  World missing;
  missing.options.roots = {".", "none"};
  missing.add("a");
  CHECK(missing.run({"a"}).empty());
  CHECK(missing.told() == "BD12");

  World no_root;
  no_root.options.roots = {};
  no_root.add("a");
  CHECK(no_root.run({"a", "./b", "c/..."}).empty());
  CHECK(no_root.told() == "BD1 BD7");

  World standard_only;
  standard_only.options.roots = {};
  CHECK(standard_only.run({"time"}) == "time");
  CHECK(standard_only.told().empty());
}

TEST_CASE("a file has at most 8 MiB") {
  World world;
  world.files.add("a/f.vdl", "package a\n" + std::string(8 << 20, ' '));
  CHECK(world.run({"a"}) == "a!");
  CHECK(world.told() == "LM4");
}

TEST_CASE("what cannot be read is said with the reason") {
  World world;
  world.add("a");
  world.files.make_unreadable("/w/a/f.vdl");
  CHECK(world.run({"a"}) == "a!");
  CHECK(world.told() == "BD10");
  CHECK(world.in_full().find("permission denied") != std::string::npos);

  World directory;
  directory.add("a");
  directory.files.make_unreadable("/w/a");
  CHECK(directory.run({"./a"}) == "a!");
  CHECK(directory.told() == "BD7");

  World config;
  config.add("a");
  config.files.add("a/vdl.config", "config = 1");
  config.files.make_unreadable("/w/a/vdl.config");
  CHECK(config.run({"a"}) == "a!");
  CHECK(config.told() == "CF4");
}

TEST_CASE("a vdl.config comes with its package and needs vdltool") {
  World world;
  world.add("a");
  world.files.add("a/vdl.config", "config = vdltool.Config{}");
  CHECK(world.run({"a"}) == "[vdltool] a");
  REQUIRE(world.packages[1].config);
  CHECK(world.sources.file(*world.packages[1].config).path == "a/vdl.config");
  CHECK(world.packages[1].imports.empty());

  World needed;
  needed.add("a");
  needed.files.add("/std/vdltool/vdltool.vdl", "package vdltool\nimport \"time\"\n");
  needed.files.add("/std/time/vdl.config", "config = vdltool.Config{}");
  needed.run({"vdltool"});
  CHECK(needed.told() == "CF3");
}

TEST_CASE("a user's package with the path of a standard one is warned about, and never imported") {
  World world;
  world.add("time");
  CHECK(world.run({"./time"}) == "time");
  CHECK(world.told() == "BD11");
  CHECK(!world.diagnostics.failed());

  World both;
  both.add("time");
  both.add("a", {"time"});
  both.run({"./time", "a"});
  CHECK(both.diagnostics.error_count() == 1);
  CHECK(both.told().find("BD6") != std::string::npos);
}

TEST_CASE("files of a package must agree on its name") {
  World world;
  world.files.add("a/a.vdl", "package a\n");
  world.files.add("a/b.vdl", "package b\n");
  world.files.add("a/c.vdl", "package a\n");
  world.run({"a"});
  CHECK(!parse_package(world.packages[0], world.sources, world.diagnostics));
  CHECK(world.told() == "PK1");
  CHECK(world.in_full().find("a/a.vdl:1:9: note: package `a` is named here") != std::string::npos);
}

TEST_CASE("all files of a package are parsed, whatever is wrong with one") {
  World world;
  world.files.add("a/a.vdl", "package a\ntype\n");
  world.files.add("a/b.vdl", "package b\nconst\n");
  world.run({"a"});
  CHECK(!parse_package(world.packages[0], world.sources, world.diagnostics));
  CHECK(world.told() == "SY1 SY1");
}

TEST_CASE("a package without a file left says so") {
  Sources sources;
  Diagnostics diagnostics;
  CHECK(!parse_package({"a", "a", "a", {}, {}, {}, true, false}, sources, diagnostics));
  CHECK(diagnostics.sorted()[0]->id == "PK5");
}

}  // namespace vdlc
