// A template set: all templates of one folder, parsed (the language: docs/templates.md).
//
//   *.frame  one for each output file of a package; says with {{#file}} what that file is called
//   *.tmpl   partials, by base name: struct.tmpl is used as {{> struct}}
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "diagnostics/diagnostics.h"
#include "source/source.h"
#include "template/ast.h"

namespace vdlc {

struct TemplateSet {
  std::vector<tmpl::Template> frames;                           // in the order of their names
  std::map<std::string, tmpl::Template, std::less<>> partials;  // by the name used in {{> name}}
};

// Parses the given files; names come from their base names, files with another ending are ignored. Whatever is wrong
// with them has been reported (TP*). Nothing of `sources` is kept.
TemplateSet parse_templates(const Sources& sources, const std::vector<FileId>& files, Diagnostics& diagnostics);

}  // namespace vdlc
