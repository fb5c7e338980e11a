// The tree of a template (docs/templates.md): plain values with places, no parser type in them.
//
// Blocks nest at most kMaxBlockDepth deep, so recursion over the tree is safe.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "source/source.h"

namespace vdlc::tmpl {

inline constexpr int kMaxBlockDepth = 24;

struct Node;
using Nodes = std::vector<Node>;

// type.fields: the first part is looked up in the scopes, the others are members.
struct Path {
  struct Part {
    std::string name;
    Span span;
  };
  std::vector<Part> parts;  // at least one
  std::string text;         // as written
  Span span;
};

struct Text {
  std::string text;
};
// {{path}}
struct Print {
  Path path;
};
// {{#if path}} … {{else}} … {{/if}}, {{#if not path}}
struct If {
  Path condition;
  bool negated = false;
  Nodes then;
  Nodes otherwise;
};
// {{#each path as name}}, {{#each path as name sep ", "}}
struct Each {
  Path list;
  std::string name;
  std::string separator;
  Nodes body;
};
// {{> name}}, {{> name path as alias}}. Standing alone on its line, it indents each line of the partial by what stands
// before it.
struct Include {
  std::string name;
  Span span;
  std::optional<Path> value;
  std::string alias;
  std::string indent;
};
// {{#file}} … {{/file}}: its text names the output file.
struct File {
  Nodes name;
  Span span;
};

struct Node {
  std::variant<Text, Print, If, Each, Include, File> form;
};

struct Template {
  std::string name;  // base name without its ending
  Span start;        // the first byte of the file
  Nodes nodes;
};

}  // namespace vdlc::tmpl
