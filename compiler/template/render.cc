#include "template/render.h"

#include <nlohmann/json.hpp>

#include "template/evaluate.h"
#include "template/messages.h"

namespace vdlc {
namespace {

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

// Below the output directory, whatever it is joined to.
bool is_safe_path(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.back() == '/' ||
      path.find_first_of(std::string_view("\\\n\r\0", 4)) != path.npos)
    return false;
  while (!path.empty()) {
    const auto part = path.substr(0, path.find('/'));
    if (part.empty() || part == "." || part == "..") return false;
    path.remove_prefix(std::min(path.size(), part.size() + 1));
  }
  return true;
}

}  // namespace

std::vector<OutputFile> render(const nlohmann::json& document, const TemplateSet& templates, Diagnostics& diagnostics,
                               const RenderLimits& limits) {
  std::vector<OutputFile> files;
  bool failed = false;
  for (const tmpl::Template& frame : templates.frames) {
    auto result = tmpl::evaluate(frame, templates, document, limits, diagnostics);
    if (!result) {
      failed = true;
    } else if (!result->file) {
      if (is_blank(result->text)) continue;  // a frame may decide that there is nothing to write
      diagnostics.error(frame.start, tmpl::kFileNotNamed);
      failed = true;
    } else if (!is_safe_path(*result->file)) {
      diagnostics.error(*result->file_span, tmpl::kBadFileName, *result->file);
      failed = true;
    } else {
      for (const OutputFile& other : files) {
        if (other.path != *result->file) continue;
        diagnostics.error(*result->file_span, tmpl::kSameOutput, other.path);
        failed = true;
      }
      files.push_back({std::move(*result->file), std::move(result->text)});
    }
  }
  if (failed) files.clear();
  return files;
}

}  // namespace vdlc
