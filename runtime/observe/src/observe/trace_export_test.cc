// Golden files: testdata/trace.chrome.json, .otlp.json and .svg. NIOBIUM_REFRESH=1 writes them anew; read the diff.
#include <nb/observe/trace_export.h>

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <nlohmann/json.hpp>

#include "observe/span_tree.h"

namespace nb {
namespace {

using v23::uniqueid::Id;
using v23::vtrace::SpanRecord;
using v23::vtrace::TraceRecord;

Id id(std::uint8_t n) {
  Id made;
  for (std::size_t i = 0; i < 14; ++i) made[i] = static_cast<std::uint8_t>(i);
  made[14] = 0x80;
  made[15] = n;
  return made;
}

Time at(std::int64_t milliseconds) { return Time(Time::kUnixEpoch + 1700000000, milliseconds * 1000000); }

SpanRecord span(std::uint8_t n, std::uint8_t parent, std::string name, std::int64_t start, std::int64_t end) {
  SpanRecord made;
  made.Id = id(n);
  made.Parent = id(parent);
  made.Name = std::move(name);
  made.Start = at(start);
  if (end >= 0) made.End = at(end);
  return made;
}

// A call of two servers at once, the second of which has not come back yet; names as peers may choose them.
TraceRecord sample() {
  TraceRecord trace;
  trace.Id = id(1);
  trace.Spans.push_back(span(2, 1, "report \"<&>\n\xff", 0, 100));
  trace.Spans.push_back(span(3, 2, "<rpc.Client>\"shop\".List", 10, 60));
  trace.Spans.push_back(span(4, 3, "<rpc.Client>tryConnectToServer", 10, 20));
  trace.Spans.back().Annotations.emplace_back(at(11), "address:/@6@tcp@127.0.0.1:1@@@s@@@");
  trace.Spans.push_back(span(6, 2, "<rpc.Client>\"bank\".Pay", 30, -1));
  trace.Spans.back().Annotations.emplace_back(at(90), "Retrying due to error: \"</svg>\"");
  trace.Spans.push_back(span(5, 3, "shop/x.List", 25, 55));
  return trace;
}

void check_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(OBSERVE_TESTDATA) + "/" + name;
  if (std::getenv("NIOBIUM_REFRESH") != nullptr) std::ofstream(path) << text;
  std::ostringstream expected;
  expected << std::ifstream(path).rdbuf();
  CHECK_MESSAGE(text == expected.str(), path << " differs; what came:\n" << text);
}

}  // namespace

TEST_CASE("traces as Chrome's trace events") {
  const TraceRecord trace = sample();
  check_golden("trace.chrome.json", to_chrome_json({&trace, 1}));
}

TEST_CASE("traces as a request of OpenTelemetry's protocol in JSON") {
  const TraceRecord trace = sample();
  check_golden("trace.otlp.json", to_otlp_json({&trace, 1}, "shop \"1\""));
}

TEST_CASE("a trace as a picture") { check_golden("trace.svg", to_svg(sample())); }

TEST_CASE("spans of one lane never overlap without being within one another") {
  TraceRecord trace;
  for (std::uint8_t n = 1; n < 200; ++n) {
    trace.Spans.push_back(span(n, 0, "s", n * 37 % 101, n * 37 % 101 + n * 53 % 47));
  }
  const auto tree = observe::span_tree(trace);
  REQUIRE(tree.spans.size() == 199);
  for (const auto& a : tree.spans) {
    for (const auto& b : tree.spans) {
      if (a.lane != b.lane || a.start > b.start) continue;
      const bool is_fine = b.start >= a.end || b.end <= a.end || (a.start == b.start && a.end <= b.end);
      CHECK_MESSAGE(is_fine, a.start << ".." << a.end << " and " << b.start << ".." << b.end);
    }
  }
}

TEST_CASE("spans that name one another as parents, lack theirs, or have no times, are all shown once") {
  TraceRecord trace;
  trace.Spans.push_back(span(2, 3, "a", 5, 1));
  trace.Spans.push_back(span(3, 2, "b", 0, 10));
  trace.Spans.push_back(span(4, 4, "its own parent", 0, 10));
  trace.Spans.push_back(span(5, 77, "an orphan", 0, 10));
  trace.Spans.emplace_back();
  trace.Spans.back().Start = Time(INT64_MAX, 0);
  trace.Spans.back().End = Time(INT64_MIN, 0);
  const auto tree = observe::span_tree(trace);
  CHECK(tree.spans.size() == 5);
  for (const auto& each : tree.spans) CHECK(each.end >= each.start);
  CHECK(nlohmann::json::parse(to_chrome_json({&trace, 1})).at("traceEvents").size() == 6);
  CHECK_FALSE(to_svg(trace).empty());
  CHECK_FALSE(to_svg(TraceRecord()).empty());
}

TEST_CASE("a chain of many spans is no matter of recursion") {
  TraceRecord trace;
  for (int i = 0; i < 50000; ++i) {
    SpanRecord made;
    made.Id[0] = static_cast<std::uint8_t>(i);
    made.Id[1] = static_cast<std::uint8_t>(i >> 8);
    made.Id[15] = 1;
    made.Parent[0] = static_cast<std::uint8_t>(i - 1);
    made.Parent[1] = static_cast<std::uint8_t>((i - 1) >> 8);
    made.Parent[15] = 1;
    trace.Spans.push_back(made);
  }
  CHECK(observe::span_tree(trace).spans.size() == 50000);
  CHECK(to_svg(trace).size() < 1000000);
}

}  // namespace nb
