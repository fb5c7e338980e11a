// SpanTree: a trace put in order for showing: each span below its parent, with times as nanoseconds since 1970.
//
// Records come from peers: parents may be missing, or go in circles; times may be anything. A span whose parent is not
// there, or is itself below the span, counts as one without a parent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "v.io/v23/vtrace/vtrace.vdl.h"

namespace nb::observe {

struct ShownSpan {
  const v23::vtrace::SpanRecord* record = nullptr;  // of the trace that the tree was made of
  const v23::vtrace::SpanRecord* parent = nullptr;  // null: none that is known
  std::size_t depth = 0;
  std::int64_t start = 0;
  std::int64_t end = 0;  // not before start
  bool is_finished = true;
  std::size_t lane = 0;  // spans of one lane lie beside or within one another
};

struct SpanTree {
  std::vector<ShownSpan> spans;  // parents before their children, children by start
  std::int64_t start = 0;        // of the first
  std::int64_t end = 0;          // of the last
};

SpanTree span_tree(const v23::vtrace::TraceRecord& trace);

enum class SpanKind { kInternal, kServer, kClient };
SpanKind kind_of(const ShownSpan& span);

std::int64_t unix_nanoseconds(const Time& time);  // 0 where that does not fit

std::string to_hex(const v23::uniqueid::Id& id);

}  // namespace nb::observe
