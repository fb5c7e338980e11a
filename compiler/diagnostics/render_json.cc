// {"version": 1,
//  "diagnostics": [{"id": "TY11", "severity": "error", "message": "…", "location": LOCATION or null,
//                   "notes": [{"message": "…", "location": LOCATION or null}],
//                   "suggestions": [{"message": "…", "replacement": "…", "location": LOCATION}]}],
//  "errors": 1, "warnings": 0, "hidden_errors": 0}
// LOCATION: {"file": "…", "line": 9, "column": 3, "end_line": 9, "end_column": 4, "offset": 61, "end_offset": 62};
// lines and columns from 1, columns in code points, offsets in bytes, ends behind the last character.
#include <nlohmann/json.hpp>

#include "diagnostics/render.h"

namespace vdlc {
namespace {

using Json = nlohmann::ordered_json;

Json location(const std::optional<Span>& span, const Sources& sources) {
  if (!span) return nullptr;
  const LineColumn begin = sources.position(span->file, span->begin);
  const LineColumn end = sources.position(span->file, span->end);
  return {{"file", sources.file(span->file).path},
          {"line", begin.line},
          {"column", begin.column},
          {"end_line", end.line},
          {"end_column", end.column},
          {"offset", span->begin},
          {"end_offset", span->end}};
}

Json diagnostic_json(const Diagnostic& diagnostic, const Sources& sources) {
  Json notes = Json::array();
  for (const Note& note : diagnostic.notes) {
    notes.push_back({{"message", note.text}, {"location", location(note.span, sources)}});
  }
  Json suggestions = Json::array();
  for (const Suggestion& suggestion : diagnostic.suggestions) {
    suggestions.push_back({{"message", suggestion.text},
                           {"replacement", suggestion.replacement},
                           {"location", location(suggestion.span, sources)}});
  }
  return {{"id", diagnostic.id},        {"severity", diagnostic.severity == Severity::kError ? "error" : "warning"},
          {"message", diagnostic.text}, {"location", location(diagnostic.span, sources)},
          {"notes", std::move(notes)},  {"suggestions", std::move(suggestions)}};
}

}  // namespace

std::string render_json(const Diagnostics& diagnostics, const Sources& sources, const RenderOptions& options) {
  Json list = Json::array();
  std::size_t errors = 0;
  for (const Diagnostic* diagnostic : diagnostics.sorted()) {
    if (diagnostic->severity == Severity::kError && ++errors > options.max_errors && options.max_errors > 0) continue;
    list.push_back(diagnostic_json(*diagnostic, sources));
  }
  const std::size_t hidden = options.max_errors > 0 && errors > options.max_errors ? errors - options.max_errors : 0;
  const Json document = {{"version", 1},
                         {"diagnostics", std::move(list)},
                         {"errors", diagnostics.error_count()},
                         {"warnings", diagnostics.warning_count()},
                         {"hidden_errors", hidden}};
  // Texts may quote bytes that are not UTF-8; JSON cannot.
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace vdlc
