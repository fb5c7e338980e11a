#include "syntax/token.h"

#include <nb/base/check.h>

#include <array>

namespace vdlc {
namespace {

constexpr std::array<std::string_view, 58> kDescriptions{
    "the end of the file",
    "`const`",
    "`enum`",
    "`error`",
    "`import`",
    "`interface`",
    "`map`",
    "`package`",
    "`set`",
    "`stream`",
    "`struct`",
    "`type`",
    "`typeobject`",
    "`union`",
    "`;`",
    "`:`",
    "`,`",
    "`.`",
    "`(`",
    "`)`",
    "`[`",
    "`]`",
    "`{`",
    "`}`",
    "`<`",
    "`>`",
    "`=`",
    "`!`",
    "`+`",
    "`-`",
    "`*`",
    "`/`",
    "`%`",
    "`|`",
    "`&`",
    "`^`",
    "`?`",
    "`||`",
    "`&&`",
    "`<=`",
    "`>=`",
    "`!=`",
    "`==`",
    "`<<`",
    "`>>`",
    "a name",
    "an integer",
    "a number",
    "a string",
    "a string",
    "a newline",
    "a comment",
    "a space",
    "a string",
    "a string",
    "a comment",
    "a string",
    "a character",
};
static_assert(kDescriptions.size() == static_cast<std::size_t>(TokenKind::kInvalid) + 1);

}  // namespace

bool is_keyword(TokenKind kind) { return kind >= TokenKind::kConst && kind <= TokenKind::kUnion; }

bool is_opening(TokenKind kind) {
  return kind == TokenKind::kLeftParen || kind == TokenKind::kLeftBracket || kind == TokenKind::kLeftBrace;
}

bool is_closing(TokenKind kind) {
  return kind == TokenKind::kRightParen || kind == TokenKind::kRightBracket || kind == TokenKind::kRightBrace;
}

std::string_view describe(TokenKind kind) { return kDescriptions[static_cast<std::size_t>(kind)]; }

std::string quote(const SourceFile& source, const Token& token) {
  constexpr std::size_t kLongest = 40;
  if (token.kind == TokenKind::kEof) return std::string(describe(token.kind));
  if (token.inserted) return token.begin >= source.text.size() ? "the end of the file" : "a newline";
  std::string_view text = text_of(source, token);
  const std::size_t cut = text.find('\n');
  if (cut == std::string_view::npos && text.size() <= kLongest) return "`" + std::string(text) + "`";
  std::size_t length = std::min(cut, kLongest);
  while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;
  return "`" + std::string(text.substr(0, length)) + "…`";
}

}  // namespace vdlc
