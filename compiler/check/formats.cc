#include "check/formats.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "check/messages.h"

namespace vdlc::passes {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_name_part(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; }

// The parameter name between braces, or "" if this is no placeholder for one.
std::string_view placeholder_name(std::string_view inside) {
  if (inside.starts_with(':')) inside.remove_prefix(1);
  if (inside.ends_with(':')) inside.remove_suffix(1);
  const bool is_name =
      !inside.empty() && is_letter(inside[0]) && std::all_of(inside.begin(), inside.end(), is_name_part);
  return is_name ? inside : std::string_view();
}

void check_braces(const ast::ErrorDef& error, const ast::StringLit& format, Diagnostics& diagnostics) {
  const std::string_view text = format.value;
  std::size_t at = 0;
  while ((at = text.find_first_of("{}", at)) != std::string_view::npos) {
    // Where in the literal the brace is cannot be told exactly, because escapes change lengths: the literal is the
    // span.
    const auto end = text[at] == '{' ? text.find_first_of("{}", at + 1) : std::string_view::npos;
    if (end == std::string_view::npos || text[end] == '{') {
      diagnostics.warning(format.span, kFormatBrace);
      return;
    }
    const auto name = placeholder_name(text.substr(at + 1, end - at - 1));
    const auto is_named = [&](const ast::Arg& param) { return param.name && param.name->text == name; };
    if (!name.empty() && std::none_of(error.params.begin(), error.params.end(), is_named)) {
      diagnostics.error(format.span, kFormatParam, name, error.name.text);
    }
    at = end + 1;
  }
}

}  // namespace

void check_formats(const ast::ErrorDef& error, Diagnostics& diagnostics) {
  std::unordered_map<std::string, Span> languages;
  for (const auto& format : error.formats) {
    if (format.language.value.empty()) diagnostics.warning(format.language.span, kFormatNoLanguage);
    const auto [first, is_new] = languages.emplace(format.language.value, format.language.span);
    if (!is_new) {
      diagnostics.warning(format.language.span, kFormatLanguageTwice, format.language.value)
          .note(first->second, "the first one is here");
    }
    check_braces(error, format.format, diagnostics);
  }
}

}  // namespace vdlc::passes
