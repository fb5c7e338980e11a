#include <string_view>

#include "template/items.h"

namespace vdlc::tmpl {
namespace {

bool may_stand_alone(ItemKind kind) {
  switch (kind) {
    case ItemKind::kComment:
    case ItemKind::kIf:
    case ItemKind::kElse:
    case ItemKind::kEndIf:
    case ItemKind::kEach:
    case ItemKind::kEndEach:
    case ItemKind::kPartial:
      return true;
    case ItemKind::kText:
    case ItemKind::kFile:
    case ItemKind::kEndFile:
    case ItemKind::kLiteral:
    case ItemKind::kPrint:
      return false;
  }
  return false;
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r") == std::string_view::npos; }

// What to cut from a text at its two ends.
struct Cut {
  std::size_t front = 0;
  std::size_t back = 0;
};

}  // namespace

void strip_lines(std::vector<Item>& items) {
  std::vector<Cut> cuts(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    // Blanks between the start of the line and the tag.
    std::string_view before;
    if (i > 0) {
      if (items[i - 1].kind != ItemKind::kText) {
        if (items[i].kind != ItemKind::kEndFile) continue;
      } else {
        const std::string_view text = items[i - 1].text;
        const auto newline = text.rfind('\n');
        if (newline == std::string_view::npos && i > 1 && items[i].kind != ItemKind::kEndFile) continue;
        before = newline == std::string_view::npos ? text : text.substr(newline + 1);
      }
    }
    // Blanks between the tag and the end of the line, that included.
    std::size_t after = 0;
    if (i + 1 < items.size()) {
      if (items[i + 1].kind != ItemKind::kText) continue;
      const std::string_view text = items[i + 1].text;
      const auto newline = text.find('\n');
      const bool last = i + 2 == items.size();
      if (newline == std::string_view::npos && !last) continue;
      after = newline == std::string_view::npos ? text.size() : newline + 1;
      if (!is_blank(text.substr(0, after - (newline == std::string_view::npos ? 0 : 1)))) continue;
    }
    if (items[i].kind == ItemKind::kEndFile) {  // ends its line whatever stands before it: the name of the file
      if (i + 1 < items.size()) cuts[i + 1].front = after;
      continue;
    }
    if (!may_stand_alone(items[i].kind) || !is_blank(before)) continue;
    if (items[i].kind == ItemKind::kPartial) items[i].indent = before;
    if (i > 0) cuts[i - 1].back = before.size();
    if (i + 1 < items.size()) cuts[i + 1].front = after;
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].kind != ItemKind::kText) continue;
    // The two cuts never meet: the front one ends with a newline, the back one holds none.
    items[i].text = items[i].text.substr(cuts[i].front);
    items[i].text.resize(items[i].text.size() - std::min(cuts[i].back, items[i].text.size()));
  }
}

}  // namespace vdlc::tmpl
