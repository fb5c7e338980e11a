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
#include <nb/security/public_key.h>

namespace nb {

// A kind of key to make.
enum class KeyType { kEcdsa256, kEcdsa384, kEcdsa521, kEd25519, kRsa2048, kRsa4096 };

std::string_view to_string(KeyType type);                     // "ecdsa256" … "rsa4096"
Result<KeyType> key_type_from_string(std::string_view text);  // names the ones there are when it is none of them

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
  // The first usable block of a PEM text: PKCS#8, PKCS#8 encrypted (PBES2), or SEC1 (also with the old encryption by
  // headers). Errors: verror ids of v.io/x/ref/lib/security, errPassphraseRequired and errBadPassphrase; BadArg for
  // the rest, which says what was found instead. OpenSSH's form and indirections are named as unsupported.
  static Result<PrivateKey> from_pem(std::string_view pem, const Passphrase& passphrase = Passphrase());
  // The scalar of an ECDSA key, big endian and as long as its field (32 bytes on P-256), or the 32 bytes of an Ed25519
  // seed: for tests and for keys that come from elsewhere.
  static Result<PrivateKey> from_raw(KeyAlgorithm algorithm, BytesView bytes);

  explicit operator bool() const { return handle_ != nullptr; }
  const PublicKey& public_key() const { return public_key_; }
  // PKCS#8; with a passphrase encrypted: PBES2, PBKDF2-HMAC-SHA256 with 600 000 rounds, AES-256-CBC. What it returns is
  // secret when there is no passphrase.
  Result<std::string> to_pem(const Passphrase& passphrase = Passphrase()) const;

  // Signs `message`, of any size, for `purpose` (section 3.2).
  Result<v23::security::Signature> sign(std::string_view purpose, BytesView message) const;

  const std::shared_ptr<const security::KeyHandle>& handle() const { return handle_; }
  PrivateKey(std::shared_ptr<const security::KeyHandle> handle, PublicKey public_key)
      : handle_(std::move(handle)), public_key_(std::move(public_key)) {}

 private:
  std::shared_ptr<const security::KeyHandle> handle_;  // shared by copies; immutable
  PublicKey public_key_;
};

}  // namespace nb
