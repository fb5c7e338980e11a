// The one file that knows ANTLR: lexing, the parser with its error strategy, and the walk from ANTLR's parse tree to
// ours, one function a rule of grammar/VdlParser.g4. It is longer than we like because of that rule.
//
// A file is parsed fast first (SLL prediction, no recovery). Only when that fails it is parsed a second time, with full
// prediction and with recovery at the end of the definition, field or method that is wrong.
#include "syntax/parse.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

// Generated code is as clean as ANTLR makes it.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wextra-semi"
#include "VdlLexer.h"
#include "VdlParser.h"
#pragma GCC diagnostic pop
#include "syntax/args.h"
#include "syntax/docs.h"
#include "syntax/literals.h"
#include "syntax/messages.h"
#include "syntax/nesting.h"
#include "syntax/syntax_errors.h"
#include "syntax/token.h"
#include "syntax/token_stream.h"
#include "syntax/tree_builder.h"

namespace vdlc {
namespace {

using vdl_grammar::VdlLexer;
using vdl_grammar::VdlParser;
using K = TokenKind;

// TokenKind is ANTLR's numbering; a few kinds of each part of the list prove it.
static_assert(VdlLexer::CONST == static_cast<int>(K::kConst) && VdlLexer::UNION == static_cast<int>(K::kUnion));
static_assert(VdlLexer::SEMI == static_cast<int>(K::kSemi) && VdlLexer::QUESTION == static_cast<int>(K::kQuestion));
static_assert(VdlLexer::SHIFT_RIGHT == static_cast<int>(K::kShiftRight) &&
              VdlLexer::IDENT == static_cast<int>(K::kIdent));
static_assert(VdlLexer::COMMENT == static_cast<int>(K::kComment) && VdlLexer::INVALID == static_cast<int>(K::kInvalid));

K kind_of(std::size_t antlr_type) { return antlr_type == antlr4::Token::EOF ? K::kEof : static_cast<K>(antlr_type); }

// ---- lexing ------------------------------------------------------------------------------------------------------

// All tokens up to the end, or up to the first one that `last` accepts, which is included; kEof follows in either case.
std::vector<Token> scan(const SourceFile& source, const std::function<bool(K)>& last) {
  antlr4::ANTLRInputStream input(source.text);
  VdlLexer lexer(&input);
  lexer.removeErrorListeners();
  // ANTLR counts code points, we count bytes.
  std::uint32_t byte = 0;
  std::size_t code_point = 0;
  const auto advance_to = [&](std::size_t target) {
    for (; code_point < target; ++code_point) {
      do ++byte;
      while (byte < source.text.size() && (static_cast<unsigned char>(source.text[byte]) & 0xC0) == 0x80);
    }
    return byte;
  };
  std::vector<Token> tokens;
  for (;;) {
    const std::unique_ptr<antlr4::Token> token = lexer.nextToken();
    if (token->getType() == antlr4::Token::EOF) break;
    Token ours{kind_of(token->getType())};
    ours.begin = advance_to(token->getStartIndex());
    ours.end = advance_to(token->getStopIndex() + 1);
    tokens.push_back(ours);
    if (last(ours.kind)) break;
  }
  const auto end = static_cast<std::uint32_t>(source.text.size());
  tokens.push_back({K::kEof, end, end});
  return tokens;
}

// ---- parsing -----------------------------------------------------------------------------------------------------

// Our tokens as ANTLR wants them. A token's index is its index in our list, which is how the walk finds it again.
std::unique_ptr<antlr4::ListTokenSource> make_token_source(const std::vector<Token>& tokens) {
  std::vector<std::unique_ptr<antlr4::Token>> list;
  list.reserve(tokens.size());
  for (const Token& token : tokens) {
    const std::size_t type = token.kind == K::kEof ? antlr4::Token::EOF : static_cast<std::size_t>(token.kind);
    list.push_back(
        std::make_unique<antlr4::CommonToken>(std::pair<antlr4::TokenSource*, antlr4::CharStream*>(nullptr, nullptr),
                                              type, antlr4::Token::DEFAULT_CHANNEL, token.begin, token.end));
  }
  return std::make_unique<antlr4::ListTokenSource>(std::move(list));
}

SyntaxContext context_of(std::size_t rule) {
  switch (rule) {
    case VdlParser::RuleVdlFile:
    case VdlParser::RuleConfigFile:
      return SyntaxContext::kFile;
    case VdlParser::RuleTopLevel:
      return SyntaxContext::kDefinition;
    case VdlParser::RulePackageClause:
      return SyntaxContext::kPackageClause;
    case VdlParser::RuleConfigClause:
      return SyntaxContext::kConfigClause;
    case VdlParser::RuleImportSpec:
      return SyntaxContext::kImport;
    case VdlParser::RuleTypeSpec:
      return SyntaxContext::kTypeDef;
    case VdlParser::RuleConstSpec:
      return SyntaxContext::kConstDef;
    case VdlParser::RuleErrorSpec:
      return SyntaxContext::kErrorDef;
    case VdlParser::RuleEnumType:
      return SyntaxContext::kEnum;
    case VdlParser::RuleFields:
    case VdlParser::RuleFieldLine:
      return SyntaxContext::kField;
    case VdlParser::RuleInterfaceType:
    case VdlParser::RuleInterfaceItem:
      return SyntaxContext::kInterfaceItem;
    default:
      return SyntaxContext::kInner;
  }
}

// Reports the first mistake in each item (see is_item) and goes on behind that item.
class ItemErrorStrategy final : public antlr4::DefaultErrorStrategy {
 public:
  explicit ItemErrorStrategy(SyntaxErrors& errors) : errors_(errors) {}

