// Diagnostics: everything that can be wrong with a user's input, as data.
//
// A kind of diagnostic is declared once, as a Message: its id (docs/spec/vdl-language.md 3.14, or a series of ours),
// its text and the types of its arguments. Reporting never stops the work; each stage asks failed() when it ends.
//
//   inline constexpr Message<std::string_view> kTypeUndefined{"TY1", "type `{}` is not defined"};
//   diagnostics.error(name.span, kTypeUndefined, name.text).note(import.span, "the package is imported here");
//
// Wording: lower case, no full stop, what was found, names in backticks; the smallest wrong piece of source as the
// span. Ids are never reused. Output order is file, line, column, whatever the order of reporting.
#pragma once

#include <fmt/format.h>

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "source/source.h"

namespace vdlc {

template <class... Args>
struct Message {
  std::string_view id;    // "TY11"
  std::string_view text;  // fmt format
};

enum class Severity { kWarning, kError };

struct Note {
  std::optional<Span> span;  // none: a remark without a place
  std::string text;
};

// A repair that is certain: replace the span by the text.
struct Suggestion {
  Span span;
  std::string replacement;
  std::string text;  // "write it as `Id`"
};

struct Diagnostic {
  std::string_view id;
  Severity severity = Severity::kError;
  std::optional<Span> span;  // none: about the run, not about a place in a file
  std::string text;
  std::vector<Note> notes;
  std::vector<Suggestion> suggestions;

  // For chaining behind error(): a second place, a remark, a repair.
  Diagnostic& note(Span at, std::string text) & {
    notes.push_back({at, std::move(text)});
    return *this;
  }
  Diagnostic& note(std::string text) & {
    notes.push_back({std::nullopt, std::move(text)});
    return *this;
  }
  Diagnostic& suggest(Span at, std::string replacement, std::string text) & {
    suggestions.push_back({at, std::move(replacement), std::move(text)});
    return *this;
  }
};

class Diagnostics {
 public:
  template <class... Declared, class... Args>
  Diagnostic& error(Span at, const Message<Declared...>& message, const Args&... args) {
    return add(Severity::kError, at, message.id, format<Declared...>(message, args...));
  }
  // About the run as a whole (options, directories, files that cannot be read).
  template <class... Declared, class... Args>
  Diagnostic& error(const Message<Declared...>& message, const Args&... args) {
    return add(Severity::kError, std::nullopt, message.id, format<Declared...>(message, args...));
  }
  // As the two above, but the work may succeed.
  template <class... Declared, class... Args>
  Diagnostic& warning(const Message<Declared...>& message, const Args&... args) {
    return add(Severity::kWarning, std::nullopt, message.id, format<Declared...>(message, args...));
  }
  template <class... Declared, class... Args>
  Diagnostic& warning(Span at, const Message<Declared...>& message, const Args&... args) {
    return add(Severity::kWarning, at, message.id, format<Declared...>(message, args...));
  }

  bool failed() const { return errors_ > 0; }
  std::size_t error_count() const { return errors_; }
  std::size_t warning_count() const { return list_.size() - errors_; }
  // Those without a place first; then by file, offset, order of reporting.
  std::vector<const Diagnostic*> sorted() const;

 private:
  template <class... Declared, class... Args>
  static std::string format(const Message<Declared...>& message, const Args&... args) {
    static_assert(sizeof...(Declared) == sizeof...(Args), "a message gets exactly the arguments it declares");
    return fmt::format(fmt::runtime(message.text), static_cast<const Declared&>(args)...);
  }
  Diagnostic& add(Severity severity, std::optional<Span> at, std::string_view id, std::string text);

  std::deque<Diagnostic> list_;  // a deque: references stay valid while more are added
  std::size_t errors_ = 0;
};

}  // namespace vdlc
