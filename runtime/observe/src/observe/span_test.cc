#include <nb/observe/span.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>

#include <nb/base/timers.h>
#include <nb/observe/trace_store.h>

using namespace std::chrono_literals;

namespace nb {
namespace {

class NoTimers final : public Timers {
 public:
  explicit NoTimers(std::shared_ptr<Clock> clock) : clock_(std::move(clock)) {}
  const std::shared_ptr<Clock>& clock() const override { return clock_; }
  TimerId call_at(Clock::Steady, std::function<void()>) override { return TimerId::kNone; }
  void forget(TimerId) override {}

 private:
  const std::shared_ptr<Clock> clock_;
};

struct Scene {
  explicit Scene(const TraceOptions& options = TraceOptions()) {
    traces = TraceStore::make(options, clock, [this](std::span<std::uint8_t> bytes) {
               std::fill(bytes.begin(), bytes.end(), ++drawn);
             }).value();
    context = with_trace_store(Context::root(std::make_shared<NoTimers>(clock)), traces);
  }
  std::uint8_t drawn = 0;
  std::shared_ptr<HandClock> clock = std::make_shared<HandClock>();
  std::shared_ptr<TraceStore> traces;
  Context context;
};

}  // namespace

TEST_CASE("an empty span takes everything and does nothing") {
  const Span none;
  CHECK_FALSE(none);
  none.annotate("x");
  none.collect();
  none.finish();
  CHECK_FALSE(none.is_collected());
  CHECK(none.request() == v23::vtrace::Request());
  CHECK_FALSE(span_of(Context()));
  // A context that is no runtime's stays without.
  CHECK_FALSE(span_of(with_new_trace(Context(), "x")));
  CHECK_FALSE(span_of(with_new_span(Context(), "x")));
}

TEST_CASE("the root of a trace has the trace as its parent, and spans below have the one above") {
  Scene s;
  const Context root = with_new_trace(s.context, "root");
  const Span top = span_of(root);
  CHECK(top.parent() == top.trace());
  CHECK(top.id() != top.trace());
  const Span below = span_of(with_new_span(root, "below"));
  CHECK(below.trace() == top.trace());
  CHECK(below.parent() == top.id());
  CHECK(below.name() == "below");
  CHECK(span_of(with_new_span(s.context, "alone")).parent() != top.id());
  CHECK(span_of(with_new_trace(root, "another")).trace() != top.trace());
}

TEST_CASE("a span that is collected is kept with its times and remarks") {
  Scene s;
  const Context root = with_new_trace(s.context, "root");
  const Span span = span_of(root);
  span.collect();
  const Time start = s.traces->now();
  s.clock->advance(3s);
  span.annotate("remark");
  s.clock->advance(4s);
  span.finish();
  const Time end = s.traces->now();
  s.clock->advance(5s);
  span.finish();
  const auto record = s.traces->record(span.trace());
  REQUIRE(record.Spans.size() == 1);
  CHECK(record.Spans[0].Start == start);
  CHECK(record.Spans[0].End == end);
  REQUIRE(record.Spans[0].Annotations.size() == 1);
  CHECK(record.Spans[0].Annotations[0].When == Time(start.seconds() + 3, start.nanos()));
}

TEST_CASE("a span that nobody finishes is finished when the last one lets it go") {
  Scene s;
  Context context = with_new_trace(s.context, "root");
  span_of(context).collect();
  const auto trace = span_of(context).trace();
  s.clock->advance(1s);
  CHECK(s.traces->record(trace).Spans[0].End == Time());
  context = Context();
  CHECK(s.traces->record(trace).Spans[0].End == s.traces->now());
}

TEST_CASE("details are kept up to the level of the trace") {
  Scene s(TraceOptions().level(2));
  const Context root = with_new_trace(s.context, "root");
  const Span span = span_of(root);
  span.annotate(0, "nobody collects");
  span.collect();
  span.annotate(1, "one");
  span.annotate(2, "two");
  span.annotate(3, "three");
  const auto record = s.traces->record(span.trace());
  REQUIRE(record.Spans[0].Annotations.size() == 2);
  CHECK(record.Spans[0].Annotations[1].Message == "two");
}

TEST_CASE("what goes with a call names the span, and says whether the trace is collected, and at which level") {
  Scene s(TraceOptions().level(5));
  const Span span = span_of(with_new_trace(s.context, "root"));
  CHECK(span.request() == v23::vtrace::Request(span.id(), span.trace(), {}, v23::vtrace::Empty, 0));
  span.collect();
  CHECK(span.request() == v23::vtrace::Request(span.id(), span.trace(), {}, v23::vtrace::CollectInMemory, 5));
}

TEST_CASE("a continued trace is collected if the caller wants it, at the caller's level") {
  Scene s;
  v23::vtrace::Request request;
  request.TraceId.fill(7);
  request.SpanId.fill(8);
  const Span plain = span_of(with_continued_trace(s.context, "plain", request));
  CHECK(plain.trace() == request.TraceId);
  CHECK(plain.parent() == request.SpanId);
  CHECK_FALSE(plain.is_collected());
  request.Flags = v23::vtrace::CollectInMemory;
  request.LogLevel = 4;
  const Span wanted = span_of(with_continued_trace(s.context, "wanted", request));
  CHECK(wanted.is_collected());
  CHECK(s.traces->level(request.TraceId) == 4);
  CHECK(s.traces->record(request.TraceId).Spans[0].Name == "wanted");
}

TEST_CASE("a store with its own wishes only does not collect for callers") {
  Scene s(TraceOptions().only_own_wishes());
  v23::vtrace::Request request;
  request.TraceId.fill(7);
  request.Flags = v23::vtrace::CollectInMemory;
  CHECK_FALSE(span_of(with_continued_trace(s.context, "x", request)).is_collected());
}

}  // namespace nb
