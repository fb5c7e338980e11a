#include "syntax/docs.h"

#include <algorithm>
#include <unordered_map>

namespace vdlc {
namespace {

struct Item {
  std::uint32_t line;
  ast::Docs* docs;  // null: the item takes its comments, nobody keeps them
};

// All items of a file in the order in which they may take comments.
class ItemList {
 public:
  explicit ItemList(const SourceFile& source) : line_starts_(find_line_starts(source.text)) {}

  void collect(ast::File& file) {
    add(file.package.span, &file.package_docs);
    for (ast::Import& import : file.imports) add(import.alias ? import.alias->span : import.path.span, nullptr);
    for (ast::ErrorDef& def : file.error_defs) add(def.name.span, &def.docs);
    for (ast::TypeDef& def : file.type_defs) {
      add(def.name.span, &def.docs);
      add_parts(file, def.type);
    }
    for (ast::ConstDef& def : file.const_defs) add(def.name.span, &def.docs);
    for (ast::Interface& def : file.interfaces) {
      add(def.name.span, &def.docs);
      for (ast::Embed& embed : def.embeds) add(embed.name.span, &embed.docs);
      for (ast::Method& method : def.methods) add(method.name.span, &method.docs);
    }
  }

  const std::vector<Item>& items() const { return items_; }

 private:
  void add(Span span, ast::Docs* docs) {
    const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), span.begin);
    items_.push_back({static_cast<std::uint32_t>(next - line_starts_.begin()), docs});
  }

  // The labels and fields inside a type, outer ones first; depth is bounded by kMaxNesting.
  void add_parts(ast::File& file, ast::TypeId id) {
    auto& form = file.types[static_cast<std::size_t>(id)].form;
    if (auto* type = std::get_if<ast::EnumType>(&form)) {
      for (ast::Label& label : type->labels) add(label.name.span, &label.docs);
    } else if (auto* structure = std::get_if<ast::StructType>(&form)) {
      add_fields(file, structure->fields);
    } else if (auto* alternatives = std::get_if<ast::UnionType>(&form)) {
      add_fields(file, alternatives->fields);
    } else if (auto* array = std::get_if<ast::ArrayType>(&form)) {
      add_parts(file, array->elem);
    } else if (auto* list = std::get_if<ast::ListType>(&form)) {
      add_parts(file, list->elem);
    } else if (auto* set = std::get_if<ast::SetType>(&form)) {
      add_parts(file, set->key);
    } else if (auto* map = std::get_if<ast::MapType>(&form)) {
      add_parts(file, map->key);
      add_parts(file, map->elem);
    } else if (auto* optional = std::get_if<ast::OptionalType>(&form)) {
      add_parts(file, optional->elem);
    }
  }

  void add_fields(ast::File& file, std::vector<ast::Field>& fields) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      add(fields[i].name.span, &fields[i].docs);
      // `A, B T` shares one type; its insides are walked once.
      if (i == 0 || fields[i - 1].type != fields[i].type) add_parts(file, fields[i].type);
    }
  }

  std::vector<std::uint32_t> line_starts_;
  std::vector<Item> items_;
};

}  // namespace

void attach_docs(const SourceFile& source, const std::vector<CommentBlock>& comments, ast::File& file) {
  if (comments.empty()) return;
  std::unordered_map<std::uint32_t, std::size_t> by_first;
  std::unordered_map<std::uint32_t, std::size_t> by_last;
  for (std::size_t i = 0; i < comments.size(); ++i) {
    by_first.emplace(comments[i].first_line, i);
    by_last.emplace(comments[i].last_line, i);
  }
  std::vector<bool> used(comments.size());
  const auto take = [&](const std::unordered_map<std::uint32_t, std::size_t>& lines,
                        std::uint32_t line) -> const std::string* {
    const auto found = lines.find(line);
    if (found == lines.end() || used[found->second]) return nullptr;
    used[found->second] = true;
    return &comments[found->second].text;
  };

  ItemList list(source);
  list.collect(file);
  for (const Item& item : list.items()) {
    const std::string* text = take(by_first, item.line);
    if (text && item.docs) item.docs->suffix = " " + *text;
  }
  for (const Item& item : list.items()) {
    const std::string* text = take(by_last, item.line - 1);
    if (text && item.docs) item.docs->leading = *text + "\n";
  }
  if (const std::string* text = take(by_first, 1)) file.file_doc = *text + "\n";
}

}  // namespace vdlc
