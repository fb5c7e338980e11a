#include "driver/compile.h"

#include <algorithm>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "check/check.h"
#include "check/config.h"
#include "describe/describe.h"
#include "driver/messages.h"
#include "load/parse_package.h"
#include "load/paths.h"
#include "syntax/parse.h"
#include "template/template_set.h"

namespace vdlc {

Compilation::Compilation() = default;
Compilation::~Compilation() = default;

namespace {

std::vector<ParsedPackage> parse_all(const std::vector<LoadedPackage>& packages, const Sources& sources,
                                     Diagnostics& diagnostics) {
  std::vector<ParsedPackage> trees;
  for (const LoadedPackage& package : packages) {
    ParsedPackage& parsed = trees.emplace_back();
    parsed.tree = parse_package(package, sources, diagnostics);
    if (package.config) parsed.config = parse_config(sources.file(*package.config), diagnostics);
  }
  return trees;
}

// A package is checked if it is complete and everything it imports has passed; who imports a wrong one is left out in
// silence.
void check_all(Compilation& result, BackEndOptions& back_end, Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < result.packages.size(); ++i) {
    const LoadedPackage& package = result.packages[i];
    const ParsedPackage& parsed = result.trees[i];
    const auto is_compiled = [&](const std::string& path) { return result.program.find(path) != nullptr; };
    if (package.broken || !parsed.tree || !std::all_of(package.imports.begin(), package.imports.end(), is_compiled))
      continue;
    std::unique_ptr<const model::Package> checked = check(*parsed.tree, result.program, diagnostics);
    if (!checked) continue;
    if (parsed.config && is_compiled("vdltool")) {
      if (const auto config = check_package_config(*parsed.config, result.program, diagnostics)) {
        back_end.configs[package.path] = cpp_config(*config);
      }
    }
    result.program.packages.push_back(std::move(checked));
  }
}

std::vector<nlohmann::json> describe_requested(const Compilation& result, const BackEndOptions& back_end,
                                               Diagnostics& diagnostics) {
  std::vector<nlohmann::json> documents;
  for (const LoadedPackage& package : result.packages) {
    const model::Package* checked = result.program.find(package.path);
    if (package.requested && checked) documents.push_back(describe(*checked, result.program, back_end, diagnostics));
  }
  return documents;
}

std::vector<FileId> load_templates(const Options& options, FileSystem& files, Sources& sources,
                                   Diagnostics& diagnostics) {
  std::vector<FileId> result;
  if (options.templates.empty()) {
    diagnostics.error(kNoTemplates);
    return result;
  }
  const auto entries = files.list(options.templates);
  if (!entries) {
    diagnostics.error(kTemplatesUnreadable, options.templates, std::string(entries.error().message()));
    return result;
  }
  for (const FileSystem::Entry& entry : *entries) {
    if (!entry.name.ends_with(".frame") && !entry.name.ends_with(".tmpl")) continue;
    const std::string path = join_path(options.templates, entry.name);
    auto text = files.read(path);
    if (text) {
      result.push_back(sources.add(path, "", std::move(*text)));
    } else {
      diagnostics.error(kTemplatesUnreadable, path, std::string(text.error().message()));
    }
  }
  return result;
}

std::vector<OutputFile> render_all(const Compilation& result, const TemplateSet& templates, Diagnostics& diagnostics) {
  std::vector<OutputFile> outputs;
  std::set<std::string> paths;
  for (const nlohmann::json& document : result.descriptions) {
    std::vector<OutputFile> files = render(document, templates, diagnostics);
    if (diagnostics.failed()) break;  // a wrong template is wrong for every document
    // x.vdl.h before x.vdl.cc before x.rpc.h: what a build system lists first.
    std::sort(files.begin(), files.end(), [](const OutputFile& a, const OutputFile& b) { return a.path > b.path; });
    for (OutputFile& file : files) {
      if (!paths.insert(file.path).second) diagnostics.error(kOutputTwice, file.path);
      outputs.push_back(std::move(file));
    }
  }
  return outputs;
}

void render_descriptions(const Options& options, FileSystem& files, Sources& sources, Compilation& result,
                         Diagnostics& diagnostics) {
  result.templates = load_templates(options, files, sources, diagnostics);
  if (diagnostics.failed()) return;
  const TemplateSet templates = parse_templates(sources, result.templates, diagnostics);
  if (diagnostics.failed()) return;
  result.outputs = render_all(result, templates, diagnostics);
}

constexpr int kDocumentFormat = 1;  // what describe() writes

// "" for a description we can render, else what is wrong with it.
std::string document_fault(const nlohmann::json& description) {
  if (!description.is_object()) return "a description is an object";
  const auto format = description.find("format");
  if (format == description.end()) return "it does not say its format";
  if (*format != kDocumentFormat)
    return fmt::format("it has format {}, this vdlc reads format {}", format->dump(), kDocumentFormat);
  return "";
}

// A document may be one description or a list of them.
void read_document(const std::string& path, FileSystem& files, Compilation& result, Diagnostics& diagnostics) {
  std::string text;
  if (path == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  } else if (auto read = files.read(path)) {
    text = std::move(*read);
  } else {
    diagnostics.error(kDocumentUnreadable, path, std::string(read.error().message()));
    return;
  }
  nlohmann::json document;
  try {
    document = nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& e) {
    diagnostics.error(kNotADocument, path, std::string(e.what()));
    return;
  }
  if (!document.is_array()) document = nlohmann::json::array({std::move(document)});
  for (nlohmann::json& description : document) {
    if (const std::string fault = document_fault(description); !fault.empty()) {
      diagnostics.error(kNotADocument, path, fault);
      return;
    }
    result.descriptions.push_back(std::move(description));
  }
}

}  // namespace

void compile(const Options& options, FileSystem& files, Sources& sources, Compilation& result,
             Diagnostics& diagnostics) {
  result.packages = load(options.load, files, sources, diagnostics);
  if (options.last_stage == Stage::kFiles) return;

  result.trees = parse_all(result.packages, sources, diagnostics);
  if (options.last_stage == Stage::kAst) return;

  BackEndOptions back_end;
  back_end.sources = &sources;
  check_all(result, back_end, diagnostics);
  if (options.last_stage == Stage::kModel || diagnostics.failed()) return;

  result.descriptions = describe_requested(result, back_end, diagnostics);
  if (options.last_stage == Stage::kJson || diagnostics.failed()) return;

  render_descriptions(options, files, sources, result, diagnostics);
}

void render_documents(const Options& options, FileSystem& files, Sources& sources, Compilation& result,
                      Diagnostics& diagnostics) {
  for (const std::string& path : options.documents) read_document(path, files, result, diagnostics);
  if (diagnostics.failed()) return;
  render_descriptions(options, files, sources, result, diagnostics);
}

}  // namespace vdlc
