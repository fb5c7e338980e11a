#include <utility>

#include "template/items.h"
#include "template/messages.h"

namespace vdlc::tmpl {
namespace {

// A block whose end has not been met yet.
struct Open {
  ItemKind kind;
  Span span;
  bool in_else = false;
  Node node;
};

std::string_view spelling(ItemKind kind) {
  switch (kind) {
    case ItemKind::kIf:
      return "{{#if}}";
    case ItemKind::kElse:
      return "{{else}}";
    case ItemKind::kEndIf:
      return "{{/if}}";
    case ItemKind::kEach:
      return "{{#each}}";
    case ItemKind::kEndEach:
      return "{{/each}}";
    case ItemKind::kFile:
      return "{{#file}}";
    case ItemKind::kEndFile:
      return "{{/file}}";
    case ItemKind::kText:
    case ItemKind::kComment:
    case ItemKind::kPartial:
    case ItemKind::kLiteral:
    case ItemKind::kPrint:
      break;
  }
  return "";
}

class Builder {
 public:
  explicit Builder(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  std::optional<Nodes> build(std::vector<Item> items) {
    for (Item& item : items) {
      if (!take(item)) return std::nullopt;
    }
    if (open_.empty()) return std::move(top_);
    diagnostics_.error(open_.back().span, kBlockNotClosed, spelling(open_.back().kind));
    return std::nullopt;
  }

 private:
  bool take(Item& item) {
    switch (item.kind) {
      case ItemKind::kText:
      case ItemKind::kLiteral:
        if (!item.text.empty()) here().push_back({Text{std::move(item.text)}});
        return true;
      case ItemKind::kComment:
        return true;
      case ItemKind::kPrint:
        here().push_back({Print{std::move(*item.path)}});
        return true;
      case ItemKind::kPartial:
        here().push_back({Include{std::move(item.name), item.name_span, std::move(item.path), std::move(item.alias),
                                  std::move(item.indent)}});
        return true;
      case ItemKind::kIf:
        return open(item, {If{std::move(*item.path), item.negated, {}, {}}});
      case ItemKind::kEach:
        return open(item, {Each{std::move(*item.path), std::move(item.name), std::move(item.text), {}}});
      case ItemKind::kFile:
        return open(item, {File{{}, item.span}});
      case ItemKind::kElse:
        return take_else(item);
      case ItemKind::kEndIf:
        return close(item, ItemKind::kIf);
      case ItemKind::kEndEach:
        return close(item, ItemKind::kEach);
      case ItemKind::kEndFile:
        return close(item, ItemKind::kFile);
    }
    return false;
  }

  bool open(const Item& item, Node node) {
    if (open_.size() == kMaxBlockDepth) {
      diagnostics_.error(item.span, kBlocksTooDeep, kMaxBlockDepth);
      return false;
    }
    open_.push_back({item.kind, item.span, false, std::move(node)});
    return true;
  }

  bool take_else(const Item& item) {
    if (open_.empty() || open_.back().kind != ItemKind::kIf) {
      diagnostics_.error(item.span, kEndWithoutStart, spelling(item.kind));
      return false;
    }
    if (open_.back().in_else) {
      diagnostics_.error(item.span, kSecondElse).note(open_.back().span, "the block starts here");
      return false;
    }
    open_.back().in_else = true;
    return true;
  }

  bool close(const Item& item, ItemKind kind) {
    if (open_.empty()) {
      diagnostics_.error(item.span, kEndWithoutStart, spelling(item.kind));
      return false;
    }
    if (open_.back().kind != kind) {
      diagnostics_.error(item.span, kBlockMismatch, spelling(item.kind), spelling(open_.back().kind))
          .note(open_.back().span, "the block starts here");
      return false;
    }
    Node node = std::move(open_.back().node);
    open_.pop_back();
    here().push_back(std::move(node));
    return true;
  }

  // Where the next node goes.
  Nodes& here() {
    if (open_.empty()) return top_;
    Open& block = open_.back();
    if (auto* condition = std::get_if<If>(&block.node.form)) {
      return block.in_else ? condition->otherwise : condition->then;
    }
    if (auto* each = std::get_if<Each>(&block.node.form)) return each->body;
    return std::get<File>(block.node.form).name;
  }

  Diagnostics& diagnostics_;
  Nodes top_;
  std::vector<Open> open_;
};

}  // namespace

std::optional<Nodes> build_tree(std::vector<Item> items, Diagnostics& diagnostics) {
  return Builder(diagnostics).build(std::move(items));
}

}  // namespace vdlc::tmpl