  void sync(antlr4::Parser* parser) override {
    if (inErrorRecoveryMode(parser)) return;
    const auto& atn = parser->getATN();
    const std::size_t next = parser->getTokenStream()->LA(1);
    const antlr4::misc::IntervalSet here = atn.nextTokens(atn.states[parser->getState()]);
    if (here.contains(next)) return;
    if (here.contains(antlr4::Token::EPSILON) && parser->getExpectedTokens().contains(next)) return;
    if (context_of(parser->getContext()->getRuleIndex()) != SyntaxContext::kFile) {
      throw antlr4::InputMismatchException(parser);
    }
    const antlr4::misc::IntervalSet expected = parser->getExpectedTokens();
    do {
      const std::size_t at = parser->getCurrentToken()->getTokenIndex();
      report(parser, at, expected);
      skip_to(parser, errors_.next_definition(at + 1));
    } while (!expected.contains(parser->getCurrentToken()->getType()));
  }

  antlr4::Token* recoverInline(antlr4::Parser* parser) override { throw antlr4::InputMismatchException(parser); }

  void reportError(antlr4::Parser* parser, const antlr4::RecognitionException& e) override {
    if (inErrorRecoveryMode(parser)) return;
    beginErrorCondition(parser);
    report(parser, e.getOffendingToken()->getTokenIndex(), e.getExpectedTokens());
  }

  // Called for every rule that the error passes on its way up, until one of them is an item.
  void recover(antlr4::Parser* parser, std::exception_ptr e) override {
    const std::size_t at = parser->getCurrentToken()->getTokenIndex();
    const std::size_t begin = parser->getContext()->getStart()->getTokenIndex();
    switch (context_of(parser->getContext()->getRuleIndex())) {
      case SyntaxContext::kFile:  // nobody is left to go on
        skip_to(parser, errors_.end_of_file());
        return;
      case SyntaxContext::kInner:
      case SyntaxContext::kEnum:
        std::rethrow_exception(e);
      case SyntaxContext::kDefinition:
      case SyntaxContext::kPackageClause:
      case SyntaxContext::kConfigClause:
        skip_to(parser, errors_.next_definition(std::max(at, begin + 1)));
        return;
      case SyntaxContext::kImport:
      case SyntaxContext::kTypeDef:
      case SyntaxContext::kConstDef:
      case SyntaxContext::kErrorDef:
      case SyntaxContext::kField:
      case SyntaxContext::kInterfaceItem:
        if (!is_item(parser->getContext()->getRuleIndex())) std::rethrow_exception(e);
        skip_to(parser, errors_.end_of_item(begin, at));
        return;
    }
  }

 private:
  static bool is_item(std::size_t rule) {
    return rule != VdlParser::RuleFields && rule != VdlParser::RuleInterfaceType;
  }

  void report(antlr4::Parser* parser, std::size_t at, const antlr4::misc::IntervalSet& expected) {
    std::vector<K> kinds;
    for (const auto type : expected.toList()) {
      if (type >= -1) kinds.push_back(kind_of(static_cast<std::size_t>(type)));
    }
    SyntaxContext context = SyntaxContext::kInner;
    for (auto* c = dynamic_cast<antlr4::ParserRuleContext*>(parser->getContext());
         c != nullptr && context == SyntaxContext::kInner; c = dynamic_cast<antlr4::ParserRuleContext*>(c->parent)) {
      context = context_of(c->getRuleIndex());
    }
    errors_.report(at, kinds, context);
  }

