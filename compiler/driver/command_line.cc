#include "driver/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

#include "diagnostics/excerpt.h"
#include "diagnostics/nearest.h"
#include "driver/installation.h"
#include "driver/version.h"

namespace vdlc {
namespace {

const std::map<std::string, Stage> kStages{{"files", Stage::kFiles},
                                           {"ast", Stage::kAst},
                                           {"model", Stage::kModel},
                                           {"json", Stage::kJson},
                                           {"output", Stage::kOutput}};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// VDLPATH: directories separated by ':', empty parts ignored.
std::vector<std::string> split_path(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(':', begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

void add_common_options(CLI::App& app, Options& options, std::string& stage, std::string& diagnostics) {
  app.add_option("--root", options.load.roots, "source directory, repeatable; packages lie below it (else: VDLPATH)")
      ->type_name("DIR")
      ->allow_extra_args(false);
  app.add_option("--vdlroot", options.load.vdlroot,
                 "directory of the standard packages (else: VDLROOT, else those that came with vdlc)")
      ->type_name("DIR");
  app.add_option("--templates", options.templates, "directory of the templates")->type_name("DIR");
  app.add_option("--out", options.out, "where output files go; default: the working directory")->type_name("DIR");
  app.add_option("--depfile", options.depfile, "also write the inputs of the outputs, in Make's syntax")
      ->type_name("FILE");
  app.add_flag("--outputs", options.list_outputs, "write nothing, list the files that would be written");
  app.add_option("--print", stage, "print a stage and stop: files, ast, model, json, output")
      ->type_name("STAGE")
      ->check(CLI::IsMember(kStages));
  app.add_option("--diagnostics", diagnostics, "how mistakes are told: text (default), json")
      ->type_name("FORM")
      ->check(CLI::IsMember({"text", "json"}));
  app.add_option("--max-errors", options.max_errors, "stop telling after N errors; 0: tell all")->type_name("N");
}

// Sorts what stands behind `render`: documents saved by --print=json, and packages.
void split_render_arguments(Options& options) {
  std::vector<std::string> packages;
  for (std::string& argument : options.load.packages) {
    const bool is_document = argument == "-" || argument.ends_with(".json");
    (is_document ? options.documents : packages).push_back(std::move(argument));
  }
  options.load.packages = std::move(packages);
}

CommandLine unknown_verb(const std::string& word) {
  const std::string near(nearest(word, {"cpp", "check", "json", "render", "explain"}));
  std::cerr << "vdlc: `" << make_visible(word) << "` is no verb; the verbs are cpp, check, json, render and explain"
            << (near.empty() ? "" : ": " + did_you_mean(near)) << "\nRun with --help for more information.\n";
  return {std::nullopt, 2};
}

void fill_from_environment(Options& options) {
  if (options.load.roots.empty()) {
    options.load.roots = split_path(environment("VDLPATH"));
    options.load.roots_may_be_missing = true;
  }
  if (options.load.vdlroot.empty()) options.load.vdlroot = environment("VDLROOT");
  if (options.load.vdlroot.empty()) options.load.vdlroot = find_installed_directory("vdl");
  if (options.templates.empty() && options.verb != Verb::kRender) {
    const std::string templates = find_installed_directory("templates");
    if (!templates.empty()) options.templates = templates + "/cpp";
  }
  if (options.fakes && !options.templates.empty()) options.templates += "_fakes";
}

}  // namespace

CommandLine read_command_line(int argc, char** argv) {
  Options options;
  std::string stage;
  std::string diagnostics;
  CLI::App app(
      "vdlc compiles VDL, the interface language of Niobium.\n"
      "PACKAGE: an import path (a/b), a directory (./a), a .vdl file, a pattern (a/...), or all; nothing is the\n"
      "working directory.",
      "vdlc");
  app.set_version_flag("--version", std::string("vdlc ") + kVersion);
  app.require_subcommand(1);
  app.fallthrough();
  add_common_options(app, options, stage, diagnostics);

  const auto add_verb = [&](const char* name, const char* description, Verb verb) {
    CLI::App* command = app.add_subcommand(name, description);
    command->callback([&options, verb] { options.verb = verb; });
    return command;
  };
  const auto add_packages = [&](CLI::App* command) {
    command->add_option("packages", options.load.packages, "what to compile")->type_name("PACKAGE");
  };
  CLI::App* cpp = add_verb("cpp", "write C++ for packages", Verb::kCpp);
  cpp->add_flag("--fakes", options.fakes, "write fakes of their servers for tests instead (PACKAGE.fake.h)");
  add_packages(cpp);
  add_packages(add_verb("check", "look for mistakes, write nothing", Verb::kCheck));
  add_packages(add_verb("json", "print the description of packages, as templates see it", Verb::kJson));
  CLI::App* render = add_verb(
      "render", "render packages, or descriptions saved before (FILE.json, -), with --templates", Verb::kRender);
  render->add_option("inputs", options.load.packages, "packages or saved descriptions")->type_name("INPUT");
  CLI::App* explain =
      add_verb("explain", "tell more about a kind of mistake, for example: vdlc explain TY11", Verb::kExplain);
  explain->add_option("id", options.topic, "the id in brackets behind `error`, or `all`")->type_name("ID")->required();

  try {
    app.parse(argc, argv);
    if (options.verb == Verb::kRender && options.templates.empty()) throw CLI::RequiredError("render: --templates");
  } catch (const CLI::ParseError& e) {
    const std::vector<std::string> left = app.remaining();
    const auto word = std::find_if(left.begin(), left.end(), [](const std::string& s) { return !s.starts_with('-'); });
    if (app.get_subcommands().empty() && left.empty() && e.get_name() == "RequiredError") {
      std::cerr
          << "vdlc: a verb is needed: cpp, check, json, render or explain\nRun with --help for more information.\n";
      return {std::nullopt, 2};
    }
    if (app.get_subcommands().empty() && word != left.end() && e.get_exit_code() != 0) return unknown_verb(*word);
    return {std::nullopt, app.exit(e) == 0 ? 0 : 2};
  }
  options.json_diagnostics = diagnostics == "json";
  options.print = !stage.empty();
  if (options.print) options.last_stage = kStages.at(stage);
  if (options.verb == Verb::kRender) split_render_arguments(options);
  fill_from_environment(options);
  return {std::move(options), 0};
}

}  // namespace vdlc
