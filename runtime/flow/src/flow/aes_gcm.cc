// The suite between peers of our kind (docs/spec/flow-protocol.md 3.5).
//
//   keys      HKDF-SHA256 of the shared secret; salt: SHA-256 of both Setup messages; 44 bytes for each direction:
//             key, 32 | iv, 12
//   nonce     iv xor the frame's counter, highest byte first in the last 8
//   frame     ciphertext | tag; the three bytes of the frame's length are authenticated too
#include "flow/aes_gcm.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <string_view>

#include <nb/base/check.h>

#include "flow/frame_reader.h"
#include "security/openssl.h"

#if defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace nb::flow {
namespace {

void must(int done) { NB_CHECK(done == 1, "OpenSSL can do AES-256-GCM and SHA-256"); }

// HMAC-SHA256 over parts, with OpenSSL's hash: it has the processor's instructions for it, which libsodium has not, and
// that saves each end 10 us of a handshake. The context, which is wiped when it goes, serves one after the other.
class Hmac {
 public:
  Hmac(EVP_MD_CTX* context, const SecretKey& key) : context_(context) {
    std::copy(key.begin(), key.end(), block_.begin());
    begin_with(0x36);
  }
  ~Hmac() { sodium_memzero(block_.data(), block_.size()); }
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;

  Hmac& add(BytesView bytes) {
    must(EVP_DigestUpdate(context_, bytes.data(), bytes.size()));
    return *this;
  }
  SecretKey done() {
    SecretKey out = digest();
    begin_with(0x5c);
    add(out);
    return out = digest();
  }
  // Plain SHA-256 of both.
  static SecretKey hash_of(EVP_MD_CTX* context, BytesView first, BytesView second) {
    Hmac hash(context);
    return hash.add(first).add(second).digest();
  }

 private:
  explicit Hmac(EVP_MD_CTX* context) : context_(context) { begin(); }
  void begin() {
    static const EVP_MD* const kSha256 = security::openssl_hash("SHA256");
    must(EVP_DigestInit_ex2(context_, kSha256, nullptr));
  }
  void begin_with(std::uint8_t pad) {
    begin();
    std::array<std::uint8_t, 64> padded;
    for (std::size_t i = 0; i < padded.size(); ++i) padded[i] = block_[i] ^ pad;
    add(padded);
    sodium_memzero(padded.data(), padded.size());
  }
  SecretKey digest() {
    SecretKey out;
    must(EVP_DigestFinal_ex(context_, out.data(), nullptr));
    return out;
  }

  EVP_MD_CTX* const context_;
  std::array<std::uint8_t, 64> block_{};  // the key, and zeros behind it
};

struct Direction {
  SecretKey key;
  AesGcm::Nonce iv;
};

// HKDF's expansion to 44 bytes: two blocks of 32.
Direction expand(EVP_MD_CTX* context, const SecretKey& pseudorandom, std::string_view info) {
  constexpr std::uint8_t kFirst[] = {1}, kSecond[] = {2};
  Direction direction;
  direction.key = Hmac(context, pseudorandom).add(as_bytes(info)).add(kFirst).done();
  SecretKey second = Hmac(context, pseudorandom).add(direction.key).add(as_bytes(info)).add(kSecond).done();
  std::copy_n(second.begin(), direction.iv.size(), direction.iv.begin());
  sodium_memzero(second.data(), second.size());
  return direction;
}

SecretKey extract(EVP_MD_CTX* context, const SecretKey& shared, BytesView dialer_setup, BytesView acceptor_setup) {
  return Hmac(context, Hmac::hash_of(context, dialer_setup, acceptor_setup)).add(shared).done();
}

class AesGcmSuite final : public Cipher {
 public:
  AesGcmSuite(const Direction& sealing, const Direction& opening, std::uint64_t first_counter)
      : sealer_(AesGcm::Use::kSeal, sealing.key),
        opener_(AesGcm::Use::kOpen, opening.key),
        sealing_iv_(sealing.iv),
        opening_iv_(opening.iv),
        sealed_(first_counter),
        opened_(first_counter) {}
  ~AesGcmSuite() override {
    sodium_memzero(sealing_iv_.data(), sealing_iv_.size());
    sodium_memzero(opening_iv_.data(), opening_iv_.size());
  }

  bool tag_leads() const override { return false; }
  bool is_worn_out() const override { return std::max(sealed_, opened_) >= kEnd - kWornOutMargin; }

  void seal(std::span<const MutableBytes> pieces, std::uint8_t* tag) override {
    NB_CHECK(sealed_ < kEnd, "no counter is used twice");
    std::size_t size = kTagSize;
    for (const MutableBytes piece : pieces) size += piece.size();
    sealer_.seal(nonce(sealing_iv_, sealed_++), frame_header(size), pieces, tag);
  }

