#include "diagnostics/render.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

namespace vdlc {
namespace {

constexpr Message<std::string_view> kTwice{"TY11", "field `{}` appears twice"};
constexpr Message<> kRun{"BD1", "no source directory"};

struct Example {
  Sources sources;
  Diagnostics diagnostics;
  FileId file = sources.add("a/a.vdl", "a", "package a\ntype S struct {\n\tA bool\n\tA int32\n}\n");

  Example() {
    diagnostics.error(Span{file, 35, 36}, kTwice, "A")
        .note(Span{file, 27, 28}, "first one is here")
        .note("a remark")
        .suggest(Span{file, 35, 36}, "B", "write it as `B`");
  }
};

}  // namespace

TEST_CASE("text shows place, id, the line with a caret, the second place and the way out") {
  const Example example;
  CHECK(render_text(example.diagnostics, example.sources) ==
        "a/a.vdl:4:2: error[TY11]: field `A` appears twice\n"
        "     |\n"
        "   4 |     A int32\n"
        "     |     ^\n"
        "a/a.vdl:3:2: note: first one is here\n"
        "     |\n"
        "   3 |     A bool\n"
        "     |     ^\n"
        "     = note: a remark\n"
        "     = help: write it as `B`\n");
}

TEST_CASE("text without anything to say is empty, and what has no place says who speaks") {
  Sources sources;
  Diagnostics diagnostics;
  CHECK(render_text(diagnostics, sources).empty());
  diagnostics.warning(kRun);
  CHECK(render_text(diagnostics, sources) == "vdlc: warning[BD1]: no source directory\n");
}

TEST_CASE("errors above the limit are only counted, warnings are all shown") {
  Sources sources;
  Diagnostics diagnostics;
  for (int i = 0; i < 5; ++i) diagnostics.error(kRun);
  diagnostics.warning(kRun);
  RenderOptions options;
  options.max_errors = 3;
  const std::string text = render_text(diagnostics, sources, options);
  CHECK(text.find("2 more errors not shown") != std::string::npos);
  CHECK(text.find("warning") != std::string::npos);
  CHECK(nlohmann::json::parse(render_json(diagnostics, sources, options))["hidden_errors"] == 2);
}

TEST_CASE("colour appears only when asked for") {
  const Example example;
  RenderOptions options;
  CHECK(render_text(example.diagnostics, example.sources, options).find('\x1b') == std::string::npos);
  options.colour = true;
  CHECK(render_text(example.diagnostics, example.sources, options).find('\x1b') != std::string::npos);
}

TEST_CASE("JSON carries everything, with ranges") {
  const Example example;
  const auto document = nlohmann::json::parse(render_json(example.diagnostics, example.sources));
  CHECK(document["version"] == 1);
  CHECK(document["errors"] == 1);
  const auto& diagnostic = document["diagnostics"][0];
  CHECK(diagnostic["id"] == "TY11");
  CHECK(diagnostic["severity"] == "error");
  CHECK(diagnostic["location"]["file"] == "a/a.vdl");
  CHECK(diagnostic["location"]["line"] == 4);
  CHECK(diagnostic["location"]["column"] == 2);
  CHECK(diagnostic["location"]["end_column"] == 3);
  CHECK(diagnostic["notes"][0]["location"]["line"] == 3);
  CHECK(diagnostic["notes"][1]["location"].is_null());
  CHECK(diagnostic["suggestions"][0]["replacement"] == "B");
}

TEST_CASE("text that would steer a terminal is escaped") {
  Sources sources;
  Diagnostics diagnostics;
  diagnostics.error(kTwice, std::string_view("a\x1b[2J\nb\u202Ec\xFF")).note("\x9B\r");
  CHECK(render_text(diagnostics, sources) ==
        "vdlc: error[TY11]: field `a\\x1b[2J\\nb\\u202ec\uFFFD` appears twice\n     = note: \uFFFD\\r\n");
}

TEST_CASE("long names are cut, and many notes counted") {
  Sources sources;
  Diagnostics diagnostics;
  Diagnostic& report = diagnostics.error(kTwice, std::string_view(std::string(5000, 'x')));
  for (int i = 0; i < 25; ++i) report.note("again");
  const std::string text = render_text(diagnostics, sources);
  CHECK(text.size() < 1000);
  CHECK(text.find("x\u2026x") != std::string::npos);
  CHECK(text.find("\u2026 and 15 more\n") != std::string::npos);
}

TEST_CASE("bytes that are not UTF-8 do not break JSON") {
  Sources sources;
  Diagnostics diagnostics;
  diagnostics.error(kTwice, std::string_view("\xFF"));
  CHECK(nlohmann::json::parse(render_json(diagnostics, sources))["errors"] == 1);
}

}  // namespace vdlc
