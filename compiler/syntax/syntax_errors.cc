#include "syntax/syntax_errors.h"

#include <algorithm>

#include "syntax/expected.h"
#include "syntax/messages.h"
#include "syntax/nesting.h"

namespace vdlc {
namespace {

using K = TokenKind;

bool starts_definition(K kind) {
  return kind == K::kImport || kind == K::kType || kind == K::kConst || kind == K::kError || kind == K::kPackage;
}

bool contains(const std::vector<K>& kinds, K kind) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

// What a line cannot end with although the line ends there (1.5).
bool is_greedy(K kind) { return kind == K::kGreater || kind == K::kGreaterEqual || kind == K::kShiftRight; }

bool starts_operand(K kind) {
  return kind == K::kIdent || kind == K::kInteger || kind == K::kRational || kind == K::kString ||
         kind == K::kRawString || is_keyword(kind);
}

K opening_of(K closing) {
  return closing == K::kRightParen ? K::kLeftParen : closing == K::kRightBracket ? K::kLeftBracket : K::kLeftBrace;
}

// Does the token stand at the very start of its line? Then a keyword there begins a definition, whatever brackets are
// open.
bool is_flush_left(const SourceFile& source, const Token& token) {
  return token.begin == 0 || source.text[token.begin - 1] == '\n';
}

bool begins_definition(const SourceFile& source, const Token& token) {
  return starts_definition(token.kind) && is_flush_left(source, token);
}

std::string_view foreign_word_hint(std::string_view word);

// Definitions, and lines that begin with a word that other languages define things by.
std::size_t find_definition(const SourceFile& source, const std::vector<Token>& tokens, std::size_t at) {
  std::size_t depth = 0;
  for (; tokens[at].kind != K::kEof; ++at) {
    const K kind = tokens[at].kind;
    if (is_opening(kind)) ++depth;
    if (is_closing(kind) && depth > 0) --depth;
    const bool behind_semi = at > 0 && tokens[at - 1].kind == K::kSemi;
    const bool flush_left = is_flush_left(source, tokens[at]);
    if (begins_definition(source, tokens[at]) || (starts_definition(kind) && behind_semi && depth == 0)) break;
    if (flush_left && behind_semi && depth == 0 && !foreign_word_hint(text_of(source, tokens[at])).empty()) break;
  }
  return at;
}

// What people bring along from other languages.
std::string_view foreign_word_hint(std::string_view word) {
  if (word == "func" || word == "rpc" || word == "method")
    return "methods stand in an interface: `type Name interface { Method() error }`";
  if (word == "service") return "a service is an interface: `type Name interface { … }`";
  if (word == "message" || word == "struct") return "a struct is written `type Name struct { … }`";
  if (word == "enum") return "an enum is written `type Name enum { … }`";
  if (word == "union" || word == "oneof") return "a union is written `type Name union { … }`";
  if (word == "interface") return "an interface is written `type Name interface { … }`";
  if (word == "exception") return "an error is written `error Name(parameters)`";
  if (word == "typedef" || word == "using") return "a type is defined by `type Name Type`";
  if (word == "var" || word == "let") return "a constant is written `const Name = value`";
  if (word == "include") return "packages are imported: `import \"path\"`";
  return "";
}

}  // namespace

void check_first_clause(const SourceFile& source, std::vector<Token>& tokens, bool is_config,
                        Diagnostics& diagnostics) {
  const Token first = tokens[0];
  if (is_config ? first.kind == K::kIdent && text_of(source, first) == "config" : first.kind == K::kPackage) return;
  if (first.kind != K::kInvalid) {
    if (is_config) {
      diagnostics.error(span_of(source, first), kNoConfigClause, quote(source, first));
    } else {
      diagnostics.error(span_of(source, first), kNoPackageClause, quote(source, first))
          .note("it is written `package name`");
    }
  }
  if (first.kind == K::kEof) return;
  const bool readable = starts_definition(first.kind) && !(is_config && first.kind == K::kPackage);
  if (!readable)
    tokens.erase(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(find_definition(source, tokens, 1)));
}

std::size_t SyntaxErrors::next_definition(std::size_t at) const {
  if (count_ >= kMaxSyntaxErrors) return tokens_.size() - 1;
  return find_definition(source_, tokens_, std::min(at, tokens_.size() - 1));
}

std::size_t SyntaxErrors::end_of_item(std::size_t begin, std::size_t at) const {
  std::vector<K> open;
  // `1 >>` and a newline: the next line was meant to belong to it.
  if (tokens_[at].inserted && at > begin && is_greedy(tokens_[at - 1].kind)) ++at;
  for (std::size_t i = begin; tokens_[i].kind != K::kEof; ++i) {
    const K kind = tokens_[i].kind;
    if (i >= at && open.empty() && (kind == K::kSemi || is_closing(kind))) return i;
    if (i > begin && i >= at && begins_definition(source_, tokens_[i])) return i;
    if (is_opening(kind)) open.push_back(kind);
    if (!is_closing(kind)) continue;
    // A closing bracket closes what was opened inside and forgotten.
    const auto match = std::find(open.rbegin(), open.rend(), opening_of(kind));
    if (match != open.rend()) {
      open.erase(match.base() - 1, open.end());
    } else if (i >= at) {
      return i;
    }
  }
  return tokens_.size() - 1;
}

void SyntaxErrors::report(std::size_t at, std::vector<K> expected, SyntaxContext context) {
  if (count_ >= kMaxSyntaxErrors) return;
  // A newline in a bracketed list is the mistake, not what stands on the next line.
  if (at > 0 && tokens_[at - 1].inserted && expected.size() == 1 && is_closing(expected[0])) {
    --at;
    expected.insert(expected.begin(), K::kComma);
  }
  // A string behind a field's type was read as the beginning of another type.
  if (context == SyntaxContext::kField && expected == std::vector<K>{K::kDot} && at > 0) {
    --at;
    expected = {K::kSemi};
  }
  // A method that goes on in the next line has ended at the newline.
  const K kind = tokens_[at].kind;
  const bool continues_method = kind == K::kError || kind == K::kLeftParen || kind == K::kStream;
  if (context == SyntaxContext::kInterfaceItem && continues_method && at > 0 && tokens_[at - 1].inserted) {
    --at;
    expected = {K::kError, K::kLeftParen};
  }
  if (tokens_[at].kind == K::kInvalid) return;
  // SY3 has been said.
  if (is_config_ && context == SyntaxContext::kFile && text_of(source_, tokens_[at]) == "config") return;
  if (++count_ == kMaxSyntaxErrors) {
    diagnostics_.error(span_of(source_, tokens_[at]), kTooManySyntaxErrors, kMaxSyntaxErrors);
    return;
  }
  if (const Token* opening = unclosed_before(at)) {
    diagnostics_.error(span_of(source_, *opening), kNotClosed, quote(source_, *opening))
        .note(span_of(source_, tokens_[at]),
              tokens_[at].kind == K::kEof ? "the file ends here" : "the next definition begins here");
    return;
  }
  // Wider than the language on purpose; not what we would tell people to write.
  if (context == SyntaxContext::kEnum) std::erase(expected, K::kComma);
  if (context == SyntaxContext::kConstDef && contains(expected, K::kAssign)) expected = {K::kAssign};
  if (context == SyntaxContext::kPackageClause) {
    const bool behind_string = at > 0 && (tokens_[at - 1].kind == K::kString || tokens_[at - 1].kind == K::kRawString);
    if (behind_string) --at;
    const bool needs_name = behind_string || contains(expected, K::kIdent);
    expected = {needs_name ? K::kIdent : K::kSemi};
  }
  if (context == SyntaxContext::kInterfaceItem && expected.size() > 1) std::erase(expected, K::kLeftBrace);
  if (context == SyntaxContext::kTypeDef && expected.size() > 5) std::erase(expected, K::kAssign);
  if (expected.size() > 2) std::erase(expected, K::kDot);
  if (contains(expected, K::kStar)) {
    for (const K postfix : {K::kLeftParen, K::kLeftBracket, K::kLeftBrace}) std::erase(expected, postfix);
  }
  if (context == SyntaxContext::kField && contains(expected, K::kSemi) && has_type_already(at)) {
    std::erase_if(expected, [](K kind) { return kind != K::kSemi && kind != K::kRightBrace; });
  }
  Diagnostic& report = diagnostics_.error(span_of(source_, tokens_[at]), kUnexpected, quote(source_, tokens_[at]),
                                          describe_expected(expected));
  hint(report, at, expected, context);
}

bool SyntaxErrors::has_type_already(std::size_t at) const {
  const auto ends = [&](std::size_t i) {
    return tokens_[i].kind == K::kComma || tokens_[i].kind == K::kSemi || tokens_[i].kind == K::kLeftBrace;
  };
  return at > 2 && !ends(at - 1) && !ends(at - 2) && tokens_[at - 2].kind != K::kDot;
}

const Token* SyntaxErrors::unclosed_before(std::size_t at) const {
  const bool at_end = tokens_[at].kind == K::kEof;
  if (!at_end && !begins_definition(source_, tokens_[at])) return nullptr;
  std::vector<const Token*> open;
  for (std::size_t i = 0; i < at; ++i) {
    const Token& token = tokens_[i];
    // Brackets open at an earlier definition have been reported there.
    if (begins_definition(source_, token) && token.kind != K::kError) open.clear();
    if (is_opening(token.kind)) open.push_back(&token);
    if (!is_closing(token.kind)) continue;
    const auto match = std::find_if(open.rbegin(), open.rend(),
                                    [&](const Token* opening) { return opening->kind == opening_of(token.kind); });
    if (match != open.rend()) open.erase(match.base() - 1, open.end());
  }
  return open.empty() ? nullptr : open.back();
}

void SyntaxErrors::hint(Diagnostic& report, std::size_t at, const std::vector<K>& expected,
                        SyntaxContext context) const {
  const Token& found = tokens_[at];
  const std::string_view text = text_of(source_, found);
  const Span span = span_of(source_, found);
  const K before = at > 0 ? tokens_[at - 1].kind : K::kEof;

  if (found.inserted && is_greedy(before)) {
    report.note(fmt::format("a newline behind {} ends the line, unlike behind other operators: go on in the same line",
                            describe(before)));
    return;
  }
  if (context == SyntaxContext::kFile && !text.empty()) {
    if (const std::string_view words = foreign_word_hint(text); !words.empty()) report.note(std::string(words));
    return;
  }
  if (starts_definition(found.kind) && is_flush_left(source_, found)) {
    report.note("a closing bracket may be missing before this definition");
    return;
  }
  if (found.kind == K::kInterface && contains(expected, K::kStruct)) {
    report.note("an interface is not a type of values; it is defined by `type Name interface { … }`");
    return;
  }
  if (is_keyword(found.kind) && contains(expected, K::kIdent) && !contains(expected, found.kind)) {
    report.note(fmt::format("`{}` is a keyword and cannot be a name", text));
    return;
  }
  if (found.inserted && expected == std::vector<K>{K::kLeftBrace}) {
    report.note("the opening brace stands on the same line");
    return;
  }
  if (found.kind == K::kLess && (before == K::kMap || before == K::kSet)) {
    report.note(before == K::kMap ? "a map is written `map[K]V`" : "a set is written `set[K]`");
    return;
  }
  if (is_keyword(before) && expected.size() == 1 && is_opening(expected[0])) {
    report.note(fmt::format("{} is a keyword and cannot be a name", describe(before)));
    return;
  }
  if (context == SyntaxContext::kImport && found.kind == K::kIdent) {
    report.note("an import path is a string: `import \"path/of/package\"`");
    return;
  }
  if (context == SyntaxContext::kConstDef && !contains(expected, K::kComma)) {
    if (found.kind == K::kComma) report.note("one definition names one constant");
    if (found.kind == K::kColon) report.note("a constant is written `const Name = value`");
    if (found.kind == K::kLeftParen && contains(expected, K::kAssign))
      report.note("the `=` is missing: `const Name = value`");
    return;
  }
  if (context == SyntaxContext::kInterfaceItem && found.inserted && contains(expected, K::kError)) {
    report.note("a method ends with its line: what it returns stands on the line of its last bracket");
    return;
  }
  if (context == SyntaxContext::kEnum && found.kind == K::kAssign) {
    report.note("labels have no numbers; they travel by name");
    return;
  }
  if (context == SyntaxContext::kField) {
    if (found.kind == K::kAssign) report.note("fields have no default values");
    if (found.kind == K::kString || found.kind == K::kRawString) report.note("fields have no tags");
    if (found.kind == K::kColon) report.note("a field is written `Name Type`");
    if (found.kind == K::kLess) report.note("a list is written `[]T`, a set `set[K]`, a map `map[K]V`");
    if (found.kind == K::kAssign || found.kind == K::kColon) return;
  }
  if (!contains(expected, K::kComma)) return;
  if (found.inserted) {
    report.suggest(span, ",", "an entry that ends its line needs a comma, the last one too");
  } else if (starts_operand(found.kind)) {
    report.suggest(Span{span.file, span.begin, span.begin}, ", ",
                   fmt::format("a comma may be missing before `{}`", text));
  }
}

}  // namespace vdlc
