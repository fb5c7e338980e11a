// From the lexer's raw tokens to what the parser reads: newlines become semicolons where the language says so
// (docs/spec/vdl-language.md 1.5), comments are collected, empty list entries and stray characters are reported.
#pragma once

#include <vector>

#include "diagnostics/diagnostics.h"
#include "source/source.h"
#include "syntax/token.h"

namespace vdlc {

// Comments that belong together (1.7): verbatim text and the lines it spans, from 1.
struct CommentBlock {
  std::string text;
  std::uint32_t first_line = 0;
  std::uint32_t last_line = 0;
};

struct TokenStream {
  std::vector<Token> tokens;  // the last one is kEof; kInvalid stands where a mistake has been reported already
  std::vector<CommentBlock> comments;
};

// `raw` is every token of the file in order, kEof last. Reports LX1 to LX7 and SY1 for separators with nothing before.
TokenStream make_token_stream(const SourceFile& source, const std::vector<Token>& raw, Diagnostics& diagnostics);

// Invalid UTF-8 (LX8), NUL (LX9), a second byte order mark (LX1); false when there was one, and then the file cannot be
// lexed.
bool check_encoding(const SourceFile& source, Diagnostics& diagnostics);

}  // namespace vdlc
