#include "driver/compile.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "diagnostics/render.h"
#include "driver/print_stage.h"

namespace vdlc {
namespace {

struct World {
  MemoryFileSystem files{"/tree"};
  Sources sources;
  Diagnostics diagnostics;
  Compilation result;
  Options options;

  World() {
    options.load.roots = {"."};
    options.load.packages = {"all"};
    options.templates = "/templates";
    files.add("/templates/names.frame", "{{#file}}{{package.path}}/names.txt{{/file}}{{package.path}}\n");
  }
  void run(Stage last) {
    options.last_stage = last;
    compile(options, files, sources, result, diagnostics);
  }
  std::string told() { return render_text(diagnostics, sources); }
};

}  // namespace

TEST_CASE("each stage can be stopped at and printed") {
  World world;
  world.files.add("a/a.vdl", "package a\nimport \"b\"\ntype A b.B\n");
  world.files.add("b/b.vdl", "package b\ntype B bool\n");
  world.options.load.packages = {"a"};
  world.run(Stage::kModel);
  CHECK_MESSAGE(!world.diagnostics.failed(), world.told());
  CHECK(print_stage(Stage::kFiles, world.result, world.sources) ==
        "b (b) in b\n  b/b.vdl\na (a, requested) in a\n  a/a.vdl\n  import b\n");
  CHECK(print_stage(Stage::kAst, world.result, world.sources) ==
        "file \"a.vdl\"\npackage a @1:9\nimport \"b\" @2:8\ntype A @3:6 b.B\n");
  CHECK(print_stage(Stage::kModel, world.result, world.sources).find("a.A") != std::string::npos);
  CHECK(world.result.descriptions.empty());
}

TEST_CASE("a package that imports a wrong one is left out without a word") {
  World world;
  world.files.add("a/a.vdl", "package a\nimport \"b\"\ntype A b.B\n");
  world.files.add("b/b.vdl", "package b\ntype B Missing\n");
  world.files.add("c/c.vdl", "package c\ntype C Lost\n");
  world.run(Stage::kOutput);
  CHECK(world.diagnostics.error_count() == 2);
  CHECK(world.result.outputs.empty());
}

TEST_CASE("descriptions that were saved render to the same files") {
  World world;
  world.files.add("a/a.vdl", "package a\ntype A struct { X int32 }\n");
  world.files.add("b/b.vdl", "package b\n");
  world.run(Stage::kOutput);
  CHECK_MESSAGE(!world.diagnostics.failed(), world.told());
  CHECK(world.result.outputs == std::vector<OutputFile>{{"a/names.txt", "a\n"}, {"b/names.txt", "b\n"}});

  World again;
  again.files.add("saved.json", print_stage(Stage::kJson, world.result, world.sources));
  again.options.documents = {"saved.json"};
  render_documents(again.options, again.files, again.sources, again.result, again.diagnostics);
  CHECK_MESSAGE(!again.diagnostics.failed(), again.told());
  CHECK(again.result.outputs == world.result.outputs);
}

TEST_CASE("what is no description is refused") {
  for (const char* text : {"", "{", "[1]", "null", "{}", "{\"format\": 99}"}) {
    World world;
    world.files.add("saved.json", text);
    world.options.documents = {"saved.json"};
    render_documents(world.options, world.files, world.sources, world.result, world.diagnostics);
    REQUIRE(world.diagnostics.error_count() == 1);
    CHECK(world.diagnostics.sorted()[0]->id == "CL3");
  }
}

}  // namespace vdlc
