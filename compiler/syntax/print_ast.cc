#include "syntax/print_ast.h"

#include <fmt/format.h>

namespace vdlc {
namespace {

std::string spell(const ast::NameRef& name) {
  std::string text;
  if (name.path) text = quote_string(name.path->value) + ".";
  for (std::size_t i = 0; i < name.parts.size(); ++i) text += (i > 0 ? "." : "") + name.parts[i].text;
  return text;
}

std::string_view symbol(ast::UnaryOp op) {
  switch (op) {
    case ast::UnaryOp::kNot:
      return "!";
    case ast::UnaryOp::kPlus:
      return "+";
    case ast::UnaryOp::kMinus:
      return "-";
    case ast::UnaryOp::kComplement:
      return "^";
  }
  return "";
}

std::string_view symbol(ast::BinaryOp op) {
  switch (op) {
    case ast::BinaryOp::kOr:
      return "||";
    case ast::BinaryOp::kAnd:
      return "&&";
    case ast::BinaryOp::kLess:
      return "<";
    case ast::BinaryOp::kGreater:
      return ">";
    case ast::BinaryOp::kLessEqual:
      return "<=";
    case ast::BinaryOp::kGreaterEqual:
      return ">=";
    case ast::BinaryOp::kNotEqual:
      return "!=";
    case ast::BinaryOp::kEqual:
      return "==";
    case ast::BinaryOp::kAdd:
      return "+";
    case ast::BinaryOp::kSubtract:
      return "-";
    case ast::BinaryOp::kBitOr:
      return "|";
    case ast::BinaryOp::kBitXor:
      return "^";
    case ast::BinaryOp::kMultiply:
      return "*";
    case ast::BinaryOp::kDivide:
      return "/";
    case ast::BinaryOp::kModulo:
      return "%";
    case ast::BinaryOp::kBitAnd:
      return "&";
    case ast::BinaryOp::kShiftLeft:
      return "<<";
    case ast::BinaryOp::kShiftRight:
      return ">>";
  }
  return "";
}

// Recursion here is bounded by kMaxNesting and kMaxExpressionDepth.
class TypeSpeller {
 public:
  explicit TypeSpeller(const ast::File& file) : file_(file) {}

  std::string operator()(ast::TypeId id) const {
    return std::visit([&](const auto& form) { return spelled(form); }, file_.type(id).form);
  }

 private:
  std::string spelled(const ast::NamedType& t) const { return spell(t.name); }
  std::string spelled(const ast::ErrorType&) const { return "error"; }
  std::string spelled(const ast::TypeObjectType&) const { return "typeobject"; }
  std::string spelled(const ast::EnumType& t) const {
    std::string text = "enum{";
    for (std::size_t i = 0; i < t.labels.size(); ++i) text += (i > 0 ? "; " : "") + t.labels[i].name.text;
    return text + "}";
  }
  std::string spelled(const ast::ArrayType& t) const { return "[" + t.length + "]" + (*this)(t.elem); }
  std::string spelled(const ast::ListType& t) const { return "[]" + (*this)(t.elem); }
  std::string spelled(const ast::SetType& t) const { return "set[" + (*this)(t.key) + "]"; }
  std::string spelled(const ast::MapType& t) const { return "map[" + (*this)(t.key) + "]" + (*this)(t.elem); }
  std::string spelled(const ast::StructType& t) const { return "struct{" + fields(t.fields) + "}"; }
  std::string spelled(const ast::UnionType& t) const { return "union{" + fields(t.fields) + "}"; }
  std::string spelled(const ast::OptionalType& t) const { return "?" + (*this)(t.elem); }

  std::string fields(const std::vector<ast::Field>& fields) const {
    std::string text;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      text += (i > 0 ? "; " : "") + fields[i].name.text + " " + (*this)(fields[i].type);
    }
    return text;
  }

  const ast::File& file_;
};

class Printer {
 public:
  Printer(const ast::File& file, const Sources& sources) : file_(file), sources_(sources) {}

  std::string run() {
    line(0, "file {}", quote_string(file_.base_name));
    if (!file_.file_doc.empty()) line(1, "doc {}", quote_string(file_.file_doc));
    line(0, "package {} @{}", file_.package.text, place(file_.package.span));
    docs(file_.package_docs);
    for (const ast::Import& import : file_.imports) {
      line(0, "import {}{} @{}", import.alias ? import.alias->text + " " : "", quote_string(import.path.value),
           place(import.span));
    }
    if (file_.config) line(0, "config = {}", expr(*file_.config));
    for (const ast::TypeDef& def : file_.type_defs) type_def(def);
    for (const ast::ConstDef& def : file_.const_defs) {
      line(0, "const {} @{} = {}", def.name.text, place(def.name.span), expr(def.value));
      docs(def.docs);
    }
    for (const ast::ErrorDef& def : file_.error_defs) error_def(def);
    for (const ast::Interface& def : file_.interfaces) interface_def(def);
    return std::move(out_);
  }

 private:
  template <class... Args>
  void line(std::size_t depth, fmt::format_string<Args...> format, Args&&... args) {
    out_ += std::string(2 * depth, ' ') + fmt::format(format, std::forward<Args>(args)...) + "\n";
  }

  std::string place(Span span) const {
    const LineColumn at = sources_.position(span.file, span.begin);
    return fmt::format("{}:{}", at.line, at.column);
  }

