#include <nb/observe/trace_store.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>

#include <nb/base/verror.h>

#include "observe/id_source.h"

using namespace std::chrono_literals;

namespace nb {
namespace {

using v23::uniqueid::Id;
using v23::vtrace::SpanRecord;

Id id(std::uint8_t n) {
  Id made;
  made.fill(n);
  return made;
}

SpanRecord span(std::uint8_t n, std::uint8_t parent, std::string name) {
  SpanRecord made;
  made.Id = id(n);
  made.Parent = id(parent);
  made.Name = std::move(name);
  return made;
}

// Counts up, so that ids differ and tests repeat.
void counting(std::span<std::uint8_t> bytes) {
  static std::uint8_t next = 0;
  std::fill(bytes.begin(), bytes.end(), std::uint8_t{0});
  bytes.front() = ++next;
}

std::shared_ptr<TraceStore> store(const TraceOptions& options = TraceOptions(),
                                  std::shared_ptr<Clock> clock = std::make_shared<HandClock>()) {
  return TraceStore::make(options, std::move(clock), counting).value();
}

v23::vtrace::Response response(std::uint8_t trace, std::vector<SpanRecord> spans, bool collected = true) {
  v23::vtrace::Response made;
  if (collected) made.Flags = v23::vtrace::CollectInMemory;
  made.Trace.Id = id(trace);
  made.Trace.Spans = std::move(spans);
  return made;
}

}  // namespace

TEST_CASE("ids have 14 random bytes and a counter with its top bit set, and new random bytes when it has run out") {
  int drawn = 0;
  observe::IdSource ids([&](std::span<std::uint8_t> bytes) {
    CHECK(bytes.size() == 14);
    std::fill(bytes.begin(), bytes.end(), static_cast<std::uint8_t>(++drawn));
  });
  std::set<Id> seen;
  const Id first = ids.make();
  CHECK(first[13] == 1);
  CHECK(first[14] == 0x80);
  CHECK(first[15] == 0);
  seen.insert(first);
  for (int i = 1; i <= 0x7fff; ++i) seen.insert(ids.make());
  CHECK(seen.size() == 0x8000);
  CHECK(drawn == 1);
  const Id next = ids.make();
  CHECK(drawn == 2);
  CHECK(next[0] == 2);
  CHECK(next[14] == 0x80);
  CHECK(next[15] == 0);
}

TEST_CASE("what nobody wants is not kept, and what is collected is from then on") {
  const auto traces = store();
  traces->started(id(1), span(2, 1, "a"));
  traces->annotated(id(1), span(2, 1, "a"), "early");
  CHECK(traces->records().empty());
  CHECK(traces->response(id(1), 1 << 20) == v23::vtrace::Response());
  traces->collect(id(1), 3);
  CHECK(traces->level(id(1)) == 3);
  // It began before; what is said of it now brings it in.
  traces->annotated(id(1), span(2, 1, "a"), "late");
  const auto record = traces->record(id(1));
  REQUIRE(record.Spans.size() == 1);
  CHECK(record.Spans[0].Name == "a");
  REQUIRE(record.Spans[0].Annotations.size() == 1);
  CHECK(record.Spans[0].Annotations[0].Message == "late");
  CHECK(record.Spans[0].End == Time());
  traces->finished(id(1), span(2, 1, "a"), traces->now());
  CHECK(traces->record(id(1)).Spans[0].End == traces->now());
}

TEST_CASE("a root that is drawn is collected, and spans below others are not drawn") {
  const auto all = store(TraceOptions().sample(1).level(2));
  CHECK(all->begins_traces());
  all->started(id(1), span(2, 1, "root"));
  all->started(id(5), span(6, 7, "below another"));
  CHECK(all->collects(id(1)));
  CHECK(all->level(id(1)) == 2);
  CHECK_FALSE(all->collects(id(5)));
  CHECK_FALSE(store()->begins_traces());
}

TEST_CASE("about as many roots are drawn as the rate says") {
  const auto half = TraceStore::make(TraceOptions().sample(0.25), system_clock(), [](std::span<std::uint8_t> bytes) {
                      static std::uint64_t state = 1;
                      for (auto& byte : bytes) {
                        state = state * 6364136223846793005u + 1442695040888963407u;
                        byte = static_cast<std::uint8_t>(state >> 56);
                      }
                    }).value();
  int drawn = 0;
  for (int i = 0; i < 4000; ++i) {
    SpanRecord root;
    const Id trace = half->make_id();
    root.Parent = trace;
    root.Id = half->make_id();
    half->started(trace, root);
    drawn += half->collects(trace) ? 1 : 0;
  }
  CHECK(drawn > 850);
  CHECK(drawn < 1150);
}

TEST_CASE("names and annotations that match the pattern make their trace collected") {
  const auto traces = store(TraceOptions().collect_matching("Pay(ment)?|slow"));
  traces->started(id(1), span(2, 9, "shop.Payment"));
  CHECK(traces->collects(id(1)));
  traces->started(id(3), span(4, 9, "shop.List"));
  CHECK_FALSE(traces->collects(id(3)));
  traces->annotated(id(3), span(4, 9, "shop.List"), "this is slow");
  REQUIRE(traces->collects(id(3)));
  CHECK(traces->record(id(3)).Spans[0].Name == "shop.List");
}

TEST_CASE("a pattern that would take exponential time elsewhere does not here, whatever peers say") {
  const auto traces = store(TraceOptions().collect_matching("^(a+)+$"));
  traces->started(id(1), span(2, 1, std::string(100000, 'a') + "!"));
  traces->annotated(id(1), span(2, 1, "x"), std::string(1000, 'a') + "!");
  // Only the part that would be kept is looked at.
  CHECK(traces->collects(id(1)));
}

TEST_CASE("options that make no sense are refused") {
  CHECK(verror::BadArg.matches(TraceStore::make(TraceOptions().sample(1.5), system_clock(), counting).error()));
  CHECK(verror::BadArg.matches(TraceStore::make(TraceOptions().sample(-1), system_clock(), counting).error()));
  CHECK(
      verror::BadArg.matches(TraceStore::make(TraceOptions().collect_matching("("), system_clock(), counting).error()));
}

TEST_CASE("the trace that was touched longest ago makes room for a new one") {
  const auto traces = store(TraceOptions().max_traces(2));
  traces->collect(id(1));
  traces->collect(id(2));
  traces->started(id(1), span(9, 1, "touched"));
  traces->collect(id(3));
  CHECK(traces->collects(id(1)));
  CHECK_FALSE(traces->collects(id(2)));
  CHECK(traces->collects(id(3)));
  CHECK(traces->counts().evicted == 1);
}

TEST_CASE("spans, annotations and text have caps, and what is dropped is counted") {
  const auto traces = store(TraceOptions().max_spans_per_trace(2).max_annotations_per_span(3).max_text(8));
  traces->collect(id(1));
  for (std::uint8_t n = 10; n < 15; ++n) traces->started(id(1), span(n, 1, "a name that is long"));
  for (int i = 0; i < 5; ++i) traces->annotated(id(1), span(10, 1, ""), "text of some length");
  const auto record = traces->record(id(1));
  REQUIRE(record.Spans.size() == 2);
  CHECK(record.Spans[0].Name == "a name t");
  REQUIRE(record.Spans[0].Annotations.size() == 3);
  CHECK(record.Spans[0].Annotations[0].Message == "text of ");
  CHECK(traces->counts().dropped == 5);
}

TEST_CASE("all traces together stay within the memory that they may take") {
  const auto traces = store(TraceOptions().max_memory(64 * 1024));
  for (std::uint8_t n = 1; n < 100; ++n) {
    traces->collect(id(n));
    for (std::uint8_t each = 100; each < 120; ++each) traces->started(id(n), span(each, n, std::string(500, 'x')));
  }
  CHECK(traces->counts().bytes <= 64 * 1024);
  CHECK(traces->counts().evicted > 80);
  // And one alone, too: it stops growing.
  for (int i = 0; i < 1000; ++i) {
    SpanRecord more;
    more.Id = traces->make_id();
    more.Name = std::string(500, 'x');
    traces->started(id(99), more);
  }
  CHECK(traces->counts().traces == 1);
  CHECK(traces->counts().bytes <= 66 * 1024);
}

TEST_CASE("what another process knows is added, and nothing of ours is overwritten") {
  const auto traces = store();
  traces->collect(id(1));
  traces->started(id(1), span(2, 1, "ours"));
  auto theirs = span(3, 2, "theirs");
  theirs.End = Time(5, 6);
  theirs.Annotations.emplace_back(Time(5, 0), "remark");
  theirs.RequestMetadata = {1, 2};
  auto changed = span(2, 1, "changed");
  traces->merge(response(1, {changed, theirs, theirs}));
  const auto record = traces->record(id(1));
  REQUIRE(record.Spans.size() == 2);
  CHECK(record.Spans[0].Name == "ours");
  CHECK(record.Spans[1] == theirs);
}

TEST_CASE("an answer makes its trace collected if it says so, and is forgotten otherwise") {
  const auto traces = store();
  traces->merge(response(1, {span(2, 1, "a")}, false));
  CHECK_FALSE(traces->collects(id(1)));
  traces->merge(response(1, {span(2, 1, "a")}));
  CHECK(traces->record(id(1)).Spans.size() == 1);
  traces->merge(response(1, {span(3, 1, "b")}, false));
  CHECK(traces->record(id(1)).Spans.size() == 2);
}

TEST_CASE("what is merged has the same caps as what is our own") {
  const auto traces = store(TraceOptions().max_spans_per_trace(3).max_annotations_per_span(2).max_text(4));
  std::vector<SpanRecord> many;
  for (std::uint8_t n = 10; n < 60; ++n) {
    many.push_back(span(n, 1, "a long name"));
    for (int i = 0; i < 10; ++i) many.back().Annotations.emplace_back(Time(), "a long text");
    many.back().RequestMetadata.resize(1000);
  }
  traces->merge(response(1, many));
  const auto record = traces->record(id(1));
  REQUIRE(record.Spans.size() == 3);
  CHECK(record.Spans[0].Name == "a lo");
  CHECK(record.Spans[0].Annotations.size() == 2);
  CHECK(record.Spans[0].Annotations[0].Message == "a lo");
  CHECK(record.Spans[0].RequestMetadata.size() == 4);
}

TEST_CASE("an answer to a caller holds the newest spans where all would be too much") {
  const auto traces = store();
  traces->collect(id(1));
  for (std::uint8_t n = 10; n < 30; ++n) traces->started(id(1), span(n, 1, "a"));
  CHECK(traces->response(id(1), 1 << 20).Trace.Spans.size() == 20);
  const auto some = traces->response(id(1), 2000).Trace;
  CHECK(some.Id == id(1));
  REQUIRE_FALSE(some.Spans.empty());
  CHECK(some.Spans.size() < 20);
  CHECK(some.Spans.back().Id == id(29));
  CHECK(traces->response(id(1), 1 << 20).Flags == v23::vtrace::CollectInMemory);
}

}  // namespace nb
