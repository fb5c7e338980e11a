// The little of DER that public keys and ECDSA signatures need. Lengths below 64 KiB; only the shortest form of
// everything is read, so that what was read has no other spelling.
#pragma once

#include <cstdint>
#include <optional>

#include <nb/base/bytes.h>

namespace nb::security {

inline constexpr std::uint8_t kDerInteger = 0x02;
inline constexpr std::uint8_t kDerBitString = 0x03;
inline constexpr std::uint8_t kDerSequence = 0x30;

// Reads elements one after the other from bytes that must outlive it.
class DerReader {
 public:
  explicit DerReader(BytesView bytes) : rest_(bytes) {}
  bool at_end() const { return rest_.empty(); }
  // The content of the next element; none, and nothing is taken, when its tag is another or its form is not DER.
  std::optional<BytesView> take(std::uint8_t tag);
  // The next element as a number above zero, without the sign byte; big endian.
  std::optional<BytesView> take_positive();

 private:
  BytesView rest_;
};

// Appends one element.
void append_der(Bytes& out, std::uint8_t tag, BytesView content);
// Appends a number, big endian, with or without zeros in front.
void append_der_integer(Bytes& out, BytesView number);

// The same number without zeros in front.
BytesView without_leading_zeros(BytesView number);

}  // namespace nb::security
