// Tokens: what the lexer (grammar/VdlLexer.g4) finds, as plain data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "source/source.h"

namespace vdlc {

// In the order of grammar/VdlLexer.g4, so that a kind is ANTLR's token type; parse.cc checks this.
enum class TokenKind : std::uint8_t {
  kEof,
  kConst,
  kEnum,
  kError,
  kImport,
  kInterface,
  kMap,
  kPackage,
  kSet,
  kStream,
  kStruct,
  kType,
  kTypeObject,
  kUnion,
  kSemi,
  kColon,
  kComma,
  kDot,
  kLeftParen,
  kRightParen,
  kLeftBracket,
  kRightBracket,
  kLeftBrace,
  kRightBrace,
  kLess,
  kGreater,
  kAssign,
  kNot,
  kPlus,
  kMinus,
  kStar,
  kSlash,
  kPercent,
  kBar,
  kAmpersand,
  kCaret,
  kQuestion,
  kOr,
  kAnd,
  kLessEqual,
  kGreaterEqual,
  kNotEqual,
  kEqual,
  kShiftLeft,
  kShiftRight,
  kIdent,
  kInteger,
  kRational,
  kString,
  kRawString,
  kNewline,
  kComment,
  kSpace,
  kOpenString,
  kOpenRawString,
  kOpenComment,
  kQuoted,
  kInvalid,
};

struct Token {
  TokenKind kind = TokenKind::kEof;
  std::uint32_t begin = 0;  // byte offsets
  std::uint32_t end = 0;
  bool inserted = false;  // a semicolon that stands for a newline or the end of the file
};

bool is_keyword(TokenKind kind);
bool is_opening(TokenKind kind);  // ( [ {
bool is_closing(TokenKind kind);

// "`const`", "a name", "a string": for messages. A token with one spelling is quoted.
std::string_view describe(TokenKind kind);

inline Span span_of(const SourceFile& source, const Token& token) { return {source.id, token.begin, token.end}; }
inline std::string_view text_of(const SourceFile& source, const Token& token) {
  return std::string_view(source.text).substr(token.begin, token.end - token.begin);
}
// The token as a message names it: "`foo`", "a newline", "the end of the file"; long ones are cut.
std::string quote(const SourceFile& source, const Token& token);

}  // namespace vdlc
