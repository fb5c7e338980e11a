// Private keys: what a principal signs with (docs/spec/security.md 1, 3 and 12.3).
//
// A PrivateKey is a handle; copies share the key, which is wiped from memory when the last one goes. It never appears
// in messages, logs or to_string of anything. Any number of threads may sign.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <nb/base/bytes.h>
#include <nb/base/result.h>
#include <nb/base/verror.h>
#include <nb/security/public_key.h>

namespace nb {

// A kind of key to make.
enum class KeyType { kEcdsa256, kEcdsa384, kEcdsa521, kEd25519, kRsa2048, kRsa4096 };

std::string_view to_string(KeyType type);                     // "ecdsa256" … "rsa4096"
Result<KeyType> key_type_from_string(std::string_view text);  // names the ones there are when it is none of them

// What from_pem answers with; ids as in Go.
inline constexpr StandardError PassphraseRequired{"v.io/x/ref/lib/security.errPassphraseRequired", NoRetry,
                                                  "passphrase required for decrypting private key"};
inline constexpr StandardError BadPassphrase{"v.io/x/ref/lib/security.errBadPassphrase", NoRetry,
                                             "passphrase incorrect for decrypting private key"};

// Thrown away by the one who made it: wiped on destruction, never printed.
class Passphrase {
 public:
  Passphrase() = default;  // none
  explicit Passphrase(std::string text);
  Passphrase(const Passphrase&) = default;
  Passphrase& operator=(const Passphrase& other);
  ~Passphrase();
  bool given() const { return given_; }
  std::string_view text() const { return text_; }

 private:
  std::string text_;
  bool given_ = false;
};

class PrivateKey {
 public:
  PrivateKey() = default;  // none
  static Result<PrivateKey> make(KeyType type = KeyType::kEcdsa256);
  // The first private key of a PEM text of at most 64 KiB (section 12.3): PKCS#8, plain or encrypted (PBES2 with at
  // most 10 million rounds of PBKDF2, which take seconds), SEC1 or PKCS#1 (also with the old encryption by headers).
  // The private part must fit the public one. An empty passphrase is none. Errors: PassphraseRequired, BadPassphrase;
  // BadArg for the rest, which says what was found instead. OpenSSH's form and indirections are named as unsupported.
  static Result<PrivateKey> from_pem(std::string_view pem, const Passphrase& passphrase = Passphrase());
  // The scalar of an ECDSA key, big endian and as long as its field (32 bytes on P-256), or the 32 bytes of an Ed25519
  // seed: for tests and for keys that come from elsewhere.
  static Result<PrivateKey> from_raw(KeyAlgorithm algorithm, BytesView bytes);

  explicit operator bool() const { return handle_ != nullptr; }
  const PublicKey& public_key() const { return public_key_; }
  // PKCS#8; with a passphrase encrypted: PBES2, PBKDF2-HMAC-SHA256 with 600 000 rounds (a fraction of a second),
  // AES-256-CBC. What it returns is secret when there is no passphrase; wiping it is up to the caller. An empty
  // passphrase is refused (BadArg).
  Result<std::string> to_pem(const Passphrase& passphrase = Passphrase()) const;

  // Signs `message`, of any size, for `purpose` (section 3.2).
  Result<v23::security::Signature> sign(std::string_view purpose, BytesView message) const;

  // For the layer's own code.
  const std::shared_ptr<const security::KeyHandle>& handle() const { return handle_; }
  PrivateKey(std::shared_ptr<const security::KeyHandle> handle, PublicKey public_key)
      : handle_(std::move(handle)), public_key_(std::move(public_key)) {}

 private:
  std::shared_ptr<const security::KeyHandle> handle_;  // shared by copies; immutable
  PublicKey public_key_;
};

}  // namespace nb