  std::optional<MutableBytes> open(MutableBytes frame) override {
    if (frame.size() < kTagSize || opened_ == kEnd) return std::nullopt;
    const MutableBytes message = frame.first(frame.size() - kTagSize);
    std::uint8_t* const tag = frame.data() + message.size();
    if (!opener_.open(nonce(opening_iv_, opened_), frame_header(frame.size()), message, tag)) return std::nullopt;
    ++opened_;
    return message;
  }

 private:
  static constexpr std::uint64_t kEnd = std::uint64_t{1} << 48;

  static AesGcm::Nonce nonce(AesGcm::Nonce iv, std::uint64_t counter) {
    for (std::size_t i = 0; i < 8; ++i) iv[11 - i] ^= static_cast<std::uint8_t>(counter >> (8 * i));
    return iv;
  }

  AesGcm sealer_;
  AesGcm opener_;
  AesGcm::Nonce sealing_iv_;
  AesGcm::Nonce opening_iv_;
  std::uint64_t sealed_;
  std::uint64_t opened_;
};

}  // namespace

AesGcm::AesGcm(Use use, const SecretKey& key) : context_(EVP_CIPHER_CTX_new()) {
  NB_CHECK(context_ != nullptr, "there is memory for a key");
  must(EVP_CipherInit_ex(context_, EVP_aes_256_gcm(), nullptr, key.data(), nullptr, use == Use::kSeal ? 1 : 0));
}

AesGcm::~AesGcm() { EVP_CIPHER_CTX_free(context_); }  // which wipes the key

void AesGcm::seal(const Nonce& nonce, BytesView additional, std::span<const MutableBytes> pieces, std::uint8_t* tag) {
  int n = 0;
  must(EVP_EncryptInit_ex(context_, nullptr, nullptr, nullptr, nonce.data()));
  if (!additional.empty()) {
    must(EVP_EncryptUpdate(context_, nullptr, &n, additional.data(), static_cast<int>(additional.size())));
  }
  for (const MutableBytes piece : pieces) {
    if (piece.empty()) continue;
    must(EVP_EncryptUpdate(context_, piece.data(), &n, piece.data(), static_cast<int>(piece.size())));
  }
  must(EVP_EncryptFinal_ex(context_, tag, &n));
  must(EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTagSize), tag));
}

bool AesGcm::open(const Nonce& nonce, BytesView additional, MutableBytes message, std::uint8_t* tag) {
  int n = 0;
  must(EVP_DecryptInit_ex(context_, nullptr, nullptr, nullptr, nonce.data()));
  if (!additional.empty()) {
    must(EVP_DecryptUpdate(context_, nullptr, &n, additional.data(), static_cast<int>(additional.size())));
  }
  if (!message.empty()) {
    must(EVP_DecryptUpdate(context_, message.data(), &n, message.data(), static_cast<int>(message.size())));
  }
  must(EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kTagSize), tag));
  std::uint8_t nothing[16];
  return EVP_DecryptFinal_ex(context_, nothing, &n) == 1;
}

std::unique_ptr<Cipher> make_aes_gcm(const SecretKey& shared, Role role, BytesView dialer_setup,
                                     BytesView acceptor_setup, std::uint64_t first_counter) {
  const security::MdContextPtr context(EVP_MD_CTX_new());
  NB_CHECK(context, "there is memory for a hash");
  SecretKey pseudorandom = extract(context.get(), shared, dialer_setup, acceptor_setup);
  Direction dialer = expand(context.get(), pseudorandom, "niobium suite 1 dialer");
  Direction acceptor = expand(context.get(), pseudorandom, "niobium suite 1 acceptor");
  auto cipher = role == Role::kDialer ? std::make_unique<AesGcmSuite>(dialer, acceptor, first_counter)
                                      : std::make_unique<AesGcmSuite>(acceptor, dialer, first_counter);
  sodium_memzero(pseudorandom.data(), pseudorandom.size());
  sodium_memzero(&dialer, sizeof dialer);
  sodium_memzero(&acceptor, sizeof acceptor);
  return cipher;
}

bool has_aes_instructions() {
#if defined(__x86_64__) || defined(__i386__)
  return __builtin_cpu_supports("aes") != 0 && __builtin_cpu_supports("pclmul") != 0;
#elif defined(__aarch64__) && defined(__linux__)
  return (getauxval(AT_HWCAP) & HWCAP_AES) != 0 && (getauxval(AT_HWCAP) & HWCAP_PMULL) != 0;
#else
  return false;
#endif
}

}  // namespace nb::flow
