#include "syntax/expected.h"

#include <algorithm>
#include <string_view>

namespace vdlc {
namespace {

using K = TokenKind;

struct Group {
  std::string_view name;
  std::vector<K> kinds;  // all of them must be expected for the name to be used
};

const std::vector<Group>& groups() {
  static const std::vector<Group> kGroups{
      {"an expression", {K::kIdent,  K::kInteger, K::kRational,    K::kString,     K::kRawString, K::kNot,     K::kPlus,
                         K::kMinus,  K::kCaret,   K::kError,       K::kTypeObject, K::kEnum,      K::kSet,     K::kMap,
                         K::kStruct, K::kUnion,   K::kLeftBracket, K::kLeftBrace,  K::kLeftParen, K::kQuestion}},
      {"a type",
       {K::kIdent, K::kString, K::kRawString, K::kError, K::kTypeObject, K::kEnum, K::kSet, K::kMap, K::kStruct,
        K::kUnion, K::kLeftBracket, K::kQuestion}},
      {"an operator",
       {K::kOr, K::kAnd, K::kLess, K::kGreater, K::kLessEqual, K::kGreaterEqual, K::kNotEqual, K::kEqual, K::kPlus,
        K::kMinus, K::kBar, K::kCaret, K::kStar, K::kSlash, K::kPercent, K::kAmpersand, K::kShiftLeft, K::kShiftRight}},
      {"a definition", {K::kType, K::kConst, K::kError, K::kImport}},
      {"a string", {K::kString, K::kRawString}},
  };
  return kGroups;
}

}  // namespace

std::string describe_expected(const std::vector<TokenKind>& kinds) {
  std::vector<TokenKind> left = kinds;
  const auto has = [&](K kind) { return std::find(left.begin(), left.end(), kind) != left.end(); };
  std::vector<std::string> items;
  for (const Group& group : groups()) {
    if (!std::all_of(group.kinds.begin(), group.kinds.end(), has)) continue;
    items.emplace_back(group.name);
    std::erase_if(left,
                  [&](K kind) { return std::find(group.kinds.begin(), group.kinds.end(), kind) != group.kinds.end(); });
  }
  std::sort(left.begin(), left.end());
  for (const K kind : left) {
    // A second package clause and what only the wide grammar allows would mislead.
    if (kind == K::kPackage) continue;
    items.emplace_back(kind == K::kSemi ? "a newline" : describe(kind));
  }
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += i + 1 == items.size() ? " or " : ", ";
    text += items[i];
  }
  return text;
}

}  // namespace vdlc
