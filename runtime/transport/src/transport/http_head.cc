#include "transport/http_head.h"

#include <algorithm>

#include "transport/errors.h"

namespace nb::transport {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_alphanumeric(char c) { return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z'); }

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  const auto fits = [&](char c) { return is_alphanumeric(c) || kMarks.find(c) != std::string_view::npos; };
  return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

Error malformed(const char* why) { return network_error(std::string("malformed HTTP: ") + why); }

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::vector<std::string_view> HttpHead::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const Header& header : headers) {
    if (equal_ignoring_case(header.name, name)) values.push_back(header.value);
  }
  return values;
}

bool HttpHead::has_token(std::string_view name, std::string_view token) const {
  for (std::string_view list : all(name)) {
    while (true) {
      const auto comma = list.find(',');
      if (equal_ignoring_case(trimmed(list.substr(0, comma)), token)) return true;
      if (comma == std::string_view::npos) break;
      list.remove_prefix(comma + 1);
    }
  }
  return false;
}

Result<std::size_t> HttpHeadReader::feed(BytesView bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && !is_complete_) {
    if (++size_ > kMaxHttpHead) return malformed("the head is too long");
    const char c = static_cast<char>(bytes[taken++]);
    if (c != '\n') {
      line_ += c;
      // One more for the carriage return.
      if (line_.size() > kMaxHttpLine + 1) return malformed("a line is too long");
      continue;
    }
    if (line_.ends_with('\r')) line_.pop_back();
    if (auto ended = end_line(); !ended) return ended.error();
    line_.clear();
  }
  return taken;
}

Result<void> HttpHeadReader::end_line() {
  if (has_control_character(line_)) return malformed("a control character in the head");
  if (head_.start_line.empty()) {
    if (line_.empty()) return malformed("an empty first line");
    // It is quoted in errors.
    if (std::any_of(line_.begin(), line_.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
      return malformed("the first line is not ASCII");
    }
    head_.start_line = line_;
    return {};
  }
  if (line_.empty()) {
    is_complete_ = true;
    return {};
  }
  if (head_.headers.size() == kMaxHttpHeaders) return malformed("too many headers");
  const auto colon = line_.find(':');
  if (colon == std::string::npos) return malformed("a header without a colon");
  const std::string_view line = line_;
  // A folded line begins with a blank, which no token has.
  if (!is_token(line.substr(0, colon))) return malformed("a header name that is none");
  head_.headers.push_back({std::string(line.substr(0, colon)), std::string(trimmed(line.substr(colon + 1)))});
  return {};
}

}  // namespace nb::transport
