// Words for what a parser could have gone on with.
#pragma once

#include <string>
#include <vector>

#include "syntax/token.h"

namespace vdlc {

// "a type, `,` or `)`": groups of tokens are named by what they begin, at most a handful of items are listed.
std::string describe_expected(const std::vector<TokenKind>& kinds);

}  // namespace vdlc
