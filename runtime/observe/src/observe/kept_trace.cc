#include "observe/kept_trace.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace nb::observe {

namespace {

using v23::vtrace::Annotation;
using v23::vtrace::SpanRecord;

constexpr std::size_t kMapEntry = 80;  // a node of places_

std::size_t bytes_of_annotation(const Annotation& annotation) { return sizeof annotation + annotation.Message.size(); }

}  // namespace

std::size_t bytes_of(const SpanRecord& span) {
  std::size_t bytes = sizeof span + kMapEntry + span.Name.size() + span.RequestMetadata.size();
  for (const Annotation& each : span.Annotations) bytes += bytes_of_annotation(each);
  return bytes;
}

SpanRecord* KeptTrace::find_or_add(const SpanRecord& span, const TraceCaps& caps) {
  if (const auto found = places_.find(span.Id); found != places_.end()) return &spans_[found->second];
  if (spans_.size() >= caps.spans) return nullptr;
  places_.emplace(span.Id, spans_.size());
  SpanRecord& added = spans_.emplace_back();
  added.Id = span.Id;
  added.Parent = span.Parent;
  added.Name = base::cut(span.Name, caps.text);
  added.Start = span.Start;
  bytes_ += bytes_of(added);
  return &added;
}

std::size_t KeptTrace::add(const SpanRecord& span, const TraceCaps& caps) {
  return find_or_add(span, caps) == nullptr ? 1 : 0;
}

std::size_t KeptTrace::finish(const SpanRecord& span, Time end, const TraceCaps& caps) {
  SpanRecord* const known = find_or_add(span, caps);
  if (known == nullptr) return 1;
  known->End = end;
  return 0;
}

std::size_t KeptTrace::annotate(const SpanRecord& span, Annotation annotation, const TraceCaps& caps) {
  SpanRecord* const known = find_or_add(span, caps);
  if (known == nullptr || known->Annotations.size() >= caps.annotations) return 1;
  annotation.Message = base::cut(annotation.Message, caps.text);
  bytes_ += bytes_of_annotation(annotation);
  known->Annotations.push_back(std::move(annotation));
  return 0;
}

std::size_t KeptTrace::merge(const SpanRecord& span, const TraceCaps& caps) {
  if (places_.contains(span.Id)) return 0;
  SpanRecord* const added = find_or_add(span, caps);
  if (added == nullptr) return 1;
  added->End = span.End;
  const std::size_t metadata = std::min(span.RequestMetadata.size(), caps.text);
  added->RequestMetadata.assign(span.RequestMetadata.begin(),
                                span.RequestMetadata.begin() + static_cast<std::ptrdiff_t>(metadata));
  bytes_ += metadata;
  std::size_t dropped = 0;
  for (const Annotation& each : span.Annotations) dropped += annotate(span, each, caps);
  return dropped;
}

}  // namespace nb::observe
