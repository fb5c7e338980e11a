#include "template/items.h"

// ANTLR first: its headers define names that some of ours would otherwise have defined before.
#include <TemplateLexer.h>
#include <TemplateParser.h>

#include "template/messages.h"

namespace vdlc::tmpl {
namespace {

using template_grammar::TemplateLexer;
using template_grammar::TemplateParser;

constexpr std::size_t kMaxTemplateBytes = 1 << 20;

// ANTLR counts code points. Handing it every byte as a code point of its own makes its positions byte offsets.
std::string one_code_point_a_byte(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xc0 | (byte >> 6));
      out += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  return out;
}

// Remembers where the first mistake is; what follows it is usually nonsense.
class FirstError : public antlr4::BaseErrorListener {
 public:
  void syntaxError(antlr4::Recognizer*, antlr4::Token* token, std::size_t, std::size_t, const std::string&,
                   std::exception_ptr) override {
    if (found_) return;
    found_ = true;
    at_end_ = token == nullptr || token->getType() == antlr4::Token::EOF;
    if (!at_end_) begin_ = token->getStartIndex(), end_ = token->getStopIndex() + 1;
  }
  bool found() const { return found_; }
  bool at_end() const { return at_end_; }
  std::size_t begin() const { return begin_; }
  std::size_t end() const { return end_; }

 private:
  bool found_ = false;
  bool at_end_ = false;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

std::string unescape(std::string_view quoted) {
  std::string out;
  for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
    if (quoted[i] != '\\') {
      out += quoted[i];
      continue;
    }
    const char c = quoted[++i];
    out += c == 'n' ? '\n' : c == 't' ? '\t' : c;
  }
  return out;
}

class Reader {
 public:
  explicit Reader(const SourceFile& source) : source_(source) {}

  std::vector<Item> read(TemplateParser::DocumentContext* document) {
    std::vector<Item> items;
    for (auto* context : document->item()) {
      Item item = read(context);
      const bool continues_text = item.kind == ItemKind::kText && !items.empty() && items.back().kind == item.kind;
      if (!continues_text) {
        items.push_back(std::move(item));
      } else {
        items.back().text += item.text;
        items.back().span = join(items.back().span, item.span);
      }
    }
    return items;
  }

 private:
  Span span(antlr4::Token* first, antlr4::Token* last) const {
    return {source_.id, static_cast<std::uint32_t>(first->getStartIndex()),
            static_cast<std::uint32_t>(last->getStopIndex() + 1)};
  }
  Span span(antlr4::ParserRuleContext* context) const { return span(context->getStart(), context->getStop()); }
  Span span(antlr4::tree::TerminalNode* node) const { return span(node->getSymbol(), node->getSymbol()); }
  std::string text(Span s) const { return source_.text.substr(s.begin, s.end - s.begin); }

  Path path(TemplateParser::PathContext* context) const {
    Path path;
    path.span = span(context);
    path.parts.push_back({text(span(context->NAME())), span(context->NAME())});
    path.text = path.parts.back().name;
    for (auto* member : context->member()) {
      path.parts.push_back({text(span(member)), span(member)});
      path.text += '.' + path.parts.back().name;
    }
    return path;
  }

  Item read(TemplateParser::ItemContext* context) const {
    using P = TemplateParser;
    Item item{ItemKind::kText, span(context), "", std::nullopt, false, "", span(context), "", ""};
    if (dynamic_cast<P::TextContext*>(context) != nullptr) {
      item.text = text(item.span);
    } else if (dynamic_cast<P::CommentContext*>(context) != nullptr) {
      item.kind = ItemKind::kComment;
    } else if (auto* tag = dynamic_cast<P::IfTagContext*>(context)) {
      item.kind = ItemKind::kIf;
      item.negated = tag->NOT() != nullptr;
      item.path = path(tag->path());
    } else if (dynamic_cast<P::ElseTagContext*>(context) != nullptr) {
      item.kind = ItemKind::kElse;
    } else if (dynamic_cast<P::EndIfTagContext*>(context) != nullptr) {
      item.kind = ItemKind::kEndIf;
    } else if (auto* each = dynamic_cast<P::EachTagContext*>(context)) {
      item.kind = ItemKind::kEach;
      item.path = path(each->path());
      item.name = text(span(each->NAME()));
      if (each->STRING() != nullptr) item.text = unescape(text(span(each->STRING())));
    } else if (dynamic_cast<P::EndEachTagContext*>(context) != nullptr) {
      item.kind = ItemKind::kEndEach;
    } else if (dynamic_cast<P::FileTagContext*>(context) != nullptr) {
      item.kind = ItemKind::kFile;
    } else if (dynamic_cast<P::EndFileTagContext*>(context) != nullptr) {
      item.kind = ItemKind::kEndFile;
    } else if (auto* partial = dynamic_cast<P::PartialTagContext*>(context)) {
      item.kind = ItemKind::kPartial;
      item.name_span = span(partial->NAME(0));
      item.name = text(item.name_span);
      if (partial->path() != nullptr) {
        item.path = path(partial->path());
        item.alias = text(span(partial->NAME(1)));
      }
    } else if (auto* literal = dynamic_cast<P::LiteralTagContext*>(context)) {
      item.kind = ItemKind::kLiteral;
      item.text = unescape(text(span(literal->STRING())));
    } else if (auto* print = dynamic_cast<P::PrintTagContext*>(context)) {
      item.kind = ItemKind::kPrint;
      item.path = path(print->path());
    }
    return item;
  }

  const SourceFile& source_;
};

void report(const FirstError& error, const SourceFile& source, Diagnostics& diagnostics) {
  const auto size = static_cast<std::uint32_t>(source.text.size());
  if (error.at_end()) {
    const auto open = static_cast<std::uint32_t>(source.text.rfind("{{"));
    diagnostics.error({source.id, open, open + 2}, kTagNotClosed);
    return;
  }
  const Span at{source.id, static_cast<std::uint32_t>(error.begin()),
                std::min(size, static_cast<std::uint32_t>(error.end()))};
  const std::string found = source.text.substr(at.begin, at.end - at.begin);
  diagnostics.error(at, kUnexpectedInTag, found == "}}" ? "end" : "`" + found + "`")
      .note(
          "tags are {{name.member}}, {{#if name}}, {{#if not name}}, {{else}}, {{/if}}, {{#each list as name}}, "
          "{{/each}}, {{> partial}}, {{#file}}, {{/file}}, {{\"text\"}}, {{! comment }}");
}

}  // namespace

std::optional<std::vector<Item>> read_items(const SourceFile& source, Diagnostics& diagnostics) {
  if (source.text.size() > kMaxTemplateBytes) {
    diagnostics.error({source.id, 0, 0}, kTemplateTooLarge, kMaxTemplateBytes);
    return std::nullopt;
  }
  FirstError error;
  antlr4::ANTLRInputStream input(one_code_point_a_byte(source.text));
  TemplateLexer lexer(&input);
  lexer.removeErrorListeners();
  lexer.addErrorListener(&error);
  antlr4::CommonTokenStream tokens(&lexer);
  TemplateParser parser(&tokens);
  parser.removeErrorListeners();
  parser.addErrorListener(&error);
  auto* document = parser.document();
  if (error.found()) {
    report(error, source, diagnostics);
    return std::nullopt;
  }
  return Reader(source).read(document);
}

}  // namespace vdlc::tmpl
