#include "security/base64.h"

#include <algorithm>
#include <array>

namespace nb::security {
namespace {

constexpr std::string_view kCommon = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kNoDigit = 64;

std::string encode(BytesView bytes, std::string_view digits) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = bytes[i] << 16;
    if (n > 1) group |= bytes[i + 1] << 8;
    if (n > 2) group |= bytes[i + 2];
    for (std::size_t digit = 0; digit < 4; ++digit) {
      text += digit <= n ? digits[group >> (18 - 6 * digit) & 63] : '=';
    }
  }
  return text;
}

constexpr std::array<std::uint8_t, 256> make_values(std::string_view digits) {
  std::array<std::uint8_t, 256> values{};
  for (auto& value : values) value = kNoDigit;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    values[static_cast<std::uint8_t>(digits[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}

}  // namespace

std::string to_base64(BytesView bytes) { return encode(bytes, kCommon); }
std::string to_base64url(BytesView bytes) { return encode(bytes, kUrl); }

std::optional<Bytes> from_base64url(std::string_view text) {
  static constexpr auto kValues = make_values(kUrl);
  if (text.size() % 4 != 0) return std::nullopt;
  Bytes bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const auto group = text.substr(i, 4);
    const bool last = i + 4 == text.size();
    const std::size_t padding = last ? (group[3] != '=' ? 0 : group[2] != '=' ? 1 : 2) : 0;
    std::uint32_t bits = 0;
    for (std::size_t digit = 0; digit < 4 - padding; ++digit) {
      const auto value = kValues[static_cast<std::uint8_t>(group[digit])];
      if (value == kNoDigit) return std::nullopt;
      bits |= static_cast<std::uint32_t>(value) << (18 - 6 * digit);
    }
    const std::size_t n = 3 - padding;
    for (std::size_t byte = 0; byte < 3; ++byte) {
      const auto value = static_cast<std::uint8_t>(bits >> (16 - 8 * byte));
      if (byte < n) {
        bytes.push_back(value);
      } else if (value != 0) {
        return std::nullopt;
      }
    }
  }
  return bytes;
}

}  // namespace nb::security
