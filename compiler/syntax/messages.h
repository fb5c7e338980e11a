// Everything lexing and parsing can complain about. Texts: see diagnostics.h; explanations at length: vdlc explain.
#pragma once

#include "diagnostics/diagnostics.h"

namespace vdlc {

// Lexing.
inline constexpr Message<std::string> kStrayCharacter{"LX1", "{} has no meaning in VDL"};
inline constexpr Message<std::string_view> kUnterminatedLiteral{"LX2", "{} is not terminated"};
inline constexpr Message<> kUnterminatedComment{"LX3", "comment is not terminated"};
inline constexpr Message<std::string> kUnknownEscape{"LX4", "`{}` is no escape sequence"};
inline constexpr Message<std::string, std::string_view> kEscapeValue{"LX5", "escape `{}` {}"};
inline constexpr Message<std::string, std::string> kMalformedInteger{"LX6", "`{}` is no integer: {}"};
inline constexpr Message<std::string, std::string> kMalformedRational{"LX7", "`{}` is no number: {}"};
inline constexpr Message<> kInvalidUtf8{"LX8", "the bytes here are not UTF-8"};
inline constexpr Message<> kNulByte{"LX9", "file contains a NUL byte"};

// Limits: what a program could only reach by accident or on purpose.
inline constexpr Message<std::size_t> kNestedTooDeep{"LM1", "nested more than {} levels deep"};
inline constexpr Message<std::size_t> kExpressionTooDeep{"LM2", "expression has more than {} operators in a chain"};
inline constexpr Message<std::size_t> kTooManySyntaxErrors{
    "LM3", "more than {} syntax errors in this file, the rest is not looked at"};

// Grammar.
inline constexpr Message<std::string, std::string> kUnexpected{"SY1", "found {}, expected {}"};
inline constexpr Message<std::string> kNotClosed{"SY1", "{} is not closed"};
inline constexpr Message<std::string> kSyntax{"SY1", "{}"};  // the special cases, each with its own words
inline constexpr Message<std::string> kNoPackageClause{"SY2", "found {}, but a file starts with its package clause"};
inline constexpr Message<std::string> kNoConfigClause{"SY3", "found {}, but a config file starts with `config = …`"};
inline constexpr Message<std::string> kNotAName{"SY4", "{} stands where a name is needed"};
inline constexpr Message<> kSelectorOnComposite{"SY5",
                                                "a composite literal has no selectors, only a named constant has"};
inline constexpr Message<> kIndexOnComposite{"SY6", "a composite literal cannot be indexed, only a named constant can"};
inline constexpr Message<std::string_view> kNotInConfig{"SY7", "{} definitions are not allowed in a config file"};

}  // namespace vdlc