  static void skip_to(antlr4::Parser* parser, std::size_t index) {
    while (parser->getCurrentToken()->getTokenIndex() < index &&
           parser->getCurrentToken()->getType() != antlr4::Token::EOF) {
      parser->consume();
    }
  }

  SyntaxErrors& errors_;
};

// ---- the walk ----------------------------------------------------------------------------------------------------

// A rule in which a mistake was reported has an incomplete tree and is passed over.
template <class Context>
bool is_broken(Context* c) {
  return c->exception != nullptr;
}

class Walk {
 public:
  Walk(const Walk&) = delete;  // tree_ refers to file_
  Walk& operator=(const Walk&) = delete;
  Walk(const SourceFile& source, const std::vector<Token>& tokens, bool is_config, Diagnostics& diagnostics)
      : source_(source), tokens_(tokens), is_config_(is_config), diagnostics_(diagnostics), tree_(file_, diagnostics) {
    file_.id = source.id;
    file_.base_name = source.path.substr(source.path.rfind('/') + 1);
  }

  ast::File vdl_file(VdlParser::VdlFileContext* c) {
    for (auto* item : c->topLevel()) top_level(item);
    return std::move(file_);
  }

  ast::File config_file(VdlParser::ConfigFileContext* c) {
    if (auto* clause = c->configClause()) config_clause(clause);
    for (auto* item : c->topLevel()) top_level(item);
    return std::move(file_);
  }

 private:
  // -- tokens
  const Token& token(antlr4::Token* t) const { return tokens_[t->getTokenIndex()]; }
  Span span(antlr4::Token* t) const { return span_of(source_, token(t)); }
  Span span(antlr4::tree::TerminalNode* t) const { return span(t->getSymbol()); }
  Span span(antlr4::ParserRuleContext* c) const { return join(span(c->getStart()), span(c->getStop())); }
  std::string_view text(antlr4::tree::TerminalNode* t) const { return text_of(source_, token(t->getSymbol())); }
  ast::Ident ident(antlr4::tree::TerminalNode* t) const { return {std::string(text(t)), span(t)}; }
  const Token& token_after(antlr4::ParserRuleContext* c) const { return tokens_[c->getStop()->getTokenIndex() + 1]; }

  Diagnostic& syntax_error(Span at, std::string words) { return diagnostics_.error(at, kSyntax, std::move(words)); }
  Diagnostic& expected_at(const Token& found, std::string expected) {
    return diagnostics_.error(span_of(source_, found), kUnexpected, quote(source_, found), std::move(expected));
  }
  // A newline inside brackets where the list should go on or end.
  template <class Context>
  void check_list_end(Context* c, std::string_view closing) {
    if (!c->SEMI()) return;
    const Token& semi = token(c->SEMI()->getSymbol());
    Diagnostic& report = expected_at(semi, fmt::format("`,` or {}", closing));
    if (semi.inserted) report.suggest(span_of(source_, semi), ",", "the last entry before a newline needs a comma too");
  }

  // -- files
  void package_clause(VdlParser::PackageClauseContext* c) {
    if (is_broken(c)) return;
    if (std::exchange(seen_package_clause_, true) || is_config_) {
      syntax_error(span(c->PACKAGE()),
                   is_config_ ? "a config file belongs to no package" : "a file has one package clause");
    }
    const ast::NameRef name = name_ref(c->nameRef());
    if (name.path || name.parts.size() > 1) {
      syntax_error(name.span, "a package name is one word").note("the path of a package comes from its directory");
    }
    file_.package = name.parts[0];
  }

  void config_clause(VdlParser::ConfigClauseContext* c) {
    if (is_broken(c)) return;
    file_.package = ident(c->IDENT());
    if (!c->ASSIGN()) expected_at(token(c->expr()->getStart()), "`=`");
    file_.config = expr(c->expr());
  }

  void top_level(VdlParser::TopLevelContext* c) {
    if (is_broken(c)) return;
    if (auto* clause = c->packageClause()) {
      package_clause(clause);
    } else if (auto* import = c->importDecl()) {
      import_decl(import);
    } else if (auto* types = c->typeDecl()) {
      seen_definition_ = true;
      type_decl(types);
    } else if (auto* consts = c->constDecl()) {
      seen_definition_ = true;
      for (auto* spec : consts->constSpec()) const_spec(spec);
    } else if (auto* errors = c->errorDecl()) {
      seen_definition_ = true;
      if (is_config_) diagnostics_.error(span(errors->ERROR()), kNotInConfig, "error");
      for (auto* spec : errors->errorSpec()) error_spec(spec);
    }
  }

