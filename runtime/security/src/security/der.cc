#include "security/der.h"

#include <nb/base/check.h>

namespace nb::security {

std::optional<BytesView> DerReader::take(std::uint8_t tag) {
  if (rest_.size() < 2 || rest_[0] != tag) return std::nullopt;
  std::size_t size = rest_[1];
  std::size_t header = 2;
  if (size == 0x81) {
    if (rest_.size() < 3 || rest_[2] < 0x80) return std::nullopt;
    size = rest_[2];
    header = 3;
  } else if (size == 0x82) {
    if (rest_.size() < 4 || rest_[2] == 0) return std::nullopt;
    size = static_cast<std::size_t>(rest_[2]) << 8 | rest_[3];
    header = 4;
  } else if (size >= 0x80) {
    return std::nullopt;
  }
  if (rest_.size() - header < size) return std::nullopt;
  const BytesView content = rest_.subspan(header, size);
  rest_ = rest_.subspan(header + size);
  return content;
}

std::optional<BytesView> DerReader::take_positive() {
  const BytesView before = rest_;
  const std::optional<BytesView> content = take(kDerInteger);
  const bool negative = content && !content->empty() && ((*content)[0] & 0x80) != 0;
  if (content && !content->empty() && !negative) {
    if ((*content)[0] != 0) return content;
    // The one zero that keeps a number with its top bit set from being negative.
    if (content->size() > 1 && ((*content)[1] & 0x80) != 0) return content->subspan(1);
  }
  rest_ = before;
  return std::nullopt;
}

void append_der(Bytes& out, std::uint8_t tag, BytesView content) {
  NB_CHECK(content.size() <= 0xffff, "no element of a key is larger than 64 KiB");
  out.push_back(tag);
  if (content.size() >= 0x100) {
    out.push_back(0x82);
    out.push_back(static_cast<std::uint8_t>(content.size() >> 8));
  } else if (content.size() >= 0x80) {
    out.push_back(0x81);
  }
  out.push_back(static_cast<std::uint8_t>(content.size()));
  out.insert(out.end(), content.begin(), content.end());
}

void append_der_integer(Bytes& out, BytesView number) {
  number = without_leading_zeros(number);
  Bytes content;
  if (number.empty() || (number[0] & 0x80) != 0) content.push_back(0);
  content.insert(content.end(), number.begin(), number.end());
  append_der(out, kDerInteger, content);
}

BytesView without_leading_zeros(BytesView number) {
  std::size_t zeros = 0;
  while (zeros < number.size() && number[zeros] == 0) ++zeros;
  return number.subspan(zeros);
}

}  // namespace nb::security
