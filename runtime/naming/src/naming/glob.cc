#include "naming/glob.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <nb/base/verror.h>

namespace nb::naming {

namespace {

constexpr std::size_t kMaxElements = 256;
constexpr std::size_t kMaxBytes = 16 * 1024;
// Matching takes time proportional to its product with the length of a name.
constexpr std::size_t kMaxElementBytes = 1024;

// Takes one character off the front; a byte that begins none counts as one.
char32_t take_character(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 1;
  char32_t character = lead;
  if (length > 1 && text.size() >= length) {
    character = lead & (0xff >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
      const auto next = static_cast<unsigned char>(text[i]);
      if ((next & 0xc0) != 0x80) {
        text.remove_prefix(1);
        return 0x110000 + lead;  // apart from all characters
      }
      character = character << 6 | (next & 0x3f);
    }
    text.remove_prefix(length);
    return character;
  }
  text.remove_prefix(1);
  return lead < 0x80 ? character : 0x110000 + lead;
}

// One end of a range in a class; nothing where none may stand.
std::optional<char32_t> take_bound(std::string_view& pattern) {
  if (pattern.empty() || pattern.front() == '-' || pattern.front() == ']') return std::nullopt;
  if (pattern.front() == '\\') {
    pattern.remove_prefix(1);
    if (pattern.empty()) return std::nullopt;
  }
  return take_character(pattern);
}

// Behind "[": whether the character is in the class. Nothing: it makes no sense.
std::optional<bool> take_class(std::string_view& pattern, char32_t character) {
  const bool negated = pattern.starts_with('^');
  if (negated) pattern.remove_prefix(1);
  bool found = false;
  bool is_first = true;
  while (is_first || !pattern.starts_with(']')) {
    is_first = false;
    const auto low = take_bound(pattern);
    if (!low) return std::nullopt;
    auto high = low;
    if (pattern.starts_with('-')) {
      pattern.remove_prefix(1);
      high = take_bound(pattern);
      if (!high) return std::nullopt;
    }
    found = found || (*low <= character && character <= *high);
    if (pattern.empty()) return std::nullopt;
  }
  pattern.remove_prefix(1);
  return found != negated;
}

// The first term of the pattern, which is no "*", against the first character of the name; both are taken off.
bool take_match(std::string_view& pattern, std::string_view& name) {
  const char32_t character = take_character(name);
  if (character == '/') return false;
  const char term = pattern.front();
  if (term == '?') {
    pattern.remove_prefix(1);
    return true;
  }
  if (term == '[') {
    pattern.remove_prefix(1);
    return take_class(pattern, character).value_or(false);
  }
  if (term == '\\') {
    pattern.remove_prefix(1);
    if (pattern.empty()) return false;
  }
  return take_character(pattern) == character;
}

// "..." and "***" are found before; this looks at what is left.
bool is_sound(std::string_view element) {
  bool in_class = false;
  bool escaped = false;
  for (const char c : element) {
    if (escaped) {
      escaped = false;
    } else if (c == '\\') {
      escaped = true;
    } else if (c == '[') {
      in_class = true;
    } else if (c == ']') {
      in_class = false;
    }
  }
  return !element.empty() && !in_class && !escaped;
}

}  // namespace

bool matches_element(std::string_view pattern, std::string_view name) {
  // Where to go back to when the latest "*" has to take one character more.
  std::optional<std::string_view> after_star;
  std::string_view rest_at_star;
  while (true) {
    if (pattern.starts_with('*')) {
      pattern.remove_prefix(1);
      after_star = pattern;
      rest_at_star = name;
      continue;
    }
    if (pattern.empty() && name.empty()) return true;
    if (!pattern.empty() && !name.empty() && take_match(pattern, name)) continue;
    if (!after_star || rest_at_star.empty()) return false;
    if (take_character(rest_at_star) == '/') return false;
    pattern = *after_star;
    name = rest_at_star;
  }
}

Result<Glob> Glob::parse(std::string_view pattern) {
  Glob glob;
  if (pattern.empty()) return glob;
  if (pattern.size() > kMaxBytes) return verror::BadArg("the pattern is too long");
  auto elements = std::make_shared<std::vector<std::string>>();
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = std::min(pattern.find('/', begin), pattern.size());
    const std::string_view element = pattern.substr(begin, end - begin);
    const bool is_last = end == pattern.size();
    if (is_last && (element == "..." || element == "***")) {
      glob.recursive_ = true;
      glob.restricted_ = element == "***";
      break;
    }
    if (!is_sound(element)) return verror::BadArg("syntax error in pattern");
    if (element.size() > kMaxElementBytes) return verror::BadArg("an element of the pattern is too long");
    if (elements->size() == kMaxElements) return verror::BadArg("the pattern has too many elements");
    elements->emplace_back(element);
    if (is_last) break;
    begin = end + 1;
  }
  if (!elements->empty()) glob.elements_ = std::move(elements);
  return glob;
}

bool Glob::matches_head(std::string_view name) const {
  return size() == 0 ? recursive_ : matches_element((*elements_)[first_], name);
}

bool Glob::is_head_fixed() const {
  if (size() == 0) return false;
  bool escaped = false;
  for (const char c : (*elements_)[first_]) {
    if (!escaped && (c == '*' || c == '?' || c == '[')) return false;
    escaped = !escaped && c == '\\';
  }
  return true;
}

Glob Glob::tail() const { return tail(1); }

Glob Glob::tail(std::size_t elements) const {
  Glob rest = *this;
  rest.first_ = first_ + std::min(elements, size());
  return rest;
}

std::string Glob::to_string() const {
  std::string text;
  for (std::size_t i = 0; i < size(); ++i) {
    if (i > 0) text.push_back('/');
    text.append((*elements_)[first_ + i]);
  }
  if (!recursive_) return text;
  if (!text.empty()) text.push_back('/');
  return text + (restricted_ ? "***" : "...");
}

}  // namespace nb::naming
