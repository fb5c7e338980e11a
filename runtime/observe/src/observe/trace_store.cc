#include <nb/observe/trace_store.h>

#include <algorithm>
#include <atomic>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <regex>
#include <utility>

#include <nb/base/verror.h>

#include "base/text.h"
#include "observe/id_source.h"
#include "observe/kept_trace.h"

namespace nb {

using observe::KeptTrace;
using v23::uniqueid::Id;
using v23::vtrace::SpanRecord;
using v23::vtrace::TraceRecord;

namespace {

// Room for a trace that has nothing in it yet.
constexpr std::size_t kEmptyTrace = 256;

// The polynomial matcher does not recurse on the text, and its time is bounded: names and annotations hold text of
// peers.
Result<std::optional<std::regex>> compile(const std::string& pattern) {
  if (pattern.empty()) return std::optional<std::regex>();
  try {
    return std::optional<std::regex>(
        std::regex(pattern, std::regex::ECMAScript | std::regex_constants::__polynomial | std::regex::optimize));
  } catch (const std::regex_error& why) {
    return verror::BadArg("the pattern of traces to collect: " + std::string(why.what()));
  }
}

}  // namespace

struct TraceStore::Inside {
  Inside(const TraceOptions& options_, std::optional<std::regex> pattern_, std::shared_ptr<Clock> clock_,
         Random random_)
      : options(options_),
        caps{options_.max_spans_per_trace(), options_.max_annotations_per_span(), options_.max_text()},
        pattern(std::move(pattern_)),
        clock(std::move(clock_)),
        ids(std::move(random_)) {}

  bool matches(std::string_view text) const {
    if (!pattern) return false;
    text = base::cut(text, caps.text);
    return std::regex_search(text.begin(), text.end(), *pattern);
  }
  // Nothing is collected, and nothing can be by what a span says: the common case, which costs no lock.
  bool is_idle() const { return count.load(std::memory_order_relaxed) == 0 && !pattern; }

  // With the lock, all of them.
  KeptTrace* find(const Id& trace) {
    const auto found = places.find(trace);
    return found == places.end() ? nullptr : &*found->second;
  }
  KeptTrace* collect(const Id& trace, int level) {
    if (KeptTrace* known = find(trace)) return known;
    if (options.max_traces() == 0) return nullptr;
    kept.emplace_front(trace, level);
    places.emplace(trace, kept.begin());
    bytes += kEmptyTrace;
    make_room(1);
    count.store(kept.size(), std::memory_order_relaxed);
    return &kept.front();
  }
  // Those touched longest ago go, except the first `spare`.
  void make_room(std::size_t spare) {
    while (kept.size() > spare && (kept.size() > options.max_traces() || bytes > options.max_memory())) {
      bytes -= kEmptyTrace + kept.back().bytes();
      places.erase(kept.back().id());
      kept.pop_back();
      ++evicted;
    }
    count.store(kept.size(), std::memory_order_relaxed);
  }
  // Changes a trace, which is the one touched last then; `change` says how much it had to drop.
  template <class Change>
  void touch(KeptTrace& trace, Change change) {
    // Alone it may not take everything either.
    if (trace.bytes() >= options.max_memory()) {
      ++dropped;
      return;
    }
    const std::size_t before = trace.bytes();
    dropped += change(trace);
    bytes += trace.bytes() - before;
    kept.splice(kept.begin(), kept, places.at(trace.id()));
    make_room(1);
  }

  const TraceOptions options;
  const observe::TraceCaps caps;
  const std::optional<std::regex> pattern;
  const std::shared_ptr<Clock> clock;  // shared with the runtime
  observe::IdSource ids;
  std::atomic<std::size_t> count = 0;

