#include "diagnostics/diagnostics.h"

#include <algorithm>

namespace vdlc {

Diagnostic& Diagnostics::add(Severity severity, std::optional<Span> at, std::string_view id, std::string text) {
  if (severity == Severity::kError) ++errors_;
  list_.push_back({id, severity, at, std::move(text), {}, {}});
  return list_.back();
}

std::vector<const Diagnostic*> Diagnostics::sorted() const {
  std::vector<const Diagnostic*> result;
  result.reserve(list_.size());
  for (const Diagnostic& diagnostic : list_) result.push_back(&diagnostic);
  std::stable_sort(result.begin(), result.end(), [](const Diagnostic* a, const Diagnostic* b) {
    if (!a->span || !b->span) return !a->span && b->span;
    return std::pair(a->span->file, a->span->begin) < std::pair(b->span->file, b->span->begin);
  });
  return result;
}

}  // namespace vdlc
