#include "observe/span_tree.h"

#include <algorithm>
#include <map>
#include <utility>

namespace nb::observe {

using v23::uniqueid::Id;
using v23::vtrace::SpanRecord;

namespace {

// What a lane is busy with at the moment: the ends of spans that lie within one another.
using Lane = std::vector<std::int64_t>;

bool takes(Lane& lane, const ShownSpan& span) {
  while (!lane.empty() && lane.back() <= span.start) lane.pop_back();
  if (!lane.empty() && span.end > lane.back()) return false;
  lane.push_back(span.end);
  return true;
}

void choose_lanes(std::vector<ShownSpan>& spans) {
  std::vector<std::size_t> order(spans.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(spans[a].start, -spans[a].end) < std::pair(spans[b].start, -spans[b].end);
  });
  std::vector<Lane> lanes;
  for (const std::size_t i : order) {
    std::size_t lane = 0;
    while (lane < lanes.size() && !takes(lanes[lane], spans[i])) ++lane;
    if (lane == lanes.size()) lanes.push_back({spans[i].end});
    spans[i].lane = lane;
  }
}

}  // namespace

std::int64_t unix_nanoseconds(const Time& time) {
  const auto fits = time.to_sys_time();
  return fits ? std::max<std::int64_t>(fits->time_since_epoch().count(), 0) : 0;
}

SpanTree span_tree(const v23::vtrace::TraceRecord& trace) {
  SpanTree tree;
  std::map<Id, std::vector<const SpanRecord*>> children;
  std::map<Id, const SpanRecord*> known;
  for (const SpanRecord& span : trace.Spans) {
    children[span.Parent].push_back(&span);
    known.emplace(span.Id, &span);
    const std::int64_t start = unix_nanoseconds(span.Start);
    if (tree.start == 0 || start < tree.start) tree.start = start;
    tree.end = std::max({tree.end, start, unix_nanoseconds(span.End)});
    for (const auto& each : span.Annotations) tree.end = std::max(tree.end, unix_nanoseconds(each.When));
  }
  for (auto& [id, spans] : children) {
    std::stable_sort(spans.begin(), spans.end(),
                     [](const SpanRecord* a, const SpanRecord* b) { return a->Start < b->Start; });
  }

  std::map<const SpanRecord*, bool> is_shown;
  // A stack of our own: the depth is a peer's to choose.
  std::vector<ShownSpan> waiting;
  const auto show_from = [&](const SpanRecord& top) {
    ShownSpan first;
    first.record = &top;
    waiting.push_back(first);
    while (!waiting.empty()) {
      ShownSpan span = waiting.back();
      waiting.pop_back();
      if (std::exchange(is_shown[span.record], true)) continue;
      span.start = unix_nanoseconds(span.record->Start);
      span.is_finished = span.record->End != Time();
      span.end = span.is_finished ? std::max(span.start, unix_nanoseconds(span.record->End)) : tree.end;
      tree.spans.push_back(span);
      const auto below = children.find(span.record->Id);
      if (below == children.end()) continue;
      for (auto child = below->second.rbegin(); child != below->second.rend(); ++child) {
        ShownSpan next;
        next.record = *child;
        next.parent = span.record;
        next.depth = span.depth + 1;
        waiting.push_back(next);
      }
    }
  };
  for (const SpanRecord& span : trace.Spans) {
    if (!known.contains(span.Parent)) show_from(span);
  }
  // What is left goes in circles.
  for (const SpanRecord& span : trace.Spans) {
    if (!is_shown[&span]) show_from(span);
  }
  choose_lanes(tree.spans);
  return tree;
}

SpanKind kind_of(const ShownSpan& span) {
  const auto is_call = [](const SpanRecord& record) { return record.Name.starts_with("<rpc.Client>\""); };
  if (is_call(*span.record)) return SpanKind::kClient;
  const bool is_ours = span.record->Name.starts_with("<rpc.Client>") || span.record->Name == "Fetching Discharges";
  if (span.parent != nullptr && is_call(*span.parent) && !is_ours) return SpanKind::kServer;
  return SpanKind::kInternal;
}

std::string to_hex(const Id& id) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : id) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace nb::observe
