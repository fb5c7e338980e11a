// Lists in sentences.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tool {

// "a", "a or b", "a, b or c"; `none` when there is nothing.
template <class Texts>
std::string listed(const Texts& texts, std::string_view word, std::string_view none) {
  std::string list;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) list += i + 1 == texts.size() ? " " + std::string(word) + " " : ", ";
    list += texts[i];
  }
  return list.empty() ? std::string(none) : list;
}

// Parts between separators; one empty part for an empty text.
inline std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// "1 certificate", "2 certificates".
inline std::string counted(std::size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

}  // namespace tool
