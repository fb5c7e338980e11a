// A template as a flat list of pieces of text and tags, as the grammar (grammar/Template*.g4) gives them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "diagnostics/diagnostics.h"
#include "source/source.h"
#include "template/ast.h"

namespace vdlc::tmpl {

enum class ItemKind {
  kText,
  kComment,
  kIf,
  kElse,
  kEndIf,
  kEach,
  kEndEach,
  kFile,
  kEndFile,
  kPartial,
  kLiteral,
  kPrint
};

struct Item {
  ItemKind kind;
  Span span;
  std::string text;          // kText: the text; kLiteral: what to print; kEach: the separator
  std::optional<Path> path;  // kIf, kEach, kPrint; kPartial if it was given a value
  bool negated = false;      // kIf
  std::string name;          // kEach: of the element; kPartial: of the partial
  Span name_span;
  std::string alias;   // kPartial
  std::string indent;  // kPartial, set by strip_lines()
};

// Nothing if the template is not well-formed; the first mistake has been reported then.
std::optional<std::vector<Item>> read_items(const SourceFile& source, Diagnostics& diagnostics);

// Removes the lines on which one block tag, comment or partial stands alone, so that they leave no empty line behind:
//
//   "a\n  {{#if x}}\nb\n"  becomes  "a\n" {{#if x}} "b\n"
//
// A partial alone on its line keeps the blanks before it as its indent.
void strip_lines(std::vector<Item>& items);

// Finds the end of every block. Nothing if blocks do not nest; that has been reported then.
std::optional<Nodes> build_tree(std::vector<Item> items, Diagnostics& diagnostics);

}  // namespace vdlc::tmpl
