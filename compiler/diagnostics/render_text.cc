#include <algorithm>
#include <string_view>

#include "diagnostics/excerpt.h"
#include "diagnostics/render.h"

namespace vdlc {
namespace {

constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kRed = "\x1b[1;31m";
constexpr std::string_view kYellow = "\x1b[1;33m";
constexpr std::string_view kBlue = "\x1b[1;34m";
constexpr std::string_view kReset = "\x1b[0m";

constexpr std::size_t kMaxNotes = 10;  // of one diagnostic

class Renderer {
 public:
  Renderer(const Sources& sources, const RenderOptions& options) : sources_(sources), options_(options) {}

  void diagnostic(const Diagnostic& diagnostic) {
    const bool is_error = diagnostic.severity == Severity::kError;
    place(diagnostic.span);
    paint(is_error ? kRed : kYellow, fmt::format("{}[{}]", is_error ? "error" : "warning", diagnostic.id));
    paint(kBold, ": " + make_visible(diagnostic.text));
    out_ += '\n';
    excerpt(diagnostic.span, is_error ? kRed : kYellow);
    const std::size_t shown = std::min(diagnostic.notes.size(), kMaxNotes);
    for (std::size_t i = 0; i < shown; ++i) remark(diagnostic.notes[i].span, "note", diagnostic.notes[i].text);
    if (shown < diagnostic.notes.size())
      remark(std::nullopt, "note", fmt::format("\u2026 and {} more", diagnostic.notes.size() - shown));
    for (const Suggestion& suggestion : diagnostic.suggestions) remark(std::nullopt, "help", suggestion.text);
  }

  void summary(std::size_t hidden_errors) {
    if (hidden_errors > 0) {
      out_ += fmt::format("{} more error{} not shown (--max-errors)\n", hidden_errors, hidden_errors == 1 ? "" : "s");
    }
  }

  std::string take() { return std::move(out_); }

 private:
  void paint(std::string_view colour, std::string_view text) {
    if (options_.colour) out_ += colour;
    out_ += text;
    if (options_.colour) out_ += kReset;
  }

  void place(const std::optional<Span>& span) {
    if (!span) {
      paint(kBold, "vdlc: ");
      return;
    }
    const LineColumn at = sources_.position(span->file, span->begin);
    paint(kBold, fmt::format("{}:{}:{}: ", make_visible(sources_.file(span->file).path), at.line, at.column));
  }

  // A remark without a place follows the excerpt above it.
  void remark(const std::optional<Span>& span, std::string_view kind, std::string_view text) {
    if (span) {
      place(span);
    } else {
      out_ += "     = ";
    }
    paint(kBlue, kind);
    out_ += fmt::format(": {}\n", make_visible(text));
    if (span) excerpt(span, kBlue);
  }

  void excerpt(const std::optional<Span>& span, std::string_view colour) {
    if (!span || sources_.file(span->file).text.empty()) return;
    const std::string_view text = sources_.file(span->file).text;
    const std::string_view line = sources_.line(span->file, span->begin);
    const auto line_begin = static_cast<std::size_t>(line.data() - text.data());
    const Excerpt picture = make_excerpt(line, span->begin - line_begin, span->end - line_begin, options_.width);
    const std::string number = fmt::format("{:>4}", sources_.position(span->file, span->begin).line);
    const std::string margin(number.size(), ' ');
    out_ +=
        fmt::format("{} |\n{} | {}\n{} | {}", margin, number, picture.line, margin, std::string(picture.indent, ' '));
    paint(colour, std::string(picture.length, '^'));
    out_ += '\n';
  }

  const Sources& sources_;
  const RenderOptions& options_;
  std::string out_;
};

}  // namespace

std::string render_text(const Diagnostics& diagnostics, const Sources& sources, const RenderOptions& options) {
  Renderer renderer(sources, options);
  std::size_t errors = 0;
  for (const Diagnostic* diagnostic : diagnostics.sorted()) {
    if (diagnostic->severity == Severity::kError && ++errors > options.max_errors && options.max_errors > 0) continue;
    renderer.diagnostic(*diagnostic);
  }
  renderer.summary(options.max_errors > 0 && errors > options.max_errors ? errors - options.max_errors : 0);
  return renderer.take();
}

}  // namespace vdlc
