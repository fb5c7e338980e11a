// vdlc: reads the command line, runs the compiler, prints, writes, exits with 0 (fine), 1 (mistakes) or 2 (usage).
#include <unistd.h>

#include <iostream>
#include <new>

#include "diagnostics/explanations.h"
#include "diagnostics/render.h"
#include "driver/command_line.h"
#include "driver/compile.h"
#include "driver/messages.h"
#include "driver/print_stage.h"
#include "driver/write.h"

namespace vdlc {
namespace {

void explain(const std::string& topic, Diagnostics& diagnostics) {
  if (topic == "all") {
    for (const Explanation& explanation : explanations())
      std::cout << explanation.id << "  " << explanation.title << "\n";
  } else if (const Explanation* explanation = find_explanation(topic)) {
    std::cout << render_explanation(*explanation);
  } else {
    diagnostics.error(kUnknownTopic, topic).note("vdlc explain all lists them");
  }
}

std::vector<std::string> output_paths(const Options& options, const Compilation& result, const FileSystem& files) {
  std::vector<std::string> paths;
  for (const OutputFile& file : result.outputs)
    paths.push_back(output_path(options.out, file.path, files.current_directory()));
  return paths;
}

// Every file that was read, and saved descriptions.
std::vector<std::string> input_paths(const Options& options, const Sources& sources) {
  std::vector<std::string> paths = options.documents;
  for (std::size_t i = 0; i < sources.size(); ++i) paths.push_back(sources.file(static_cast<FileId>(i)).path);
  return paths;
}

void deliver(const Options& options, const Compilation& result, const Sources& sources, FileSystem& files,
             Diagnostics& diagnostics) {
  if (options.print) {
    std::cout << print_stage(options.last_stage, result, sources);
    return;
  }
  if (diagnostics.failed()) return;
  if (options.verb == Verb::kJson) {
    std::cout << print_stage(Stage::kJson, result, sources);
  } else if (options.list_outputs) {
    for (const std::string& path : output_paths(options, result, files)) std::cout << path << "\n";
    return;
  } else {
    write_files(result.outputs, options.out, files, diagnostics);
  }
  if (options.depfile.empty() || diagnostics.failed()) return;
  const std::string depfile = make_depfile(output_paths(options, result, files), input_paths(options, sources));
  write_files({{options.depfile, depfile}}, "", files, diagnostics);
}

int run(Options options) {
  if (options.verb == Verb::kCheck && !options.print) options.last_stage = Stage::kModel;
  if (options.verb == Verb::kJson && !options.print) options.last_stage = Stage::kJson;
  const auto files = make_real_file_system();
  Sources sources;
  Diagnostics diagnostics;
  Compilation result;
  if (options.verb == Verb::kExplain) {
    explain(options.topic, diagnostics);
  } else {
    if (!options.documents.empty() && !options.load.packages.empty()) {
      diagnostics.error(kDocumentsAndPackages, options.documents[0], options.load.packages[0])
          .note("the file name of a saved description ends in .json");
    } else if (!options.documents.empty()) {
      render_documents(options, *files, sources, result, diagnostics);
    } else {
      compile(options, *files, sources, result, diagnostics);
    }
    deliver(options, result, sources, *files, diagnostics);
  }
  if (!std::cout.flush()) diagnostics.error(kOutputLost);
  RenderOptions rendering;
  rendering.max_errors = options.max_errors;
  rendering.colour = isatty(STDERR_FILENO) != 0;
  std::cerr << (options.json_diagnostics ? render_json(diagnostics, sources, rendering)
                                         : render_text(diagnostics, sources, rendering));
  return diagnostics.failed() ? 1 : 0;
}

}  // namespace
}  // namespace vdlc

int main(int argc, char** argv) try {
  vdlc::CommandLine command_line = vdlc::read_command_line(argc, argv);
  if (command_line.options) return vdlc::run(std::move(*command_line.options));
  return std::cout.flush() ? command_line.status : 1;
} catch (const std::bad_alloc&) {
  std::cerr << "vdlc: error: out of memory; fewer or smaller packages in one run need less\n";
  return 1;
}
