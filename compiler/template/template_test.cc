// The language of templates (docs/templates.md), through its two stages: parse_templates() and render().
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "template/render.h"

namespace vdlc {
namespace {

using nlohmann::json;

struct Outcome {
  std::vector<OutputFile> files;
  std::vector<std::string> mistakes;  // "TP11 one.frame:1:3 text"
};

// Renders the templates, given as (file name, text).
Outcome run(const std::vector<std::pair<std::string, std::string>>& templates, const json& document,
            const RenderLimits& limits = {}) {
  Sources sources;
  std::vector<FileId> ids;
  for (const auto& [name, text] : templates) ids.push_back(sources.add("templates/" + name, "", text));
  Diagnostics diagnostics;
  const TemplateSet set = parse_templates(sources, ids, diagnostics);
  Outcome outcome;
  if (!diagnostics.failed()) outcome.files = render(document, set, diagnostics, limits);
  for (const Diagnostic* d : diagnostics.sorted()) {
    std::string place;
    if (d->span) {
      const auto at = sources.position(d->span->file, d->span->begin);
      const std::string path = sources.file(d->span->file).path;
      place = path.substr(path.rfind('/') + 1) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + " ";
    }
    outcome.mistakes.push_back(std::string(d->id) + " " + place + d->text);
  }
  return outcome;
}

// The text of one frame.
std::string text_of(const std::string& frame, const json& document, const std::string& partial = "") {
  const Outcome outcome = run({{"one.frame", "{{#file}}out{{/file}}\n" + frame}, {"part.tmpl", partial}}, document);
  for (const auto& mistake : outcome.mistakes) FAIL_CHECK(mistake);
  return outcome.files.size() == 1 ? outcome.files.front().text : "?";
}

// The one mistake in a frame.
std::string mistake_in(const std::string& frame, const json& document = json::object(),
                       const std::string& partial = "") {
  const Outcome outcome = run({{"one.frame", frame}, {"part.tmpl", partial}}, document);
  CHECK(outcome.files.empty());
  REQUIRE(outcome.mistakes.size() == 1);
  return outcome.mistakes.front();
}

TEST_CASE("strings and whole numbers are printed as they are") {
  CHECK(text_of("{{a}} {{ b.c }}", {{"a", "<x> & \"y\""}, {"b", {{"c", -7}}}}) == "<x> & \"y\" -7");
}

TEST_CASE("single braces are text, and a literal prints any text") {
  CHECK(text_of("{ {a} }} {{\"{{\"}}{{\"\\n\\t\\\"\\\\\"}}", json::object()) == "{ {a} }} {{\n\t\"\\");
}

TEST_CASE("a condition chooses") {
  CHECK(text_of("{{#if a}}yes{{else}}no{{/if}}", {{"a", true}}) == "yes");
  CHECK(text_of("{{#if a}}yes{{else}}no{{/if}}", {{"a", false}}) == "no");
  CHECK(text_of("{{#if not a}}yes{{/if}}", {{"a", true}}) == "");
}

TEST_CASE("a loop binds each element, and separates them") {
  CHECK(text_of("{{#each xs as x}}({{x.n}}){{/each}}", {{"xs", {{{"n", 1}}, {{"n", 2}}}}}) == "(1)(2)");
  CHECK(text_of("{{#each xs as x sep \", \"}}{{x}}{{/each}}", {{"xs", {"a", "b", "c"}}}) == "a, b, c");
  CHECK(text_of("{{#each xs as x sep \", \"}}{{x}}{{/each}}", {{"xs", json::array()}}) == "");
}

TEST_CASE("an inner name hides an outer one, and ends with its block") {
  CHECK(text_of("{{#each xs as x}}{{#each x.ys as x}}{{x}}{{/each}}{{/each}}{{x}}",
                {{"xs", {{{"ys", {"in"}}}}}, {"x", "out"}}) == "inout");
}

TEST_CASE("tags alone on their lines leave no line behind") {
  CHECK(text_of("a\n  {{#if c}}  \n  b\n{{else}}\nx\n  {{/if}}\nd\n", {{"c", true}}) == "a\n  b\nd\n");
  CHECK(text_of("{{! why }}\na\n{{#each xs as x}}\n{{x}}\n{{/each}}\n", {{"xs", {1, 2}}}) == "a\n1\n2\n");
  CHECK(text_of("a {{#if c}}b{{/if}}\nd\n", {{"c", false}}) == "a \nd\n");
  CHECK(text_of("{{#if c}}\n\n{{/if}}\nd", {{"c", true}}) == "\nd");
}

TEST_CASE("a partial sees the names of its user, and a value handed to it") {
  CHECK(text_of("{{#each xs as x}}{{> part}}{{/each}}", {{"xs", {1, 2}}}, "<{{x}}>") == "<1><2>");
  CHECK(text_of("{{> part a.b as x}}", {{"a", {{"b", "v"}}}}, "<{{x}}>") == "<v>");
}

TEST_CASE("a partial alone on its line indents what it prints, empty lines excepted") {
  CHECK(text_of("{\n  {{> part}}\n}\n", json::object(), "a\n\nb\n") == "{\n  a\n\n  b\n}\n");
}

TEST_CASE("a frame names its file, and one that prints only blanks writes none") {
  const Outcome outcome = run({{"b.frame", "{{#if no}}\n{{#file}}b{{/file}}\ntext\n{{/if}}\n"},
                               {"a.frame", "{{#file}}{{dir}}/a.h{{/file}}\nx\n"}},
                              {{"no", false}, {"dir", "d/e"}});
  CHECK(outcome.mistakes.empty());
  CHECK(outcome.files == std::vector<OutputFile>{{"d/e/a.h", "x\n"}});
}

TEST_CASE("mistakes in a tag are shown where they are") {
  CHECK(mistake_in("ab\n {{#fi x}}") == "TP1 one.frame:2:4 unexpected `#` in a tag");
  CHECK(mistake_in("{{a b}}") == "TP1 one.frame:1:5 unexpected `b` in a tag");
  CHECK(mistake_in("{{}}") == "TP1 one.frame:1:3 unexpected end in a tag");
  CHECK(mistake_in("{{a.}}") == "TP1 one.frame:1:5 unexpected end in a tag");
  CHECK(mistake_in("{{a + 1}}") == "TP1 one.frame:1:5 unexpected `+` in a tag");
  CHECK(mistake_in("ä{{ä}}") == "TP1 one.frame:1:4 unexpected `\xc3` in a tag");
  CHECK(mistake_in("{{a") == "TP2 one.frame:1:1 the tag is not closed by `}}`");
}

TEST_CASE("blocks that do not nest are reported with both places") {
  CHECK(mistake_in("{{#if a}}") == "TP3 one.frame:1:1 `{{#if}}` has no end");
  CHECK(mistake_in("{{#if a}}{{/each}}") == "TP4 one.frame:1:10 `{{/each}}` does not end `{{#if}}`");
  CHECK(mistake_in("{{/if}}") == "TP5 one.frame:1:1 `{{/if}}` belongs to no block");
  CHECK(mistake_in("{{#each a as b}}{{else}}{{/each}}") == "TP5 one.frame:1:17 `{{else}}` belongs to no block");
  CHECK(mistake_in("{{#if a}}{{else}}{{else}}{{/if}}") == "TP6 one.frame:1:18 a second `{{else}}` in one block");
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "{{#if a}}";
  CHECK(mistake_in(deep) == "TP7 one.frame:1:217 blocks nest more than 24 deep");
}

TEST_CASE("a template has a size limit") {
  CHECK(mistake_in(std::string((1 << 20) + 1, 'x')) == "TP8 one.frame:1:1 the template is larger than 1048576 bytes");
}

TEST_CASE("a set needs frames and no partial twice") {
  CHECK(run({{"a.tmpl", ""}}, json::object()).mistakes.front() ==
        "TP10 no template of the set ends in `.frame`, so nothing would be written");
  CHECK(run({{"a.frame", ""}, {"p.tmpl", ""}, {"q/p.tmpl", ""}}, json::object()).mistakes ==
        std::vector<std::string>{"TP9 p.tmpl:1:1 two templates are called `p`"});
}

TEST_CASE("a missing name says what was searched") {
  Sources sources;
  const auto id = sources.add("one.frame", "", "{{#each xs as x}}{{y.z}}{{/each}}");
  Diagnostics diagnostics;
  const auto set = parse_templates(sources, {id}, diagnostics);
  CHECK(render({{"xs", {1}}}, set, diagnostics).empty());
  REQUIRE(diagnostics.error_count() == 1);
  const Diagnostic& d = *diagnostics.sorted().front();
  CHECK(d.id == "TP11");
  CHECK(d.text == "`y` is not defined");
  REQUIRE(d.notes.size() == 2);
  CHECK(d.notes[0].text == "searched: `x`, bound here");
  CHECK(d.notes[1].text == "searched: the document, which has `xs`");
}

TEST_CASE("a missing member says what there is") {
  CHECK(mistake_in("{{a.b.c}}", {{"a", {{"b", {{"d", 1}}}}}}) == "TP12 one.frame:1:7 `a.b` has no member `c`");
  CHECK(mistake_in("{{a.b}}", {{"a", {1}}}) == "TP13 one.frame:1:5 `a` is a list, so it has no member `b`");
}

TEST_CASE("a value of the wrong kind is a mistake, never a blank") {
  CHECK(mistake_in("{{#if a}}{{/if}}", {{"a", ""}}) ==
        "TP14 one.frame:1:7 the condition `a` is a string, not a boolean");
  CHECK(mistake_in("{{#if a}}{{/if}}", {{"a", json::array()}}) ==
        "TP14 one.frame:1:7 the condition `a` is a list, not a boolean");
  CHECK(mistake_in("{{#each a as x}}{{/each}}", {{"a", nullptr}}) == "TP15 one.frame:1:9 `a` is null, not a list");
  for (const json& value : {json(true), json(1.5), json::array(), json::object(), json(nullptr)}) {
    CHECK(mistake_in("{{a}}", {{"a", value}}).starts_with("TP16 one.frame:1:3 `a` is "));
  }
}

TEST_CASE("partials must exist, and may not use each other for ever") {
  CHECK(mistake_in("{{> other}}") == "TP17 one.frame:1:5 there is no template `other.tmpl`");
  CHECK(mistake_in("{{> part}}", json::object(), "{{> part}}") ==
        "TP18 part.tmpl:1:5 partials use each other more than 32 deep");
}

TEST_CASE("output and steps are limited") {
  json list = json::array();
  for (int i = 0; i < 1000; ++i) list.push_back("0123456789");
  const std::string cube = "{{#each a as x}}{{#each a as y}}{{#each a as z}}{{z}}{{/each}}{{/each}}{{/each}}";
  RenderLimits limits;
  limits.output_bytes = 5000;
  CHECK(run({{"one.frame", cube}}, {{"a", list}}, limits).mistakes.front().starts_with("TP19 "));
  // Blanks before partials and separators of loops count too.
  const std::string blanks(1000, ' ');
  std::string lines;
  for (int i = 0; i < 1000; ++i) lines += "x\n";
  CHECK(run({{"one.frame", blanks + "{{> p}}\n"}, {"p.tmpl", lines}}, {{"a", list}}, limits)
            .mistakes.front()
            .starts_with("TP19 "));
  CHECK(run({{"one.frame", "{{#each a as x sep \"" + blanks + "\"}}{{/each}}"}}, {{"a", list}}, limits)
            .mistakes.front()
            .starts_with("TP19 "));
  limits = {};
  limits.steps = 5000;
  CHECK(run({{"one.frame", cube}}, {{"a", list}}, limits).mistakes.front().starts_with("TP20 "));
  // Prints nothing, and would take 2^32 steps.
  CHECK(run({{"one.frame", "{{> p}}"}, {"p.tmpl", "{{#if a}}{{> p}}{{> p}}{{/if}}"}}, {{"a", true}})
            .mistakes.front()
            .starts_with("TP18 "));
}

TEST_CASE("a frame names one file, safely, and no other frame writes it") {
  CHECK(mistake_in("{{#file}}a{{/file}}{{#file}}b{{/file}}").starts_with("TP21 one.frame:1:20 "));
  CHECK(mistake_in("text").starts_with("TP22 one.frame:1:1 "));
  for (const char* path : {"", "/etc/x", "../x", "a/../x", "a//b", "a/", "./a", "a\\\\b"}) {
    CHECK(mistake_in("{{#file}}{{p}}{{/file}}x", {{"p", path}}).starts_with("TP23 one.frame:1:1 "));
  }
  CHECK(mistake_in("{{> part}}", json::object(), "{{#file}}a{{/file}}").starts_with("TP24 part.tmpl:1:1 "));
  CHECK(run({{"a.frame", "{{#file}}x{{/file}}1"}, {"b.frame", "{{#file}}x{{/file}}2"}}, json::object())
            .mistakes.front()
            .starts_with("TP25 b.frame:1:1 "));
}

TEST_CASE("every mistake of every frame is reported, one each") {
  CHECK(run({{"a.frame", "{{x}}{{y}}"}, {"b.frame", "{{z}}"}}, json::object()).mistakes ==
        std::vector<std::string>{"TP11 a.frame:1:3 `x` is not defined", "TP11 b.frame:1:3 `z` is not defined"});
}

}  // namespace
}  // namespace vdlc