  void import_decl(VdlParser::ImportDeclContext* c) {
    if (seen_definition_)
      syntax_error(span(c->IMPORT()), "found an import after a definition, but all imports come first");
    for (auto* spec : c->importSpec()) {
      if (is_broken(spec)) continue;
      std::optional<ast::Ident> alias;
      if (spec->IDENT()) alias = ident(spec->IDENT());
      file_.imports.push_back({std::move(alias), string(spec->string()), span(spec)});
    }
  }

  void type_decl(VdlParser::TypeDeclContext* c) {
    const bool grouped = c->LEFT_PAREN() != nullptr;
    for (auto* spec : c->typeSpec()) {
      if (is_broken(spec)) continue;
      if (spec->ASSIGN()) {
        syntax_error(span(spec->ASSIGN()), "found `=`, but a type is defined without it")
            .suggest(span(spec->ASSIGN()), "", "write `type Name Type`");
      }
      auto* interface = spec->interfaceType();
      if (is_config_) diagnostics_.error(span(spec->IDENT()), kNotInConfig, interface ? "interface" : "type");
      if (interface) {
        if (grouped) {
          syntax_error(span(interface->INTERFACE()), "an interface cannot stand in a `type (…)` group")
              .note("give it a `type` of its own");
        }
        interface_def(ident(spec->IDENT()), interface);
      } else {
        const ast::Ident name = ident(spec->IDENT());
        const ast::TypeId id = type(spec->type());
        file_.type_defs.push_back({name, id, {}});
      }
    }
  }

  void const_spec(VdlParser::ConstSpecContext* c) {
    if (is_broken(c)) return;
    const ast::Ident name = ident(c->IDENT());
    if (auto* type = c->type()) {
      syntax_error(span(type), "found a type, expected `=`")
          .note(fmt::format("a constant takes the type of its value: `const {} = T(value)`", name.text));
    } else if (!c->ASSIGN()) {
      expected_at(token_after(c), "`=`").note(fmt::format("a constant is written `const {} = value`", name.text));
    }
    if (c->expr()) file_.const_defs.push_back({name, expr(c->expr()), {}});
  }

  void error_spec(VdlParser::ErrorSpecContext* c) {
    if (is_broken(c)) return;
    ast::ErrorDef def;
    def.name = ident(c->IDENT());
    if (c->args()) {
      def.params = args(c->args());
    } else {
      const Token& next = tokens_[c->IDENT()->getSymbol()->getTokenIndex() + 1];
      expected_at(next, "`(`").note(fmt::format("an error without parameters is written `error {}()`", def.name.text));
    }
    if (auto* details = c->errorDetails()) {
      check_list_end(details, "`}`");
      for (auto* detail : details->errorDetail()) {
        if (detail->IDENT()) {
          def.actions.push_back(ident(detail->IDENT()));
        } else {
          def.formats.push_back({string(detail->string(0)), string(detail->string(1))});
        }
      }
    }
    file_.error_defs.push_back(std::move(def));
  }

  // -- types
  ast::NameRef name_ref(VdlParser::NameRefContext* c) const {
    ast::NameRef name;
    if (auto* path = c->string()) name.path = string(path);
    for (auto* part : c->IDENT()) name.parts.push_back(ident(part));
    name.span = span(c);
    return name;
  }

  ast::StringLit string(VdlParser::StringContext* c) const {
    const Token& literal = token(c->getStart());
    return {unquote(text_of(source_, literal)), span_of(source_, literal)};
  }

  ast::TypeId type(VdlParser::TypeContext* c) {
    if (auto* name = c->nameRef()) return tree_.add_type(span(c), ast::NamedType{name_ref(name)});
    if (c->TYPEOBJECT()) return tree_.add_type(span(c), ast::TypeObjectType{});
    return composed_type(c->composedType());
  }

  ast::TypeId composed_type(VdlParser::ComposedTypeContext* c) {
    const Span at = span(c);
    if (c->ERROR()) return tree_.add_type(at, ast::ErrorType{});
    if (auto* labels = c->enumType()) return tree_.add_type(at, enum_type(labels));
    if (auto* bracket = c->bracketType()) return bracket_type(bracket);
    if (c->SET()) return tree_.add_type(at, ast::SetType{type(c->type())});
    if (auto* map = c->mapType()) {
      const ast::TypeId key = type(map->type(0));
      const ast::TypeId elem = type(map->type(1));
      return tree_.add_type(at, ast::MapType{key, elem});
    }
    if (c->STRUCT()) return tree_.add_type(at, ast::StructType{fields(c->fields())});
    if (c->UNION()) return tree_.add_type(at, ast::UnionType{fields(c->fields())});
    return tree_.add_type(at, ast::OptionalType{type(c->type())});
  }

