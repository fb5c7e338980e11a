// TraceStore: the traces that a process keeps, in memory and within bounds (docs/spec/rpc.md 10.3).
//
//   auto runtime = nb::Runtime::make(nb::RuntimeOptions().tracing(nb::TraceOptions().sample(0.01))).value();
//   …
//   std::ofstream("trace.json") << nb::to_chrome_json(runtime.traces()->records());   // <nb/observe/trace_export.h>
//
// A trace is kept ("collected") when one of these is so:
//   - somebody asked for it: Span::collect(), TraceStore::collect();
//   - it began here and was drawn (sample);
//   - the name of a span or the text of an annotation matches a pattern (collect_matching);
//   - a caller in another process asked for it along with its call (unless only_own_wishes);
// What servers then know of it comes back with their answers and is merged, as far as they let us see it.
//
// Nothing here grows without end: peers decide how many traces, spans and remarks there are, so all of them have caps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nb/base/clock.h>
#include <nb/base/result.h>

#include "v.io/v23/vtrace/vtrace.vdl.h"

namespace nb {

class TraceOptions {
 public:
  TraceOptions() {}

  // Which part of the traces that begin here is collected, from 0 (none, unless this is said) to 1.
  TraceOptions& sample(double rate) {
    sample_ = rate;
    return *this;
  }
  // A regular expression (ECMAScript, without back references); a span's name or an annotation's text that contains a
  // match makes its trace collected from then on. Matched in time proportional to the text.
  TraceOptions& collect_matching(std::string pattern) {
    pattern_ = std::move(pattern);
    return *this;
  }
  // The level of detail of what is collected on our own wish; see Span::annotate. 0 unless this is said.
  TraceOptions& level(int level) {
    level_ = level;
    return *this;
  }
  // What callers in other processes want is not collected; only what is to be according to this process.
  TraceOptions& only_own_wishes() {
    only_own_wishes_ = true;
    return *this;
  }
  // How many traces are kept; 1024 unless this is said. The one that was touched longest ago goes first.
  TraceOptions& max_traces(std::size_t count) {
    max_traces_ = count;
    return *this;
  }
  TraceOptions& max_spans_per_trace(std::size_t count) {  // 1024
    max_spans_per_trace_ = count;
    return *this;
  }
  TraceOptions& max_annotations_per_span(std::size_t count) {  // 128
    max_annotations_per_span_ = count;
    return *this;
  }
  // Names and annotations are cut to this many bytes; 1024.
  TraceOptions& max_text(std::size_t bytes) {
    max_text_ = bytes;
    return *this;
  }
  // For all traces together; 16 MiB. Older traces go to make room.
  TraceOptions& max_memory(std::size_t bytes) {
    max_memory_ = bytes;
    return *this;
  }

  double sample() const { return sample_; }
  const std::string& pattern() const { return pattern_; }
  int level() const { return level_; }
  bool has_only_own_wishes() const { return only_own_wishes_; }
  std::size_t max_traces() const { return max_traces_; }
  std::size_t max_spans_per_trace() const { return max_spans_per_trace_; }
  std::size_t max_annotations_per_span() const { return max_annotations_per_span_; }
  std::size_t max_text() const { return max_text_; }
  std::size_t max_memory() const { return max_memory_; }

 private:
  double sample_ = 0;
  std::string pattern_;
  int level_ = 0;
  bool only_own_wishes_ = false;
  std::size_t max_traces_ = 1024;
  std::size_t max_spans_per_trace_ = 1024;
  std::size_t max_annotations_per_span_ = 128;
  std::size_t max_text_ = 1024;
  std::size_t max_memory_ = std::size_t{16} << 20;
};

// Safe from any thread.
class TraceStore final : public std::enable_shared_from_this<TraceStore> {
 public:
  using Random = std::function<void(std::span<std::uint8_t>)>;

  // BadArg for a pattern that is none and a rate that is none. `random` fills with bytes that others do not have too,
  // for ids.
  static Result<std::shared_ptr<TraceStore>> make(const TraceOptions& options, std::shared_ptr<Clock> clock,
                                                  Random random);
  ~TraceStore();
  TraceStore(const TraceStore&) = delete;
  TraceStore& operator=(const TraceStore&) = delete;

  // Whether traces that begin here may be collected without anybody asking: a call outside any span then begins one.
  bool begins_traces() const;
  bool follows_callers() const;

  void collect(const v23::uniqueid::Id& trace);
  void collect(const v23::uniqueid::Id& trace, int level);
  bool collects(const v23::uniqueid::Id& trace) const;
  // The level of detail at which it is collected; 0 if it is not.
  int level(const v23::uniqueid::Id& trace) const;

  // What is known of it, the spans in the order in which they became known; its spans are none if it is not collected.
  v23::vtrace::TraceRecord record(const v23::uniqueid::Id& trace) const;
  // All of them, those touched last first.
  std::vector<v23::vtrace::TraceRecord> records() const;

  // What a server answers its caller with: all it knows of the trace, the oldest spans left out where that would be
  // more than `max_bytes`. Zero if the trace is not collected.
  v23::vtrace::Response response(const v23::uniqueid::Id& trace, std::size_t max_bytes) const;
  // What a server knew: adds the spans that are not there yet, if the trace is collected or the answer says that it is.
  void merge(const v23::vtrace::Response& response);

  struct Counts {
    std::size_t traces = 0;
    std::size_t spans = 0;
    std::size_t bytes = 0;      // about
    std::uint64_t evicted = 0;  // traces that went to make room
    std::uint64_t dropped = 0;  // spans and annotations for which there was none
  };
  Counts counts() const;

  // For Span.
  v23::uniqueid::Id make_id();
  Time now() const;
  void started(const v23::uniqueid::Id& trace, const v23::vtrace::SpanRecord& span);
  void finished(const v23::uniqueid::Id& trace, const v23::vtrace::SpanRecord& span, Time end);
  void annotated(const v23::uniqueid::Id& trace, const v23::vtrace::SpanRecord& span, std::string_view text);

 private:
  struct Inside;
  explicit TraceStore(std::unique_ptr<Inside> inside);
  const std::unique_ptr<Inside> inside_;
};

}  // namespace nb
