#include "codegen/cpp/wrap.h"

namespace vdlc::cpp {
namespace {

// Behind the string literal that begins at `at`.
std::size_t skip_literal(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at + 1;
}

// The outermost brackets of a text, the first pair with something inside, and where its items end.
struct Brackets {
  std::size_t open = std::string_view::npos;
  std::vector<std::size_t> ends;  // commas of the outermost level, then the closing bracket
};

Brackets find_brackets(std::string_view text) {
  Brackets found;
  std::size_t angles = 0, depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    switch (text[at]) {
      case '"':
        at = skip_literal(text, at) - 1;
        break;
      case '<':
        ++angles;
        break;
      case '>':
        if (angles > 0) --angles;
        break;
      case '(':
      case '{':
      case '[':
        if (angles == 0 && depth++ == 0) found.open = at;
        break;
      case ')':
      case '}':
      case ']':
        if (angles != 0 || depth == 0 || --depth > 0) break;
        found.ends.push_back(at);
        if (at > found.open + 1) return found;
        found = Brackets();  // empty ones
        break;
      case ',':
        if (angles == 0 && depth == 1) found.ends.push_back(at);
        break;
      default:
        break;
    }
  }
  return Brackets();
}

}  // namespace

std::string list_parts(const std::vector<std::string>& parts, std::size_t column, std::size_t indent) {
  std::size_t width = column;
  for (const auto& part : parts) width += part.size() + 2;
  const std::string separator = width > kLineWidth ? ",\n" + std::string(indent, ' ') : ", ";
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : separator) + part;
  return text;
}

std::string wrap(std::string_view text, std::size_t column, std::size_t indent) {
  if (column + text.size() <= kLineWidth) return std::string(text);
  const Brackets brackets = find_brackets(text);
  if (brackets.open == text.npos) return std::string(text);
  std::string result(text.substr(0, brackets.open + 1));
  const std::size_t close = brackets.ends.back();
  const std::string_view inside = text.substr(brackets.open + 1, close - brackets.open - 1);
  const bool fits_below = indent + 4 + inside.size() <= kLineWidth;
  if (brackets.ends.size() == 1 && !fits_below && find_brackets(inside).open != text.npos) {
    result += wrap(inside, column + result.size(), indent);  // one long item: it breaks itself
  } else {
    const std::string line = "\n" + std::string(indent + 4, ' ');
    std::size_t begin = brackets.open + 1;
    for (const std::size_t end : brackets.ends) {
      while (text[begin] == ' ') ++begin;
      result += line + wrap(text.substr(begin, end - begin), indent + 4, indent + 4) + (end == close ? "" : ",");
      begin = end + 1;
    }
  }
  return result.append(text.substr(close));
}

}  // namespace vdlc::cpp