  ast::EnumType enum_type(VdlParser::EnumTypeContext* c) {
    ast::EnumType result;
    for (auto* label : c->label()) result.labels.push_back({ident(label->IDENT()), {}});
    if (!c->COMMA().empty()) {
      const Span comma = span(c->COMMA(0));
      syntax_error(comma, "found `,`, but labels are separated by newlines or `;`")
          .suggest(comma, ";", "write `;` here");
    }
    if (result.labels.empty())
      expected_at(token(c->RIGHT_BRACE()->getSymbol()), "a label").note("an enum has at least one label");
    return result;
  }

  ast::TypeId bracket_type(VdlParser::BracketTypeContext* c) {
    auto* length = c->expr();
    if (!length) return tree_.add_type(span(c), ast::ListType{type(c->type())});
    const Span at = span(length);
    if (length->getStart() != length->getStop() || token(length->getStart()).kind != K::kInteger) {
      syntax_error(at, "an array's length is one integer literal")
          .note("constants and expressions cannot be used here; a list of any length is `[]T`");
    }
    const ast::TypeId elem = type(c->type());
    return tree_.add_type(span(c), ast::ArrayType{source_.text.substr(at.begin, at.end - at.begin), at, elem});
  }

  std::vector<ast::Field> fields(VdlParser::FieldsContext* c) {
    std::vector<ast::Field> result;
    for (auto* line : c->fieldLine()) {
      if (is_broken(line)) continue;
      if (!check_field_line_end(line)) continue;
      const std::vector<ArgItem> items = arg_items(line->children);
      for (ast::Field& field : make_fields(file_, items, diagnostics_)) result.push_back(std::move(field));
    }
    return result;
  }

  // A comma behind the type: fields are no list of entries.
  bool check_field_line_end(VdlParser::FieldLineContext* c) {
    if (c->COMMA().size() < c->argItem().size()) return true;
    const Span comma = span(c->COMMA().back());
    const Token& next = token_after(c);
    Diagnostic& report = syntax_error(comma, "found `,`, but fields are separated by newlines or `;`");
    if (next.kind == K::kRightBrace || next.inserted) report.suggest(comma, "", "leave it out");
    return false;
  }

  // The argItems among the children of a list, each with the comma before it.
  std::vector<ArgItem> arg_items(const std::vector<antlr4::tree::ParseTree*>& children) {
    std::vector<ArgItem> items;
    std::optional<Span> comma;
    for (antlr4::tree::ParseTree* child : children) {
      if (auto* terminal = dynamic_cast<antlr4::tree::TerminalNode*>(child)) {
        if (token(terminal->getSymbol()).kind == K::kComma) comma = span(terminal);
      } else if (auto* item = dynamic_cast<VdlParser::ArgItemContext*>(child)) {
        ArgItem ours;
        for (auto* t : item->type()) ours.types.push_back(type(t));
        ours.comma = std::exchange(comma, std::nullopt);
        items.push_back(std::move(ours));
      }
    }
    return items;
  }

  std::vector<ast::Arg> args(VdlParser::ArgsContext* c) {
    check_list_end(c, "`)`");
    return make_args(file_, arg_items(c->children), diagnostics_);
  }

  // -- interfaces
  void interface_def(ast::Ident name, VdlParser::InterfaceTypeContext* c) {
    ast::Interface def;
    def.name = std::move(name);
    for (auto* item : c->interfaceItem()) {
      if (is_broken(item)) continue;
      if (auto* tags = item->tags()) {
        syntax_error(span(tags->LEFT_BRACE()), "found `{`, expected a method or an interface")
            .note("the tags of a method start on the line on which its `error` stands");
        continue;
      }
      ast::NameRef ref = name_ref(item->nameRef());
      if (!item->method()) {
        def.embeds.push_back({std::move(ref), {}});
        continue;
      }
      if (ref.path || ref.parts.size() > 1) syntax_error(ref.span, "a method's name is one word");
      def.methods.push_back(method(ref.parts[0], item->method()));
    }
    file_.interfaces.push_back(std::move(def));
  }