  std::mutex mutex;           // guards the rest
  std::list<KeptTrace> kept;  // those touched last first
  std::map<Id, std::list<KeptTrace>::iterator> places;
  std::size_t bytes = 0;
  std::uint64_t evicted = 0;
  std::uint64_t dropped = 0;
};

Result<std::shared_ptr<TraceStore>> TraceStore::make(const TraceOptions& options, std::shared_ptr<Clock> clock,
                                                     Random random) {
  if (!(options.sample() >= 0 && options.sample() <= 1)) {
    return verror::BadArg("the part of traces to sample is a number from 0 to 1");
  }
  auto pattern = compile(options.pattern());
  if (!pattern) return pattern.error();
  return std::shared_ptr<TraceStore>(
      new TraceStore(std::make_unique<Inside>(options, *std::move(pattern), std::move(clock), std::move(random))));
}

TraceStore::TraceStore(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
TraceStore::~TraceStore() = default;

bool TraceStore::begins_traces() const { return inside_->options.sample() > 0 || inside_->pattern.has_value(); }
bool TraceStore::follows_callers() const { return !inside_->options.has_only_own_wishes(); }

void TraceStore::collect(const Id& trace) { collect(trace, inside_->options.level()); }

void TraceStore::collect(const Id& trace, int level) {
  const std::lock_guard lock(inside_->mutex);
  inside_->collect(trace, level);
}

bool TraceStore::collects(const Id& trace) const {
  if (inside_->count.load(std::memory_order_relaxed) == 0) return false;
  const std::lock_guard lock(inside_->mutex);
  return inside_->find(trace) != nullptr;
}

int TraceStore::level(const Id& trace) const {
  const std::lock_guard lock(inside_->mutex);
  const KeptTrace* const known = inside_->find(trace);
  return known == nullptr ? 0 : known->level();
}

TraceRecord TraceStore::record(const Id& trace) const {
  const std::lock_guard lock(inside_->mutex);
  const KeptTrace* const known = inside_->find(trace);
  return known == nullptr ? TraceRecord() : TraceRecord(known->id(), known->spans());
}

std::vector<TraceRecord> TraceStore::records() const {
  std::vector<TraceRecord> records;
  const std::lock_guard lock(inside_->mutex);
  records.reserve(inside_->kept.size());
  for (const KeptTrace& each : inside_->kept) records.emplace_back(each.id(), each.spans());
  return records;
}

v23::vtrace::Response TraceStore::response(const Id& trace, std::size_t max_bytes) const {
  v23::vtrace::Response response;
  const std::lock_guard lock(inside_->mutex);
  const KeptTrace* const known = inside_->find(trace);
  if (known == nullptr) return response;
  response.Flags = v23::vtrace::CollectInMemory;
  response.Trace.Id = trace;
  const auto& spans = known->spans();
  std::size_t first = spans.size();
  for (std::size_t bytes = 0; first > 0; --first) {
    bytes += observe::bytes_of(spans[first - 1]);
    if (bytes > max_bytes) break;
  }
  response.Trace.Spans.assign(spans.begin() + static_cast<std::ptrdiff_t>(first), spans.end());
  return response;
}

void TraceStore::merge(const v23::vtrace::Response& response) {
  const bool is_wanted = (response.Flags & v23::vtrace::CollectInMemory) != 0;
  if (!is_wanted && response.Trace.Spans.empty()) return;
  const std::lock_guard lock(inside_->mutex);
  KeptTrace* const known =
      is_wanted ? inside_->collect(response.Trace.Id, inside_->options.level()) : inside_->find(response.Trace.Id);
  if (known == nullptr) return;
  for (const SpanRecord& span : response.Trace.Spans) {
    inside_->touch(*known, [&](KeptTrace& trace) { return trace.merge(span, inside_->caps); });
  }
}

TraceStore::Counts TraceStore::counts() const {
  Counts counts;
  const std::lock_guard lock(inside_->mutex);
  counts.traces = inside_->kept.size();
  for (const KeptTrace& each : inside_->kept) counts.spans += each.spans().size();
  counts.bytes = inside_->bytes;
  counts.evicted = inside_->evicted;
  counts.dropped = inside_->dropped;
  return counts;
}

Id TraceStore::make_id() { return inside_->ids.make(); }

Time TraceStore::now() const {
  return Time::from(std::chrono::time_point_cast<std::chrono::nanoseconds>(inside_->clock->wall_now()));
}

void TraceStore::started(const Id& trace, const SpanRecord& span) {
  const bool is_drawn = span.Parent == trace && inside_->ids.draw(inside_->options.sample());
  if (!is_drawn && inside_->is_idle()) return;
  const bool is_wanted = is_drawn || inside_->matches(span.Name);
  const std::lock_guard lock(inside_->mutex);
  KeptTrace* const known = is_wanted ? inside_->collect(trace, inside_->options.level()) : inside_->find(trace);
  if (known == nullptr) return;
  inside_->touch(*known, [&](KeptTrace& kept) { return kept.add(span, inside_->caps); });
}

void TraceStore::finished(const Id& trace, const SpanRecord& span, Time end) {
  if (inside_->is_idle()) return;
  const std::lock_guard lock(inside_->mutex);
  KeptTrace* const known = inside_->find(trace);
  if (known == nullptr) return;
  inside_->touch(*known, [&](KeptTrace& kept) { return kept.finish(span, end, inside_->caps); });
}

void TraceStore::annotated(const Id& trace, const SpanRecord& span, std::string_view text) {
  if (inside_->is_idle()) return;
  v23::vtrace::Annotation annotation(now(), std::string(base::cut(text, inside_->caps.text)));
  const bool is_wanted = inside_->matches(annotation.Message);
  const std::lock_guard lock(inside_->mutex);
  KeptTrace* const known = is_wanted ? inside_->collect(trace, inside_->options.level()) : inside_->find(trace);
  if (known == nullptr) return;
  inside_->touch(*known, [&](KeptTrace& kept) { return kept.annotate(span, std::move(annotation), inside_->caps); });
}

}  // namespace nb
