// Hash functions: SHA-256, SHA-384 and SHA-512, and their names in signatures (docs/spec/security.md 2).
//
//   Digest fields = hash(HashAlgorithm::kSha256, {key, message});   // of the concatenation
//
// Never fails: without these functions or without memory the program stops. Any number of threads.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string_view>

#include <nb/base/bytes.h>

#include "v.io/v23/security/security.vdl.h"

namespace nb::security {

enum class HashAlgorithm : std::uint8_t { kSha256, kSha384, kSha512 };

std::size_t hash_size(HashAlgorithm algorithm);  // 32, 48 or 64 bytes
const v23::security::Hash& hash_label(HashAlgorithm algorithm);
// None for every other text, SHA1 too; Go takes SHA-512 in its place, which makes signatures ambiguous ([A-10]).
std::optional<HashAlgorithm> hash_from_label(std::string_view label);

// What a hash function gives: 32 to 64 bytes, in place. Converts to BytesView, as any range of bytes does.
class Digest {
 public:
  Digest() = default;  // of no bytes
  explicit Digest(std::size_t size) : size_(static_cast<std::uint8_t>(size)) {}
  const std::uint8_t* data() const { return bytes_.data(); }
  std::uint8_t* out() { return bytes_.data(); }  // to be filled in
  std::size_t size() const { return size_; }
  const std::uint8_t* begin() const { return bytes_.data(); }
  const std::uint8_t* end() const { return bytes_.data() + size_; }
  Bytes bytes() const { return Bytes(begin(), end()); }
  friend bool operator==(const Digest& a, const Digest& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  std::array<std::uint8_t, 64> bytes_{};
  std::uint8_t size_ = 0;
};

// The hash of the concatenation of `parts`.
Digest hash(HashAlgorithm algorithm, std::initializer_list<BytesView> parts);

// The same in steps, for what does not lie in memory as a whole. One thread at a time.
class Hasher {
 public:
  explicit Hasher(HashAlgorithm algorithm);
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;
  void add(BytesView bytes);
  Digest finish();  // once; then it is of no use any more

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nb::security
