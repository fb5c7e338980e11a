// Literals: what their text stands for, and what can be wrong with it (docs/spec/vdl-language.md 1.6).
#pragma once

#include <string>
#include <string_view>

#include "diagnostics/diagnostics.h"
#include "source/source.h"

namespace vdlc {

// The bytes a string or raw string stands for; `literal` includes its quotes. Escapes that are wrong (see check_string)
// are left out.
std::string unquote(std::string_view literal);

// LX4, LX5 at each wrong escape.
void check_string(const SourceFile& source, Span literal, Diagnostics& diagnostics);
// LX6.
void check_integer(const SourceFile& source, Span literal, Diagnostics& diagnostics);
// LX7.
void check_rational(const SourceFile& source, Span literal, Diagnostics& diagnostics);

}  // namespace vdlc
