// The template engine on hostile templates: parse and render, against a document that has every kind of value. Whatever
// the bytes are, the outcome is files below the output directory or located diagnostics, within the limits.
//
// The input is one or more templates, divided by lines "==== name": "==== a.frame". Without such a line it is a.frame.
#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include <nb/base/check.h>

#include "diagnostics/render.h"
#include "template/render.h"

namespace vdlc {
namespace {

constexpr std::string_view kDivider = "==== ";
constexpr std::size_t kMaxFiles = 8;

const nlohmann::json& document() {
  static const nlohmann::json document = nlohmann::json::parse(R"({
    "a": {"b": {"c": "text", "yes": true, "no": false, "n": 7, "half": 1.5, "none": null}},
    "xs": [{"name": "one", "ys": ["p", "q"]}, {"name": "two", "ys": []}],
    "path": "dir/file", "up": "../x", "x": "outer", "empty": []
  })");
  return document;
}

std::vector<FileId> add_templates(std::string_view input, Sources& sources) {
  std::vector<FileId> ids;
  std::string name = "a.frame";
  while (ids.size() < kMaxFiles) {
    if (input.starts_with(kDivider)) {
      const std::string_view line = input.substr(0, input.find('\n'));
      name = line.substr(kDivider.size());
      input.remove_prefix(std::min(line.size() + 1, input.size()));
    }
    const std::size_t next = input.find("\n==== ");
    ids.push_back(sources.add(name, "", std::string(input.substr(0, next))));
    if (next == std::string_view::npos) break;
    input.remove_prefix(next + 1);
  }
  return ids;
}

void run(std::string_view input) {
  Sources sources;
  const std::vector<FileId> ids = add_templates(input, sources);
  Diagnostics diagnostics;
  const TemplateSet templates = parse_templates(sources, ids, diagnostics);
  const bool well_formed = !diagnostics.failed();
  RenderLimits limits;
  limits.output_bytes = 1 << 16;
  limits.steps = 20'000;
  const auto files = render(document(), templates, diagnostics, limits);
  // A set that did not parse is rendered here all the same, though the driver would stop; it may then look complete.
  NB_CHECK(!well_formed || !diagnostics.failed() || files.empty(), "rendering with mistakes writes nothing");
  for (const OutputFile& file : files) {
    NB_CHECK(!file.path.empty() && file.path.front() != '/' && file.path.find("..") != 0,
             "output stays below the output directory");
  }
  (void)render_text(diagnostics, sources);
}

}  // namespace
}  // namespace vdlc

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vdlc::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