  void docs(const ast::Docs& docs, std::size_t depth = 1) {
    if (!docs.leading.empty()) line(depth, "doc {}", quote_string(docs.leading));
    if (!docs.suffix.empty()) line(depth, "suffix {}", quote_string(docs.suffix));
  }

  void type_def(const ast::TypeDef& def) {
    const std::string head = fmt::format("type {} @{}", def.name.text, place(def.name.span));
    const auto& form = file_.type(def.type).form;
    if (const auto* labels = std::get_if<ast::EnumType>(&form)) {
      line(0, "{} enum", head);
      docs(def.docs);
      for (const ast::Label& label : labels->labels) {
        line(1, "{} @{}", label.name.text, place(label.name.span));
        docs(label.docs, 2);
      }
    } else if (const auto* structure = std::get_if<ast::StructType>(&form)) {
      line(0, "{} struct", head);
      docs(def.docs);
      fields(structure->fields);
    } else if (const auto* alternatives = std::get_if<ast::UnionType>(&form)) {
      line(0, "{} union", head);
      docs(def.docs);
      fields(alternatives->fields);
    } else {
      line(0, "{} {}", head, vdlc::spell(file_, def.type));
      docs(def.docs);
    }
  }

  void fields(const std::vector<ast::Field>& fields) {
    for (const ast::Field& field : fields) {
      line(1, "{} @{} {}", field.name.text, place(field.name.span), vdlc::spell(file_, field.type));
      docs(field.docs, 2);
    }
  }

  void error_def(const ast::ErrorDef& def) {
    line(0, "error {} @{} ({})", def.name.text, place(def.name.span), args(def.params));
    docs(def.docs);
    for (const ast::Ident& action : def.actions) line(1, "action {}", action.text);
    for (const ast::ErrorFormat& format : def.formats) {
      line(1, "format {} {}", quote_string(format.language.value), quote_string(format.format.value));
    }
  }

  void interface_def(const ast::Interface& def) {
    line(0, "interface {} @{}", def.name.text, place(def.name.span));
    docs(def.docs);
    for (const ast::Embed& embed : def.embeds) {
      line(1, "embed {} @{}", spell(embed.name), place(embed.name.span));
      docs(embed.docs, 2);
    }
    for (const ast::Method& method : def.methods) {
      std::string stream;
      if (method.stream)
        stream = fmt::format(" stream<{}, {}>", direction(method.stream->in), direction(method.stream->out));
      line(1, "{} @{} ({}){} ({})", method.name.text, place(method.name.span), args(method.in_args), stream,
           args(method.out_args));
      docs(method.docs, 2);
      for (const ast::ExprId tag : method.tags) line(2, "tag {}", expr(tag));
    }
  }

  std::string direction(const std::optional<ast::TypeId>& type) const { return type ? vdlc::spell(file_, *type) : "_"; }

  std::string args(const std::vector<ast::Arg>& args) const {
    std::string text;
    for (const ast::Arg& arg : args) {
      if (!text.empty()) text += ", ";
      if (arg.name) text += arg.name->text + " ";
      text += vdlc::spell(file_, arg.type);
    }
    return text;
  }

  std::string expr(ast::ExprId id) const {
    return std::visit([&](const auto& form) { return spelled(form); }, file_.expr(id).form);
  }
  std::string spelled(const ast::IntegerLit& e) const { return e.text; }
  std::string spelled(const ast::RationalLit& e) const { return e.text; }
  std::string spelled(const ast::StringExpr& e) const { return quote_string(e.value); }
  std::string spelled(const ast::NameExpr& e) const { return spell(e.name); }
  std::string spelled(const ast::IndexExpr& e) const {
    return fmt::format("(index {} {})", spell(e.name), expr(e.index));
  }
  std::string spelled(const ast::UnaryExpr& e) const { return fmt::format("({} {})", symbol(e.op), expr(e.operand)); }
  std::string spelled(const ast::BinaryExpr& e) const {
    return fmt::format("({} {} {})", symbol(e.op), expr(e.left), expr(e.right));
  }
  std::string spelled(const ast::ConversionExpr& e) const {
    return fmt::format("(convert {} {})", vdlc::spell(file_, e.type), expr(e.operand));
  }
  std::string spelled(const ast::TypeObjectExpr& e) const {
    return fmt::format("(typeobject {})", vdlc::spell(file_, e.type));
  }
  std::string spelled(const ast::CompositeLit& e) const {
    std::string text = e.type ? vdlc::spell(file_, *e.type) + "{" : "{";
    for (std::size_t i = 0; i < e.entries.size(); ++i) {
      if (i > 0) text += ", ";
      if (e.entries[i].key) text += expr(*e.entries[i].key) + ": ";
      text += expr(e.entries[i].value);
    }
    return text + "}";
  }

  const ast::File& file_;
  const Sources& sources_;
  std::string out_;
};

}  // namespace

std::string spell(const ast::File& file, ast::TypeId type) { return TypeSpeller(file)(type); }

std::string quote_string(std::string_view bytes) {
  std::string text = "\"";
  for (const char c : bytes) {
    if (c == '"' || c == '\\') {
      text += '\\';
      text += c;
    } else if (c == '\n') {
      text += "\\n";
    } else if (c == '\t') {
      text += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F) {
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      text += c;
    }
  }
  return text + "\"";
}

std::string print_ast(const ast::File& file, const Sources& sources) { return Printer(file, sources).run(); }

}  // namespace vdlc