  ast::Method method(const ast::Ident& name, VdlParser::MethodContext* c) {
    ast::Method result;
    result.name = name;
    result.in_args = args(c->args());
    if (c->stream()) result.stream = stream(c->stream());
    if (c->results()) {
      result.out_args = results(c->results());
    } else if (!c->stream() || c->stream()->LESS()) {
      check_missing_results(c);
    }
    if (auto* tags = c->tags()) {
      check_list_end(tags, "`}`");
      for (auto* tag : tags->expr()) result.tags.push_back(expr(tag));
    }
    return result;
  }

  void check_missing_results(VdlParser::MethodContext* c) {
    auto* before = c->stream() ? static_cast<antlr4::ParserRuleContext*>(c->stream()) : c->args();
    const std::size_t at = before->getStop()->getTokenIndex() + 1;
    if (tokens_[at].inserted) {
      // They may stand on the next line, where the parser has found and reported them.
      const K next = tokens_[at + 1].kind;
      if (next == K::kError || next == K::kLeftParen || next == K::kStream) return;
    }
    expected_at(tokens_[at], "`error` or `(`")
        .note("a method says what it returns: `error` alone, or `(results | error)`");
  }

  std::optional<ast::Stream> stream(VdlParser::StreamContext* c) {
    if (!c->LESS()) {
      expected_at(token_after(c), "`<`").note("a stream is written `stream<FromClient, FromServer>`, `_` for none");
      return std::nullopt;
    }
    std::vector<ast::TypeId> types;
    for (auto* t : c->type()) types.push_back(type(t));
    if (types.size() > 2)
      syntax_error(tree_.type(types[2]).span, "a stream has at most two types: from the client and from the server");
    if (!types.empty() && c->COMMA().size() >= types.size())
      expected_at(token(c->GREATER()->getSymbol()), "a type or `_`");
    ast::Stream result{std::nullopt, std::nullopt, span(c)};
    if (!types.empty() && !is_blank(types[0])) result.in = types[0];
    if (types.size() > 1 && !is_blank(types[1])) result.out = types[1];
    if (!result.in && !result.out) return std::nullopt;
    return result;
  }

  bool is_blank(ast::TypeId id) const {
    const auto* named = std::get_if<ast::NamedType>(&tree_.type(id).form);
    return named && !named->name.path && named->name.parts.size() == 1 && named->name.parts[0].text == "_";
  }

  bool is_error_type(VdlParser::TypeContext* c) const {
    return c->getStart() == c->getStop() && token(c->getStart()).kind == K::kError;
  }

  std::vector<ast::Arg> results(VdlParser::ResultsContext* c) {
    if (!c->LEFT_PAREN()) {
      if (!is_error_type(c->type())) {
        const Span at = span(c->type());
        const std::string written = source_.text.substr(at.begin, at.end - at.begin);
        syntax_error(at, "found a type, expected `error`")
            .suggest(at, fmt::format("({} | error)", written),
                     fmt::format("a method that returns it writes `({} | error)`", written));
      }
      return {};
    }
    check_list_end(c, "`)`");
    const std::vector<ArgItem> items = arg_items(c->children);
    if (items.empty()) {
      const Token& bad = token((c->BAR() ? c->BAR() : c->RIGHT_PAREN())->getSymbol());
      expected_at(bad, "a result").suggest(span(c), "error", "a method without results writes `error`");
      return {};
    }
    if (!c->BAR()) {
      const bool only_error =
          c->argItem().size() == 1 && c->argItem(0)->type().size() == 1 && is_error_type(c->argItem(0)->type(0));
      Diagnostic& report = expected_at(token(c->RIGHT_PAREN()->getSymbol()), "`| error`");
      if (only_error) report.suggest(span(c), "error", "a method without results writes `error`, without brackets");
      return make_args(file_, items, diagnostics_);
    }
    if (!c->type()) {
      expected_at(token(c->RIGHT_PAREN()->getSymbol()), "`error`");
    } else if (!is_error_type(c->type())) {
      expected_at(token(c->type()->getStart()), "`error`").note("what stands behind `|` is always `error`");
    }
    return make_args(file_, items, diagnostics_);
  }

  // -- expressions
  ast::ExprId expr(VdlParser::ExprContext* c) {
    std::vector<ast::ExprId> operands;
    for (auto* operand : c->unary()) operands.push_back(unary(operand));
    std::vector<TreeBuilder::Operator> operators;
    for (antlr4::Token* op : c->operators) operators.push_back({binary_op(token(op).kind), span(op)});
    return tree_.add_chain(operands, operators);
  }

