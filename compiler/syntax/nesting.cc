#include "syntax/nesting.h"

#include "syntax/messages.h"

namespace vdlc {
namespace {

bool is_prefix(TokenKind kind) {
  return kind == TokenKind::kQuestion || kind == TokenKind::kNot || kind == TokenKind::kPlus ||
         kind == TokenKind::kMinus || kind == TokenKind::kCaret;
}

}  // namespace

// `[][]?T`, `-(-x)` and `{{x}}` all nest. Within one pair of brackets, things put before a type or an operand make a
// chain (each `]`, `?`, `-` …) that ends at the next other token; an open bracket keeps the chain that leads to it.
bool check_nesting(const SourceFile& source, const std::vector<Token>& tokens, Diagnostics& diagnostics) {
  std::vector<std::size_t> chains{0};  // one per open bracket, the file itself first
  std::size_t depth = 0;               // all chains, and the brackets between them
  for (const Token& token : tokens) {
    if (is_opening(token.kind)) {
      chains.push_back(0);
      ++depth;
    } else if (is_closing(token.kind) && chains.size() > 1) {
      depth -= chains.back() + 1;
      chains.pop_back();
    }
    if (is_prefix(token.kind) || token.kind == TokenKind::kRightBracket) {
      ++chains.back();
      ++depth;
    } else if (!is_opening(token.kind) && token.kind != TokenKind::kMap && token.kind != TokenKind::kSet) {
      depth -= chains.back();
      chains.back() = 0;
    }
    if (depth > kMaxNesting) {
      diagnostics.error(span_of(source, token), kNestedTooDeep, kMaxNesting);
      return false;
    }
  }
  return true;
}

}  // namespace vdlc
