#include <algorithm>
#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include <nb/observe/trace_export.h>

#include "observe/span_tree.h"

namespace nb {

namespace {

using Json = nlohmann::ordered_json;
using observe::ShownSpan;
using v23::vtrace::TraceRecord;

// What is no UTF-8 becomes U+FFFD instead of an exception.
std::string text_of(const Json& json) { return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n"; }

double microseconds(std::int64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1000; }

// Times are counted from `start`: since 1970 they would lose their nanoseconds in a double.
void add_chrome_events(Json& events, const TraceRecord& trace, std::size_t process, std::int64_t start) {
  const observe::SpanTree tree = observe::span_tree(trace);
  if (tree.spans.empty()) return;
  events.push_back({{"name", "process_name"},
                    {"ph", "M"},
                    {"pid", process},
                    {"args", {{"name", "trace " + observe::to_hex(trace.Id)}}}});
  for (const ShownSpan& span : tree.spans) {
    Json args = {{"id", observe::to_hex(span.record->Id)}, {"parent", observe::to_hex(span.record->Parent)}};
    if (!span.is_finished) args["unfinished"] = true;
    events.push_back({{"name", span.record->Name},
                      {"cat", "span"},
                      {"ph", "X"},
                      {"ts", microseconds(span.start - start)},
                      {"dur", microseconds(span.end - span.start)},
                      {"pid", process},
                      {"tid", span.lane},
                      {"args", std::move(args)}});
    for (const auto& each : span.record->Annotations) {
      events.push_back({{"name", each.Message},
                        {"cat", "annotation"},
                        {"ph", "i"},
                        {"s", "t"},
                        {"ts", microseconds(std::max(observe::unix_nanoseconds(each.When) - start, std::int64_t{0}))},
                        {"pid", process},
                        {"tid", span.lane}});
    }
  }
}

std::string otlp_span_id(const v23::uniqueid::Id& id) {
  v23::uniqueid::Id half;
  bool is_zero = true;
  for (std::size_t i = 0; i < 8; ++i) {
    half[i] = id[i] ^ id[i + 8];
    is_zero = is_zero && half[i] == 0;
  }
  if (is_zero) half[7] = 1;  // zero is no id there
  return observe::to_hex(half).substr(0, 16);
}

int otlp_kind(observe::SpanKind kind) {
  switch (kind) {
    case observe::SpanKind::kInternal:
      return 1;
    case observe::SpanKind::kServer:
      return 2;
    case observe::SpanKind::kClient:
      return 3;
  }
  return 0;
}

Json otlp_span(const ShownSpan& span, const std::string& trace) {
  Json made = {{"traceId", trace}, {"spanId", otlp_span_id(span.record->Id)}};
  // The root's parent is the trace itself, which is no span there.
  if (span.parent != nullptr || observe::to_hex(span.record->Parent) != trace) {
    made["parentSpanId"] = otlp_span_id(span.record->Parent);
  }
  made["name"] = span.record->Name;
  made["kind"] = otlp_kind(observe::kind_of(span));
  made["startTimeUnixNano"] = std::to_string(span.start);
  made["endTimeUnixNano"] = std::to_string(span.end);
  Json events = Json::array();
  for (const auto& each : span.record->Annotations) {
    events.push_back({{"timeUnixNano", std::to_string(observe::unix_nanoseconds(each.When))}, {"name", each.Message}});
  }
  if (!events.empty()) made["events"] = std::move(events);
  return made;
}

}  // namespace

std::string to_chrome_json(std::span<const TraceRecord> traces) {
  Json events = Json::array();
  std::int64_t start = INT64_MAX;
  for (const TraceRecord& trace : traces) {
    for (const auto& span : trace.Spans) start = std::min(start, observe::unix_nanoseconds(span.Start));
  }
  std::size_t process = 0;
  for (const TraceRecord& trace : traces) add_chrome_events(events, trace, ++process, start);
  if (start == INT64_MAX) start = 0;
  return text_of({{"displayTimeUnit", "ms"},
                  {"otherData", {{"startUnixNano", std::to_string(start)}}},
                  {"traceEvents", std::move(events)}});
}

std::string to_otlp_json(std::span<const TraceRecord> traces, std::string_view service_name) {
  Json spans = Json::array();
  for (const TraceRecord& trace : traces) {
    const std::string id = observe::to_hex(trace.Id);
    const observe::SpanTree tree = observe::span_tree(trace);
    for (const ShownSpan& span : tree.spans) spans.push_back(otlp_span(span, id));
  }
  Json name = {{"key", "service.name"}, {"value", {{"stringValue", std::string(service_name)}}}};
  Json scope = {{"scope", {{"name", "niobium"}}}, {"spans", std::move(spans)}};
  Json resource = {{"resource", {{"attributes", Json::array({std::move(name)})}}},
                   {"scopeSpans", Json::array({std::move(scope)})}};
  return text_of({{"resourceSpans", Json::array({std::move(resource)})}});
}

}  // namespace nb
