#include "naming/routing_id.h"

#include <algorithm>

namespace nb::naming {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

bool RoutingId::is_null() const {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

bool RoutingId::is_reserved() const {
  constexpr int kFirstFree = 1024;
  if (std::any_of(bytes.begin(), bytes.begin() + 14, [](std::uint8_t byte) { return byte != 0; })) return false;
  return bytes[14] * 256 + bytes[15] < kFirstFree;
}

RoutingId make_routing_id(const RandomSource& random) {
  RoutingId id;
  do {
    random(id.bytes);
  } while (id.is_reserved());
  return id;
}

std::string to_string(const RoutingId& id) {
  std::string text;
  text.reserve(2 * id.bytes.size());
  for (const std::uint8_t byte : id.bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::optional<RoutingId> parse_routing_id(std::string_view text) {
  RoutingId id;
  if (text.size() != 2 * id.bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    const int high = digit_value(text[2 * i]);
    const int low = digit_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return id;
}

}  // namespace nb::naming
