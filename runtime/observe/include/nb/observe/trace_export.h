// Traces in the forms that other programs read, and as a picture. Records come from TraceStore, or from servers.
//
//   to_chrome_json  for chrome://tracing, Perfetto (ui.perfetto.dev) and speedscope: the "trace event" form
//   to_otlp_json    for OpenTelemetry collectors: the JSON form of an ExportTraceServiceRequest, one request
//   to_svg          one trace as a picture, for documents and tickets
//
// All are deterministic: the same records give the same bytes. Text of peers may be in them: it is quoted as the form
// wants it, and what is no UTF-8 is replaced. Spans that have not ended yet last until the end of what is known.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "v.io/v23/vtrace/vtrace.vdl.h"

namespace nb {

// Each trace is a "process", named after its root; spans that overlap without being within one another are on "threads"
// of their own. Times are microseconds since the first span's start, which "otherData" gives in nanoseconds since 1970.
// Annotations are instants.
std::string to_chrome_json(std::span<const v23::vtrace::TraceRecord> traces);

// OpenTelemetry's span ids have 8 bytes and ours 16: the halves are combined by exclusive or. A span of a call as its
// client sees it is of kind CLIENT, the server's below it SERVER, others INTERNAL. Annotations are events.
std::string to_otlp_json(std::span<const v23::vtrace::TraceRecord> traces, std::string_view service_name);

// A row for each span, indented below its parent, over a common axis of time; annotations are ticks. At most 500 rows.
std::string to_svg(const v23::vtrace::TraceRecord& trace);

}  // namespace nb
