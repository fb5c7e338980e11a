#include "diagnostics/explanations.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace vdlc {
namespace {

std::string indented(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) result += "    " + std::string(text.substr(0, end));
    result += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::toupper(x) == std::toupper(y); });
}

}  // namespace

const std::vector<Explanation>& explanations() {
  static const std::vector<Explanation> kAll{
#include "diagnostics/explanations_constants.inc"
#include "diagnostics/explanations_errors.inc"
#include "diagnostics/explanations_names.inc"
#include "diagnostics/explanations_output.inc"
#include "diagnostics/explanations_packages.inc"
#include "diagnostics/explanations_syntax.inc"
  };
  return kAll;
}

const Explanation* find_explanation(std::string_view id) {
  const auto& all = explanations();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Explanation& e) { return equal_ignoring_case(e.id, id); });
  return found == all.end() ? nullptr : &*found;
}

std::string render_explanation(const Explanation& e) {
  std::string text = fmt::format("{}: {}\n\n{}\n", e.id, e.title, e.reason);
  if (!e.example.empty()) text += fmt::format("\nThis fails:\n\n{}", indented(e.example));
  if (!e.remedy.empty()) text += fmt::format("\n{}\n", e.remedy);
  return text;
}

}  // namespace vdlc
