#include "codegen/cpp/docs.h"

#include <fmt/format.h>

#include <algorithm>

#include "codegen/cpp/literals.h"

namespace vdlc::cpp {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trim_end(std::string_view text) {
  const auto last = text.find_last_not_of(kBlanks);
  return last == text.npos ? std::string_view() : text.substr(0, last + 1);
}

void add_lines(std::string_view text, std::vector<std::string>& lines) {
  while (true) {
    const auto newline = text.find('\n');
    lines.emplace_back(trim_end(text.substr(0, newline)));
    if (newline == text.npos) return;
    text.remove_prefix(newline + 1);
  }
}

// The inside of a general comment: a star that begins a line is decoration.
void add_block(std::string_view inside, std::vector<std::string>& lines) {
  std::vector<std::string> block;
  add_lines(inside, block);
  for (std::size_t i = 1; i < block.size(); ++i) {
    const auto first = block[i].find_first_not_of(kBlanks);
    if (first != std::string::npos && block[i][first] == '*') block[i].erase(0, first + 1);
  }
  while (!block.empty() && block.front().empty()) block.erase(block.begin());
  while (!block.empty() && block.back().empty()) block.pop_back();
  lines.insert(lines.end(), block.begin(), block.end());
}

void unindent(std::vector<std::string>& lines) {
  std::size_t common = std::string::npos;
  for (const auto& line : lines) {
    if (!line.empty()) common = std::min(common, line.find_first_not_of(kBlanks));
  }
  if (common == std::string::npos) return;
  for (auto& line : lines) line.erase(0, std::min(common, line.size()));
}

// A line that is safe in a comment: nothing deceptive in it, and no backslash that would draw the next line in.
std::string safe(std::string_view line) {
  std::string out;
  for (std::string_view rest = line; !rest.empty();) {
    const CodePoint next = next_code_point(rest);
    if (!next.valid) {
      out += fmt::format("\\{:03o}", next.value);
    } else if (next.value != '\t' && is_deceptive(next.value)) {
      out += fmt::format("<U+{:04X}>", next.value);
    } else {
      out += rest.substr(0, next.bytes);
    }
    rest.remove_prefix(next.bytes);
  }
  const bool continues = out.ends_with('\\') || out.ends_with("?\?/");
  return continues ? out + " //" : out;
}

}  // namespace

std::vector<std::string> doc_text(std::string_view comments) {
  std::vector<std::string> lines;
  while (true) {
    const auto start = comments.find('/');
    if (start == comments.npos || start + 1 >= comments.size()) break;
    comments.remove_prefix(start);
    const bool block = comments[1] == '*';
    const auto end = std::min(comments.size(), block ? comments.find("*/", 2) : comments.find('\n'));
    const std::string_view inside = comments.substr(2, end - std::min<std::size_t>(2, end));
    if (block) {
      add_block(inside, lines);
    } else {
      lines.emplace_back(trim_end(inside));
    }
    comments.remove_prefix(std::min(comments.size(), end + (block ? 2 : 1)));
  }
  unindent(lines);
  return lines;
}

std::vector<std::string> doc_lines(std::string_view comments) {
  std::vector<std::string> lines = doc_text(comments);
  for (auto& line : lines) {
    line = safe(line);
    if (!line.empty()) line.insert(0, 1, ' ');
  }
  return lines;
}

std::vector<std::string> doc_lines(const model::Docs& docs) {
  std::vector<std::string> lines = doc_lines(docs.leading);
  const std::vector<std::string> suffix = doc_lines(docs.suffix);
  lines.insert(lines.end(), suffix.begin(), suffix.end());
  return lines;
}

}  // namespace vdlc::cpp
