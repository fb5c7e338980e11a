#include "words.h"

#include <algorithm>
#include <charconv>

namespace authority {

std::string hex(nb::BytesView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text.empty() ? "-" : text;
}

nb::Bytes unhex(std::string_view text) {
  nb::Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    std::uint8_t byte = 0;
    const auto parsed = std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
    if (parsed.ptr != text.data() + i + 2) break;
    bytes.push_back(byte);
  }
  return bytes;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
  return text.empty() ? "-" : text;
}

std::vector<std::string> list(std::string_view text) {
  std::vector<std::string> words;
  if (text.empty() || text == "-") return words;
  for (;;) {
    const std::size_t end = text.find(',');
    words.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return words;
    text.remove_prefix(end + 1);
  }
}

std::string failed(const nb::Error& error) {
  std::string message(error.message());
  std::replace(message.begin(), message.end(), '\n', ' ');
  return "error: " + message;
}

}  // namespace authority