  ast::ExprId unary(VdlParser::UnaryContext* c) {
    ast::ExprId id = c->nameOperand() ? name_operand(c->nameOperand()) : operand(c->operand());
    if (!c->trailer().empty()) check_trailer(c->trailer(0), is_composite(c->operand()));
    for (auto op = c->operators.rbegin(); op != c->operators.rend(); ++op) {
      id = tree_.add_expr(join(span(*op), tree_.span(id)), ast::UnaryExpr{unary_op(token(*op).kind), span(*op), id});
    }
    return id;
  }

  ast::ExprId name_operand(VdlParser::NameOperandContext* c) {
    const ast::NameRef name = name_ref(c->nameRef());
    if (!c->trailer().empty()) check_trailer(c->trailer(0), c->composite() != nullptr);
    if (auto* conversion = c->conversion()) {
      const ast::TypeId target = tree_.add_type(name.span, ast::NamedType{name});
      const ast::ExprId value = expr(conversion->expr());
      return tree_.add_expr(join(name.span, span(conversion)), ast::ConversionExpr{target, value});
    }
    if (auto* index = c->index()) {
      const ast::ExprId at = expr(index->expr());
      return tree_.add_expr(join(name.span, span(index)), ast::IndexExpr{name, at});
    }
    if (auto* literal = c->composite()) {
      const ast::TypeId type = tree_.add_type(name.span, ast::NamedType{name});
      return composite(type, name.span, literal);
    }
    return tree_.add_expr(name.span, ast::NameExpr{name});
  }

  ast::ExprId operand(VdlParser::OperandContext* c) {
    const Span at = span(c);
    const std::string written = source_.text.substr(at.begin, c->INTEGER() || c->RATIONAL() ? at.end - at.begin : 0);
    if (c->INTEGER()) return tree_.add_expr(at, ast::IntegerLit{written});
    if (c->RATIONAL()) return tree_.add_expr(at, ast::RationalLit{written});
    if (auto* literal = c->string()) return tree_.add_expr(at, ast::StringExpr{string(literal).value});
    if (auto* composed = c->composedType()) {
      const ast::TypeId target = composed_type(composed);
      if (auto* conversion = c->conversion()) {
        const ast::ExprId value = expr(conversion->expr());
        return tree_.add_expr(at, ast::ConversionExpr{target, value});
      }
      return composite(target, at, c->composite());
    }
    if (c->TYPEOBJECT()) {
      if (auto* literal = c->composite()) {
        return composite(tree_.add_type(span(c->TYPEOBJECT()), ast::TypeObjectType{}), at, literal);
      }
      return tree_.add_expr(at, ast::TypeObjectExpr{type(c->type())});
    }
    if (auto* literal = c->composite()) return composite(std::nullopt, at, literal);
    return expr(c->expr());
  }

  ast::ExprId composite(std::optional<ast::TypeId> type, Span begin, VdlParser::CompositeContext* c) {
    check_list_end(c, "`}`");
    ast::CompositeLit literal{type, {}};
    for (auto* entry : c->keyValue()) {
      const ast::ExprId first = expr(entry->expr(0));
      if (auto* value = entry->expr(1)) {
        literal.entries.push_back({first, expr(value), span(entry)});
      } else {
        literal.entries.push_back({std::nullopt, first, span(entry)});
      }
    }
    return tree_.add_expr(join(begin, span(c)), std::move(literal));
  }

  static bool is_composite(VdlParser::OperandContext* c) { return c && c->composite() != nullptr; }

  void check_trailer(VdlParser::TrailerContext* c, bool after_composite) {
    const Span at = span(c->getStart());
    const bool is_selector = c->DOT() != nullptr;
    if (after_composite) {
      if (is_selector) {
        diagnostics_.error(at, kSelectorOnComposite);
      } else {
        diagnostics_.error(at, kIndexOnComposite);
      }
      return;
    }
    syntax_error(at, is_selector ? "found `.`, but only a named constant has selectors"
                                 : "found `[`, but only a named constant can be indexed, and only once");
  }

  static ast::UnaryOp unary_op(K kind) {
    return kind == K::kNot     ? ast::UnaryOp::kNot
           : kind == K::kPlus  ? ast::UnaryOp::kPlus
           : kind == K::kMinus ? ast::UnaryOp::kMinus
                               : ast::UnaryOp::kComplement;
  }

