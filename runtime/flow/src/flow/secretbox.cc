// The suite of all peers: XSalsa20-Poly1305 as NaCl's secretbox has it, over a message in several pieces.
//
//   nonce     counter, 8 bytes, lowest first | 1 if the sealer's public key is the smaller one, else 0 | 15 zeros
//   subkey    HSalsa20(key, nonce[0..16]); the stream is Salsa20(subkey, nonce[16..24])
//   stream    bytes 0..31 are the key of Poly1305, the message begins at byte 32
//   frame     tag | ciphertext
#include <sodium.h>

#include <algorithm>

#include <nb/base/check.h>

#include "flow/cipher.h"

namespace nb::flow {
namespace {

constexpr std::size_t kBlock = 64;
constexpr std::size_t kNonceSize = 24;

using Nonce = std::array<std::uint8_t, kNonceSize>;

Nonce make_nonce(std::uint64_t counter, bool sealer_is_low) {
  Nonce nonce{};
  for (std::size_t i = 0; i < 8; ++i) nonce[i] = static_cast<std::uint8_t>(counter >> (8 * i));
  nonce[8] = sealer_is_low ? 1 : 0;
  return nonce;
}

// The key stream of one frame. Bulk goes through libsodium's wide code where it lies; the beginning, and what shares a
// block with its neighbour, goes through blocks made before. The first ones are made four at a time, which with wide
// instructions takes hardly longer than one: most messages need no more.
class Stream {
 public:
  // `size`: of the whole message.
  Stream(const SecretKey& key, const Nonce& nonce, std::size_t size) : left_(size) {
    crypto_core_hsalsa20(subkey_.data(), nonce.data(), key.data(), nullptr);
    std::copy(nonce.begin() + 16, nonce.end(), nonce_.begin());
    refill(size <= kBlock - 32 ? 1 : kFirstBlocks);
    at_ = 32;
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() {
    sodium_memzero(subkey_.data(), subkey_.size());
    sodium_memzero(blocks_.data(), blocks_.size());
  }

  // Before the first apply().
  const std::uint8_t* authentication_key() const { return blocks_.data(); }

  void apply(MutableBytes bytes) {
    left_ -= bytes.size();
    bytes = bytes.subspan(from_blocks(bytes));
    // Nobody needs the rest of the message's last block.
    const std::size_t wide = left_ == 0 ? bytes.size() : bytes.size() / kBlock * kBlock;
    if (wide > 0) {
      crypto_stream_salsa20_xor_ic(bytes.data(), bytes.data(), wide, nonce_.data(), next_block_, subkey_.data());
      next_block_ += wide / kBlock;
      bytes = bytes.subspan(wide);
    }
    if (bytes.empty()) return;
    refill(1);
    from_blocks(bytes);
  }

 private:
  static constexpr std::size_t kFirstBlocks = 4;

  // Uses up what is left of the blocks, as far as there are bytes.
  std::size_t from_blocks(MutableBytes bytes) {
    const std::size_t n = std::min(end_ - at_, bytes.size());
    for (std::size_t i = 0; i < n; ++i) bytes[i] ^= blocks_[at_ + i];
    at_ += n;
    return n;
  }
  void refill(std::size_t blocks) {
    end_ = blocks * kBlock;
    std::fill_n(blocks_.begin(), end_, std::uint8_t{0});
    crypto_stream_salsa20_xor_ic(blocks_.data(), blocks_.data(), end_, nonce_.data(), next_block_, subkey_.data());
    next_block_ += blocks;
    at_ = 0;
  }

  SecretKey subkey_;
  std::array<std::uint8_t, 8> nonce_;
  std::array<std::uint8_t, kFirstBlocks * kBlock> blocks_;
  std::uint64_t next_block_ = 0;
  std::size_t at_ = 0;
  std::size_t end_ = 0;   // of what is made of blocks_
  std::size_t left_ = 0;  // bytes of the message not asked for yet
};

class Secretbox final : public Cipher {
 public:
  Secretbox(const SecretKey& shared, bool is_low, std::uint64_t first_counter)
      : is_low_(is_low), sealed_(first_counter), opened_(first_counter) {
    const std::array<std::uint8_t, 16> zeros{};
    crypto_core_hsalsa20(key_.data(), zeros.data(), shared.data(), nullptr);
  }
  ~Secretbox() override { sodium_memzero(key_.data(), key_.size()); }

  bool tag_leads() const override { return true; }
  bool is_worn_out() const override { return std::max(sealed_, opened_) >= kEnd - kWornOutMargin; }

  void seal(std::span<const MutableBytes> pieces, std::uint8_t* tag) override {
    NB_CHECK(sealed_ < kEnd, "no counter is used twice");
    std::size_t size = 0;
    for (const MutableBytes piece : pieces) size += piece.size();
    Stream stream(key_, make_nonce(sealed_++, is_low_), size);
    crypto_onetimeauth_state authentication;
    crypto_onetimeauth_init(&authentication, stream.authentication_key());
    for (const MutableBytes piece : pieces) {
      stream.apply(piece);
      crypto_onetimeauth_update(&authentication, piece.data(), piece.size());
    }
    crypto_onetimeauth_final(&authentication, tag);
  }

  std::optional<MutableBytes> open(MutableBytes frame) override {
    if (frame.size() < kTagSize || opened_ == kEnd) return std::nullopt;
    const MutableBytes message = frame.subspan(kTagSize);
    Stream stream(key_, make_nonce(opened_, !is_low_), message.size());
    if (crypto_onetimeauth_verify(frame.data(), message.data(), message.size(), stream.authentication_key()) != 0) {
      return std::nullopt;
    }
    ++opened_;
    stream.apply(message);
    return message;
  }

 private:
  static constexpr std::uint64_t kEnd = ~std::uint64_t{0};

  SecretKey key_;
  const bool is_low_;
  std::uint64_t sealed_;
  std::uint64_t opened_;
};

}  // namespace

std::unique_ptr<Cipher> make_secretbox(const SecretKey& shared, bool is_low, std::uint64_t first_counter) {
  return std::make_unique<Secretbox>(shared, is_low, first_counter);
}

}  // namespace nb::flow
