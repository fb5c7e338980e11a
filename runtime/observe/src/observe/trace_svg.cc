#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include <nb/observe/trace_export.h>

#include "base/text.h"
#include "observe/span_tree.h"

namespace nb {

namespace {

using observe::ShownSpan;

constexpr std::size_t kMaxRows = 500;
constexpr std::size_t kMaxLabel = 60;  // bytes
constexpr std::size_t kMaxIndent = 12;
constexpr int kRow = 22;
constexpr int kTop = 34;
constexpr int kLabels = 420;  // where the axis begins
constexpr int kAxis = 560;
constexpr int kMargin = 90;  // behind the axis, for durations

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}

std::string duration(std::int64_t nanoseconds) {
  std::array<char, 32> text{};
  const auto value = static_cast<double>(nanoseconds);
  if (nanoseconds < 1'000'000) {
    std::snprintf(text.data(), text.size(), "%.0f µs", value / 1e3);
  } else if (nanoseconds < 1'000'000'000) {
    std::snprintf(text.data(), text.size(), "%.2f ms", value / 1e6);
  } else {
    std::snprintf(text.data(), text.size(), "%.2f s", value / 1e9);
  }
  return text.data();
}

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : base::shown(text)) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

const char* colour(observe::SpanKind kind) {
  switch (kind) {
    case observe::SpanKind::kInternal:
      return "#b8b8b8";
    case observe::SpanKind::kServer:
      return "#e0a458";
    case observe::SpanKind::kClient:
      return "#5b8db8";
  }
  return "#b8b8b8";
}

struct Scale {
  std::int64_t start;
  std::int64_t length;
  double at(std::int64_t time) const {
    const double part = static_cast<double>(time - start) / static_cast<double>(length);
    return kLabels + kAxis * std::clamp(part, 0.0, 1.0);
  }
};

std::string row(const ShownSpan& span, std::size_t place, const Scale& scale) {
  const int top = kTop + static_cast<int>(place) * kRow;
  const int indent = 8 + 14 * static_cast<int>(std::min(span.depth, kMaxIndent));
  const double left = scale.at(span.start);
  const double right = scale.at(span.end);
  const std::string& name = span.record->Name;
  std::string label(base::cut(name, kMaxLabel));
  if (label.size() < name.size()) label += "…";
  std::string svg = "<text x=\"" + std::to_string(indent) + "\" y=\"" + std::to_string(top + 15) + "\">" +
                    escaped(label) + "</text>\n";
  svg += "<rect x=\"" + number(left) + "\" y=\"" + std::to_string(top + 4) + "\" width=\"" +
         number(std::max(right - left, 1.5)) + "\" height=\"" + std::to_string(kRow - 8) + "\" fill=\"" +
         colour(observe::kind_of(span)) + "\"><title>" + escaped(base::cut(name, 1024)) + "</title></rect>\n";
  svg += "<text class=\"t\" x=\"" + number(right + 5) + "\" y=\"" + std::to_string(top + 15) + "\">" +
         (span.is_finished ? duration(span.end - span.start) : std::string("unfinished")) + "</text>\n";
  for (const auto& each : span.record->Annotations) {
    const std::string x = number(scale.at(observe::unix_nanoseconds(each.When)));
    svg += "<line x1=\"" + x + "\" y1=\"" + std::to_string(top + 2) + "\" x2=\"" + x + "\" y2=\"" +
           std::to_string(top + kRow - 2) + "\" stroke=\"#202020\"><title>" + escaped(base::cut(each.Message, 1024)) +
           "</title></line>\n";
  }
  return svg;
}

}  // namespace

std::string to_svg(const v23::vtrace::TraceRecord& trace) {
  const observe::SpanTree tree = observe::span_tree(trace);
  const std::size_t rows = std::min(tree.spans.size(), kMaxRows);
  const int height = kTop + static_cast<int>(rows) * kRow + 12;
  const int width = kLabels + kAxis + kMargin;
  const Scale scale{tree.start, std::max<std::int64_t>(tree.end - tree.start, 1)};

  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + std::to_string(width) + "\" height=\"" +
                    std::to_string(height) + "\" viewBox=\"0 0 " + std::to_string(width) + " " +
                    std::to_string(height) + "\" font-family=\"sans-serif\" font-size=\"12\">\n";
  svg += "<style>.t{fill:#505050;font-size:11px}</style>\n";
  svg += "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n";
  for (int i = 0; i <= 4; ++i) {
    const std::string x = std::to_string(kLabels + kAxis * i / 4);
    svg += "<line x1=\"" + x + "\" y1=\"24\" x2=\"" + x + "\" y2=\"" + std::to_string(height - 8) +
           "\" stroke=\"#e4e4e4\"/>\n";
    svg += "<text class=\"t\" x=\"" + x + "\" y=\"18\" text-anchor=\"middle\">" + duration(scale.length * i / 4) +
           "</text>\n";
  }
  for (std::size_t i = 0; i < rows; ++i) svg += row(tree.spans[i], i, scale);
  return svg + "</svg>\n";
}

}  // namespace nb
