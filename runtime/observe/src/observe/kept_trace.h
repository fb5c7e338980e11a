// KeptTrace: one trace of a TraceStore: its spans, within caps. Plain data; the store's lock guards it.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "v.io/v23/vtrace/vtrace.vdl.h"

namespace nb::observe {

struct TraceCaps {
  std::size_t spans = 0;
  std::size_t annotations = 0;  // for each span
  std::size_t text = 0;         // bytes of a name or an annotation
};

class KeptTrace {
 public:
  using Id = v23::uniqueid::Id;
  using SpanRecord = v23::vtrace::SpanRecord;

  KeptTrace(const Id& id, int level) : id_(id), level_(level) {}

  const Id& id() const { return id_; }
  int level() const { return level_; }
  const std::vector<SpanRecord>& spans() const { return spans_; }
  std::size_t bytes() const { return bytes_; }  // about what it holds

  // Each returns how many spans and annotations were dropped for want of room. A span that is not known yet is added
  // first, since a trace may become collected in the middle of it.
  std::size_t add(const SpanRecord& span, const TraceCaps& caps);
  std::size_t finish(const SpanRecord& span, Time end, const TraceCaps& caps);
  std::size_t annotate(const SpanRecord& span, v23::vtrace::Annotation annotation, const TraceCaps& caps);
  // Of another process, with all that is in it; nothing if it is known.
  std::size_t merge(const SpanRecord& span, const TraceCaps& caps);

 private:
  SpanRecord* find_or_add(const SpanRecord& span, const TraceCaps& caps);  // null: no room

  const Id id_;
  const int level_;
  std::vector<SpanRecord> spans_;  // in the order in which they became known
  std::map<Id, std::size_t> places_;
  std::size_t bytes_ = 0;
};

// About what a span takes, in memory and when it is sent.
std::size_t bytes_of(const v23::vtrace::SpanRecord& span);

}  // namespace nb::observe
