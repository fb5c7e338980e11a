#include "flow/varuint.h"

#include <bit>

namespace nb::flow {
namespace {

std::size_t bytes_needed(std::uint64_t value) { return (static_cast<std::size_t>(std::bit_width(value)) + 7) / 8; }

}  // namespace

std::size_t varuint_size(std::uint64_t value) { return value < 0x80 ? 1 : 1 + bytes_needed(value); }

void append_varuint(Bytes& out, std::uint64_t value) {
  if (value < 0x80) {
    out.push_back(static_cast<std::uint8_t>(value));
    return;
  }
  const std::size_t n = bytes_needed(value);
  out.push_back(static_cast<std::uint8_t>(0x100 - n));
  for (std::size_t i = n; i > 0; --i) out.push_back(static_cast<std::uint8_t>(value >> (8 * (i - 1))));
}

void append_block(Bytes& out, BytesView bytes) {
  append_varuint(out, bytes.size());
  out.insert(out.end(), bytes.begin(), bytes.end());
}

std::optional<std::uint64_t> take_varuint(BytesView& in) {
  if (in.empty()) return std::nullopt;
  const std::uint8_t first = in.front();
  if (first < 0x80) {
    in = in.subspan(1);
    return first;
  }
  const std::size_t n = 0x100u - first;
  if (n > 8 || in.size() - 1 < n) return std::nullopt;
  std::uint64_t value = 0;
  for (const std::uint8_t byte : in.subspan(1, n)) value = value << 8 | byte;
  in = in.subspan(1 + n);
  return value;
}

std::optional<BytesView> take_block(BytesView& in) {
  BytesView rest = in;
  const auto size = take_varuint(rest);
  if (!size || *size > rest.size()) return std::nullopt;
  const BytesView block = rest.first(static_cast<std::size_t>(*size));
  in = rest.subspan(block.size());
  return block;
}

}  // namespace nb::flow