  static ast::BinaryOp binary_op(K kind) {
    using B = ast::BinaryOp;
    static constexpr std::pair<K, B> kOperators[] = {
        {K::kOr, B::kOr},
        {K::kAnd, B::kAnd},
        {K::kLess, B::kLess},
        {K::kGreater, B::kGreater},
        {K::kLessEqual, B::kLessEqual},
        {K::kGreaterEqual, B::kGreaterEqual},
        {K::kNotEqual, B::kNotEqual},
        {K::kEqual, B::kEqual},
        {K::kPlus, B::kAdd},
        {K::kMinus, B::kSubtract},
        {K::kBar, B::kBitOr},
        {K::kCaret, B::kBitXor},
        {K::kStar, B::kMultiply},
        {K::kSlash, B::kDivide},
        {K::kPercent, B::kModulo},
        {K::kAmpersand, B::kBitAnd},
        {K::kShiftLeft, B::kShiftLeft},
        {K::kShiftRight, B::kShiftRight},
    };
    return std::find_if(std::begin(kOperators), std::end(kOperators), [&](const auto& o) { return o.first == kind; })
        ->second;
  }

  const SourceFile& source_;
  const std::vector<Token>& tokens_;
  const bool is_config_;
  Diagnostics& diagnostics_;
  ast::File file_;
  TreeBuilder tree_;
  bool seen_package_clause_ = false;
  bool seen_definition_ = false;
};

// ---- one file ----------------------------------------------------------------------------------------------------

ast::File parse_tokens(const SourceFile& source, const std::vector<Token>& tokens, bool is_config,
                       Diagnostics& diagnostics) {
  const auto token_source = make_token_source(tokens);
  antlr4::CommonTokenStream stream(token_source.get());
  VdlParser parser(&stream);
  parser.removeErrorListeners();
  auto* prediction = parser.getInterpreter<antlr4::atn::ParserATNSimulator>();
  const auto parse_and_walk = [&] {
    Walk walk(source, tokens, is_config, diagnostics);
    return is_config ? walk.config_file(parser.configFile()) : walk.vdl_file(parser.vdlFile());
  };
  try {
    prediction->setPredictionMode(antlr4::atn::PredictionMode::SLL);
    parser.setErrorHandler(std::make_shared<antlr4::BailErrorStrategy>());
    return parse_and_walk();
  } catch (const antlr4::ParseCancellationException&) {
    // Something is wrong: once more, slowly, to say what. The walk has not begun.
  }
  SyntaxErrors errors(source, tokens, is_config, diagnostics);
  parser.reset();
  prediction->setPredictionMode(antlr4::atn::PredictionMode::LL);
  parser.setErrorHandler(std::make_shared<ItemErrorStrategy>(errors));
  return parse_and_walk();
}

std::optional<ast::File> parse_file(const SourceFile& source, bool is_config, Diagnostics& diagnostics) {
  const std::size_t errors_before = diagnostics.error_count();
  if (!check_encoding(source, diagnostics)) return std::nullopt;
  TokenStream stream = make_token_stream(source, scan(source, [](K) { return false; }), diagnostics);
  if (!check_nesting(source, stream.tokens, diagnostics)) return std::nullopt;
  check_first_clause(source, stream.tokens, is_config, diagnostics);
  ast::File file = parse_tokens(source, stream.tokens, is_config, diagnostics);
  if (diagnostics.error_count() > errors_before) return std::nullopt;
  attach_docs(source, stream.comments, file);
  return file;
}

}  // namespace

std::optional<ast::File> parse(const SourceFile& source, Diagnostics& diagnostics) {
  return parse_file(source, false, diagnostics);
}

std::optional<ast::File> parse_config(const SourceFile& source, Diagnostics& diagnostics) {
  return parse_file(source, true, diagnostics);
}

std::vector<ast::Import> scan_imports(const SourceFile& source) {
  Diagnostics ignored;
  if (!check_encoding(source, ignored)) return {};
  const auto is_definition = [](K kind) { return kind == K::kType || kind == K::kConst || kind == K::kError; };
  const std::vector<Token> tokens = make_token_stream(source, scan(source, is_definition), ignored).tokens;
  std::vector<ast::Import> imports;
  bool in_import = false;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (token.kind == K::kImport) in_import = true;
    if (!in_import || (token.kind != K::kString && token.kind != K::kRawString)) continue;
    ast::Import import{std::nullopt, {unquote(text_of(source, token)), span_of(source, token)}, span_of(source, token)};
    if (i > 0 && tokens[i - 1].kind == K::kIdent) {
      import.alias = ast::Ident{std::string(text_of(source, tokens[i - 1])), span_of(source, tokens[i - 1])};
      import.span = join(import.alias->span, import.span);
    }
    imports.push_back(std::move(import));
  }
  return imports;
}

}  // namespace vdlc
