// What to say when the parser cannot go on, and where to try again. Knows tokens and the language, not the parser.
#pragma once

#include <cstddef>
#include <vector>

#include "diagnostics/diagnostics.h"
#include "source/source.h"
#include "syntax/token.h"

namespace vdlc {

// The innermost part of the language around a mistake that has words of its own.
enum class SyntaxContext {
  kFile,  // between definitions
  kDefinition,
  kPackageClause,
  kConfigClause,
  kImport,
  kTypeDef,
  kConstDef,
  kErrorDef,
  kEnum,
  kField,
  kInterfaceItem,
  kInner,  // anything smaller
};

// SY2, SY3: the first token is not what a file starts with. What cannot be read behind that is removed.
void check_first_clause(const SourceFile& source, std::vector<Token>& tokens, bool is_config, Diagnostics& diagnostics);

class SyntaxErrors {
 public:
  SyntaxErrors(const SourceFile& source, const std::vector<Token>& tokens, bool is_config, Diagnostics& diagnostics)
      : source_(source), tokens_(tokens), is_config_(is_config), diagnostics_(diagnostics) {}

  // The parser stopped at the token with this index. Says nothing where the lexer has already complained.
  void report(std::size_t at, std::vector<TokenKind> expected, SyntaxContext context);

  // The index of the `;` or closing bracket behind which the item that begins at `begin` is over; `at` is where the
  // parser stopped.
  std::size_t end_of_item(std::size_t begin, std::size_t at) const;
  // The index of the next token at or behind `at` with which a definition, an import or the end of the file begins.
  std::size_t next_definition(std::size_t at) const;
  std::size_t end_of_file() const { return tokens_.size() - 1; }

 private:
  // Do a name and a type of a field stand before the token?
  bool has_type_already(std::size_t at) const;
  // The bracket that is open where a definition begins or the file ends, which is one that was forgotten.
  const Token* unclosed_before(std::size_t at) const;
  void hint(Diagnostic& report, std::size_t at, const std::vector<TokenKind>& expected, SyntaxContext context) const;

  const SourceFile& source_;
  const std::vector<Token>& tokens_;
  bool is_config_;
  Diagnostics& diagnostics_;
  std::size_t count_ = 0;
};

}  // namespace vdlc
