#include "template/template_set.h"

#include <algorithm>
#include <string_view>

#include "template/items.h"
#include "template/messages.h"

namespace vdlc {
namespace {

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// The template, or an empty one of that name if it is not well-formed, so that its users do not complain as well.
tmpl::Template parse_template(const SourceFile& source, std::string name, Diagnostics& diagnostics) {
  tmpl::Template result{std::move(name), {source.id, 0, 0}, {}};
  auto items = tmpl::read_items(source, diagnostics);
  if (!items) return result;
  tmpl::strip_lines(*items);
  if (auto nodes = tmpl::build_tree(std::move(*items), diagnostics)) result.nodes = std::move(*nodes);
  return result;
}

}  // namespace

TemplateSet parse_templates(const Sources& sources, const std::vector<FileId>& files, Diagnostics& diagnostics) {
  constexpr std::string_view kFrame = ".frame", kPartial = ".tmpl";
  TemplateSet set;
  for (const FileId id : files) {
    const SourceFile& source = sources.file(id);
    std::string_view name = base_name(source.path);
    if (name.ends_with(kFrame)) {
      name.remove_suffix(kFrame.size());
      set.frames.push_back(parse_template(source, std::string(name), diagnostics));
    } else if (name.ends_with(kPartial)) {
      name.remove_suffix(kPartial.size());
      const auto [at, added] = set.partials.emplace(name, parse_template(source, std::string(name), diagnostics));
      if (!added) diagnostics.error({id, 0, 0}, tmpl::kPartialTwice, name).note(at->second.start, "the first one");
    }
  }
  std::stable_sort(set.frames.begin(), set.frames.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  if (set.frames.empty()) diagnostics.error(tmpl::kNoFrame);
  return set;
}

}  // namespace vdlc
