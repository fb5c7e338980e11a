// Gives every item of a file the comments that describe it (docs/spec/vdl-language.md 1.7).
//
// Before: a complete tree without docs, and the comment blocks of its file.
// After:  each block has gone to at most one item: to the first whose name stands on the block's first line (suffix),
// or on
//         the line behind its last one (leading), or to the file. Comments of enum labels and embeds are kept too.
#pragma once

#include <vector>

#include "source/source.h"
#include "syntax/ast.h"
#include "syntax/token_stream.h"

namespace vdlc {

void attach_docs(const SourceFile& source, const std::vector<CommentBlock>& comments, ast::File& file);

}  // namespace vdlc
