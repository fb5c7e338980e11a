// Everything that can be wrong with a template, or with a template and the document it meets.
#pragma once

#include <cstdint>
#include <string_view>

#include "diagnostics/diagnostics.h"

namespace vdlc::tmpl {

using Str = std::string_view;

// Reading a template.
inline constexpr Message<Str> kUnexpectedInTag{"TP1", "unexpected {} in a tag"};
inline constexpr Message<> kTagNotClosed{"TP2", "the tag is not closed by `}}}}`"};
inline constexpr Message<Str> kBlockNotClosed{"TP3", "`{}` has no end"};
inline constexpr Message<Str, Str> kBlockMismatch{"TP4", "`{}` does not end `{}`"};
inline constexpr Message<Str> kEndWithoutStart{"TP5", "`{}` belongs to no block"};
inline constexpr Message<> kSecondElse{"TP6", "a second `{{{{else}}}}` in one block"};
inline constexpr Message<int> kBlocksTooDeep{"TP7", "blocks nest more than {} deep"};
inline constexpr Message<std::size_t> kTemplateTooLarge{"TP8", "the template is larger than {} bytes"};
inline constexpr Message<Str> kPartialTwice{"TP9", "two templates are called `{}`"};
inline constexpr Message<> kNoFrame{"TP10", "no template of the set ends in `.frame`, so nothing would be written"};

// Rendering.
inline constexpr Message<Str> kNotDefined{"TP11", "`{}` is not defined"};
inline constexpr Message<Str, Str> kNoMember{"TP12", "`{}` has no member `{}`"};
inline constexpr Message<Str, Str, Str> kNotAnObject{"TP13", "`{}` is {}, so it has no member `{}`"};
inline constexpr Message<Str, Str> kNotABoolean{"TP14", "the condition `{}` is {}, not a boolean"};
inline constexpr Message<Str, Str> kNotAList{"TP15", "`{}` is {}, not a list"};
inline constexpr Message<Str, Str> kNotPrintable{"TP16", "`{}` is {}; only strings and whole numbers can be printed"};
inline constexpr Message<Str> kNoPartial{"TP17", "there is no template `{}.tmpl`"};
inline constexpr Message<int> kPartialsTooDeep{"TP18", "partials use each other more than {} deep"};
inline constexpr Message<std::size_t> kOutputTooLarge{"TP19", "the output is larger than {} bytes"};
inline constexpr Message<std::uint64_t> kTooManySteps{"TP20", "rendering takes more than {} steps"};
inline constexpr Message<> kFileTwice{"TP21", "the frame names its output file a second time"};
inline constexpr Message<> kFileNotNamed{
    "TP22", "the frame writes text but does not name its output file with `{{{{#file}}}}`"};
inline constexpr Message<Str> kBadFileName{"TP23", "`{}` is not a relative path for an output file"};
inline constexpr Message<> kFileInPartial{"TP24", "a partial cannot name the output file; only a frame can"};
inline constexpr Message<Str> kSameOutput{"TP25", "two frames write `{}`"};

}  // namespace vdlc::tmpl
