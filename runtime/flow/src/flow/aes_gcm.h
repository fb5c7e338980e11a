// AES-256-GCM with a key that is set once: per frame only the nonce is (see the suite in aes_gcm.cc).
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "flow/cipher.h"

struct evp_cipher_ctx_st;

namespace nb::flow {

// One direction of one key: made for sealing or for opening. Not thread-safe.
class AesGcm {
 public:
  using Nonce = std::array<std::uint8_t, 12>;
  enum class Use : std::uint8_t { kSeal, kOpen };

  AesGcm(Use use, const SecretKey& key);
  ~AesGcm();
  AesGcm(const AesGcm&) = delete;
  AesGcm& operator=(const AesGcm&) = delete;

  void seal(const Nonce& nonce, BytesView additional, std::span<const MutableBytes> pieces, std::uint8_t* tag);
  // False, and what lies in `message` is of no use, unless the tag fits.
  bool open(const Nonce& nonce, BytesView additional, MutableBytes message, std::uint8_t* tag);

 private:
  evp_cipher_ctx_st* context_;  // owned
};

}  // namespace nb::flow
