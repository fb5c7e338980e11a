#include "syntax/token_stream.h"

#include <algorithm>
#include <optional>

#include "syntax/literals.h"
#include "syntax/messages.h"

namespace vdlc {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// May a newline behind this token end a definition or a list entry? (1.5)
bool ends_line(TokenKind kind) {
  switch (kind) {
    case TokenKind::kIdent:
    case TokenKind::kInteger:
    case TokenKind::kRational:
    case TokenKind::kString:
    case TokenKind::kRawString:
    case TokenKind::kRightParen:
    case TokenKind::kRightBracket:
    case TokenKind::kRightBrace:
    case TokenKind::kGreater:
    case TokenKind::kGreaterEqual:
    case TokenKind::kShiftRight:
    case TokenKind::kInvalid:  // so that one mistake does not swallow the next line
      return true;
    default:
      return is_keyword(kind);
  }
}

// A comment starts or continues a block of comments; a token ends it (1.7).
class CommentCollector {
 public:
  void comment(std::string_view text, std::uint32_t first, std::uint32_t last) {
    if (open_ && (first == open_->last_line || first == open_->last_line + 1)) {
      if (first == open_->last_line + 1) open_->text += '\n';
      open_->text += text;
      open_->last_line = last;
    } else {
      close();
      open_ = CommentBlock{std::string(text), first, last};
    }
    if (first == last_token_line_) close();
  }

  void token(std::uint32_t line) {
    close();
    last_token_line_ = line;
  }

  std::vector<CommentBlock> take() {
    close();
    return std::move(blocks_);
  }

 private:
  void close() {
    if (!open_) return;
    // Blocks come in order, so one that shares a line with an earlier one shares it with the last.
    const bool shares_line = !blocks_.empty() && (blocks_.back().first_line == open_->first_line ||
                                                  blocks_.back().last_line == open_->last_line);
    if (!shares_line) blocks_.push_back(std::move(*open_));
    open_.reset();
  }

  std::vector<CommentBlock> blocks_;
  std::optional<CommentBlock> open_;
  std::uint32_t last_token_line_ = 0;
};

class Filter {
 public:
  Filter(const SourceFile& source, Diagnostics& diagnostics) : source_(source), diagnostics_(diagnostics) {}

  TokenStream run(const std::vector<Token>& raw) {
    for (std::size_t i = 0; i < raw.size(); ++i) {
      Token token = raw[i];
      if (token.kind == TokenKind::kInvalid && text_of(source_, token) == "#") {
        i = skip_hash_comment(raw, i) - 1;
        continue;
      }
      accept(token);
      // A character outside the language is reported once for a whole run of them.
      while (token.kind == TokenKind::kInvalid && raw[i + 1].kind == TokenKind::kInvalid &&
             raw[i + 1].begin == raw[i].end)
        ++i;
    }
    result_.comments = comments_.take();
    return std::move(result_);
  }

 private:
  void accept(Token token) {
    const std::string_view text = text_of(source_, token);
    switch (token.kind) {
      case TokenKind::kNewline:
        newline(token);
        ++line_;
        return;
      case TokenKind::kComment: {
        const auto last = line_ + static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
        comments_.comment(text, line_, last);
        line_ = last;
        return;
      }
      case TokenKind::kEof:
        newline(token);
        result_.tokens.push_back(token);
        return;
      case TokenKind::kSemi:
      case TokenKind::kComma:
        if (is_empty_entry()) {
          diagnostics_.error(span_of(source_, token), kSyntax, fmt::format("nothing stands before this `{}`", text))
              .suggest(span_of(source_, token), "", "remove it");
          return;
        }
        break;
      case TokenKind::kString:
        check_string(source_, span_of(source_, token), diagnostics_);
        break;
      case TokenKind::kInteger:
        check_integer(source_, span_of(source_, token), diagnostics_);
        break;
      case TokenKind::kRational:
        check_rational(source_, span_of(source_, token), diagnostics_);
        break;
      case TokenKind::kQuoted:
        report_wrong_quotes(token);
        token.kind = TokenKind::kString;
        break;
      case TokenKind::kOpenString:
      case TokenKind::kOpenRawString:
        report_open_literal(token);
        token.kind = TokenKind::kInvalid;
        break;
      case TokenKind::kOpenComment:
        diagnostics_.error(Span{source_.id, token.begin, token.begin + 2}, kUnterminatedComment)
            .note("the file ends before a `*/`; comments do not nest");
        token.kind = TokenKind::kInvalid;
        break;
      case TokenKind::kInvalid:
        report_stray(token);
        break;
      default:
        break;
    }
    result_.tokens.push_back(token);
    comments_.token(line_);
    if (token.kind == TokenKind::kRawString)
      line_ += static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
  }

  void newline(const Token& at) {
    if (result_.tokens.empty() || !ends_line(result_.tokens.back().kind)) return;
    result_.tokens.push_back({TokenKind::kSemi, at.begin, at.begin, true});
    comments_.token(line_);
  }

  // Is the separator that comes now one with nothing before it? A line end before it is the parser's to explain.
  bool is_empty_entry() const {
    if (result_.tokens.empty()) return true;
    const Token& last = result_.tokens.back();
    return last.kind == TokenKind::kSemi ? true : last.kind == TokenKind::kComma || is_opening(last.kind);
  }

  void report_stray(const Token& token) {
    const std::string_view text = text_of(source_, token);
    const bool printable = static_cast<unsigned char>(text[0]) > 0x20 && text[0] != 0x7F;
    const std::string shown = printable ? fmt::format("character `{}`", text)
                                        : fmt::format("character 0x{:02X}", static_cast<unsigned char>(text[0]));
    Diagnostic& report = diagnostics_.error(span_of(source_, token), kStrayCharacter, shown);
    if (text == "“" || text == "”")
      report.suggest(span_of(source_, token), "\"", "strings are written in plain quotes: `\"`");
    if (text == "'") report.note("strings are written in double quotes, on one line");
    if (text == kByteOrderMark)
      report.note("this is a byte order mark, which may stand once, at the start of the file");
    if (text == "~") report.note("the complement of an integer is written `^x`");
  }

  void report_wrong_quotes(const Token& token) {
    const std::string_view text = text_of(source_, token);
    Diagnostic& report = diagnostics_.error(span_of(source_, token), kStrayCharacter, "character `'`");
    const std::string_view body = text.substr(1, text.size() - 2);
    if (body.find_first_of("\"\\") == std::string_view::npos) {
      report.suggest(span_of(source_, token), fmt::format("\"{}\"", body),
                     fmt::format("strings are written in double quotes: `\"{}\"`", body));
    } else {
      report.note("strings are written in double quotes");
    }
  }

  void report_open_literal(const Token& token) {
    if (token.kind == TokenKind::kOpenRawString) {
      diagnostics_.error(Span{source_.id, token.begin, token.begin + 1}, kUnterminatedLiteral, "raw string")
          .note("the file ends before the closing back quote");
      return;
    }
    Span span = span_of(source_, token);
    if (source_.text[span.end - 1] == '\r' && span.end - span.begin > 1) --span.end;
    diagnostics_.error(span, kUnterminatedLiteral, "string")
        .note("a string ends on its line; `\\n` stands for a newline, a raw string between back quotes may span lines");
  }

  // `# text`, a comment of other languages: said once, then the rest of the line is a comment.
  std::size_t skip_hash_comment(const std::vector<Token>& raw, std::size_t i) {
    const Span span = span_of(source_, raw[i]);
    diagnostics_.error(span, kStrayCharacter, "character `#`").suggest(span, "//", "comments begin with `//`");
    while (raw[i].kind != TokenKind::kNewline && raw[i].kind != TokenKind::kEof) {
      // Such a token may have run over the line's end; the lines still count.
      const std::string_view text = text_of(source_, raw[i]);
      line_ += static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
      ++i;
    }
    return i;
  }

  const SourceFile& source_;
  Diagnostics& diagnostics_;
  TokenStream result_;
  CommentCollector comments_;
  std::uint32_t line_ = 1;
};

// The length of the well-formed UTF-8 sequence at the start of `rest`, 0 if there is none.
std::size_t utf8_sequence(std::string_view rest) {
  const auto byte = [&](std::size_t i) { return i < rest.size() ? static_cast<unsigned char>(rest[i]) : 0u; };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = lead == 0xED && byte(1) >= 0xA0;
    return continues(1) && continues(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool out_of_range = (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) >= 0x90);
    return continues(1) && continues(2) && continues(3) && !out_of_range ? 4 : 0;
  }
  return 0;
}

}  // namespace

TokenStream make_token_stream(const SourceFile& source, const std::vector<Token>& raw, Diagnostics& diagnostics) {
  return Filter(source, diagnostics).run(raw);
}

bool check_encoding(const SourceFile& source, Diagnostics& diagnostics) {
  const std::string_view text = source.text;
  // Sources has dropped the one that is allowed; ANTLR would drop another without a word.
  if (text.starts_with(kByteOrderMark)) {
    diagnostics.error(Span{source.id, 0, 3}, kStrayCharacter, "a second byte order mark");
    return false;
  }
  for (std::size_t at = 0; at < text.size();) {
    const auto begin = static_cast<std::uint32_t>(at);
    const std::size_t length = utf8_sequence(text.substr(at));
    if (length == 0) {
      diagnostics.error(Span{source.id, begin, begin + 1}, kInvalidUtf8);
      return false;
    }
    if (text[at] == '\0') {
      diagnostics.error(Span{source.id, begin, begin + 1}, kNulByte);
      return false;
    }
    at += length;
  }
  return true;
}

}  // namespace vdlc
