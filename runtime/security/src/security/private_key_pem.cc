#include "security/private_key_pem.h"

#include <openssl/core_names.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <algorithm>

#include <nb/base/check.h>
#include <nb/base/verror.h>

#include "security/key_handle.h"
#include "security/pem.h"

namespace nb {
namespace security {
namespace {

using Pkcs8Ptr = OpensslPtr<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;
using EncryptedPtr = OpensslPtr<X509_SIG, X509_SIG_free>;
using Pbes2Ptr = OpensslPtr<PBE2PARAM, PBE2PARAM_free>;
using Pbkdf2Ptr = OpensslPtr<PBKDF2PARAM, PBKDF2PARAM_free>;

constexpr int kSaltSize = 16;

// The parameters of an RSA private key decide how long one signature takes, and a file may hold any: none may be larger
// than the modulus.
bool is_sane_rsa(EVP_PKEY* key) {
  for (const char* name :
       {OSSL_PKEY_PARAM_RSA_D, OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_EXPONENT1,
        OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1}) {
    BIGNUM* taken = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &taken) != 1) return false;
    const BigNumberPtr number(taken);
    if (BN_num_bits(taken) > EVP_PKEY_get_bits(key)) return false;
  }
  BIGNUM* third = nullptr;
  const bool has_third = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_FACTOR3, &third) == 1;
  BN_clear_free(third);
  return !has_third;
}

Result<PrivateKey> usable(PkeyPtr key) {
  Result<PublicKey> public_key = public_part(key.get());
  if (!public_key) return public_key.error();
  if (public_key->algorithm() == KeyAlgorithm::kRsa && !is_sane_rsa(key.get())) {
    return verror::BadArg("the RSA key's numbers do not belong together");
  }
  Result<PrivateKey> made = private_key_from(std::move(key));
  if (!made) return made;
  const Result<v23::security::Signature> signature = made->sign("S1", {});
  if (!signature || !made->public_key().verify(*signature, "S1", {})) {
    return verror::BadArg("the private and the public part of the key do not belong together");
  }
  return made;
}

Result<PrivateKey> from_pkcs8(BytesView der) {
  const unsigned char* at = der.data();
  const Pkcs8Ptr info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
  if (!info || at != der.data() + der.size()) return verror::BadArg("a PRIVATE KEY that is not PKCS#8");
  PkeyPtr key(EVP_PKCS82PKEY(info.get()));
  if (!key) return verror::BadArg("a PRIVATE KEY of an unknown kind, or broken");
  return usable(std::move(key));
}

// How many rounds of PBKDF2 the file asks for; none when it is encrypted in another way than by PBES2 with PBKDF2 and
// one of the usual ciphers.
std::optional<long> rounds_of(const X509_SIG* encrypted) {
  const X509_ALGOR* scheme = nullptr;
  X509_SIG_get0(encrypted, &scheme, nullptr);
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, scheme);
  if (OBJ_obj2nid(object) != NID_pbes2 || scheme->parameter == nullptr) return std::nullopt;
  const Pbes2Ptr pbes2(
      static_cast<PBE2PARAM*>(ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), scheme->parameter)));
  if (!pbes2 || OBJ_obj2nid(pbes2->keyfunc->algorithm) != NID_id_pbkdf2 || pbes2->keyfunc->parameter == nullptr) {
    return std::nullopt;
  }
  const int ciphers[] = {NID_aes_128_cbc, NID_aes_192_cbc, NID_aes_256_cbc, NID_des_ede3_cbc};
  const int cipher = OBJ_obj2nid(pbes2->encryption->algorithm);
  if (std::find(std::begin(ciphers), std::end(ciphers), cipher) == std::end(ciphers)) return std::nullopt;
  const Pbkdf2Ptr pbkdf2(
      static_cast<PBKDF2PARAM*>(ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), pbes2->keyfunc->parameter)));
  std::int64_t rounds = 0;
  if (!pbkdf2 || ASN1_INTEGER_get_int64(&rounds, pbkdf2->iter) != 1 || rounds < 1) return std::nullopt;
  return static_cast<long>(rounds);
}

Result<PrivateKey> from_encrypted_pkcs8(BytesView der, const Passphrase& passphrase, long max_rounds) {
  const unsigned char* at = der.data();
  const EncryptedPtr encrypted(d2i_X509_SIG(nullptr, &at, static_cast<long>(der.size())));
  if (!encrypted || at != der.data() + der.size()) return verror::BadArg("an ENCRYPTED PRIVATE KEY that is not PKCS#8");
  const std::optional<long> rounds = rounds_of(encrypted.get());
  if (!rounds) return verror::BadArg("the key is encrypted in a way that is not used here: only PBES2 with PBKDF2 is");
  if (*rounds > max_rounds) return verror::BadArg("the key asks for too many rounds of PBKDF2");
  const std::string_view text = passphrase.text();
  if (text.empty()) return PassphraseRequired();
  const Pkcs8Ptr info(PKCS8_decrypt(encrypted.get(), text.data(), static_cast<int>(text.size())));
  if (!info) return BadPassphrase();
  PkeyPtr key(EVP_PKCS82PKEY(info.get()));
  if (!key) return verror::BadArg("an ENCRYPTED PRIVATE KEY of an unknown kind, or broken");
  return usable(std::move(key));
}

int give_passphrase(char* buffer, int size, int, void* passphrase) {
  const std::string_view text = static_cast<const Passphrase*>(passphrase)->text();
  if (size < 0 || text.size() > static_cast<std::size_t>(size)) return -1;
  std::copy(text.begin(), text.end(), buffer);
  return static_cast<int>(text.size());
}

// SEC1 or PKCS#1, possibly encrypted as its header says.
Result<PrivateKey> from_traditional(PemBlock& block, int type, const Passphrase& passphrase) {
  EVP_CIPHER_INFO cipher;
  if (PEM_get_EVP_CIPHER_INFO(block.header.data(), &cipher) != 1) {
    return verror::BadArg("the " + block.type + " is encrypted in an unknown way");
  }
  long size = static_cast<long>(block.content.size());
  if (cipher.cipher != nullptr) {
    if (passphrase.text().empty()) return PassphraseRequired();
    // OpenSSL takes the passphrase as writable and does not write.
    void* const given = const_cast<Passphrase*>(&passphrase);
    if (PEM_do_header(&cipher, block.content.data(), &size, give_passphrase, given) != 1) return BadPassphrase();
  }
  const unsigned char* at = block.content.data();
  PkeyPtr key(d2i_PrivateKey(type, nullptr, &at, size));
  if (!key || at != block.content.data() + size) {
    // One wrong passphrase in 256 passes for right until here.
    return cipher.cipher != nullptr ? BadPassphrase() : verror::BadArg("a broken " + block.type);
  }
  return usable(std::move(key));
}

Result<std::string> encrypted_pem(PKCS8_PRIV_KEY_INFO* info, std::string_view passphrase, int rounds) {
  X509_ALGOR* scheme = PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), rounds, nullptr, kSaltSize, nullptr, NID_hmacWithSHA256);
  if (scheme == nullptr) return verror::Internal("OpenSSL could not prepare the encryption");
  const EncryptedPtr encrypted(PKCS8_set0_pbe(passphrase.data(), static_cast<int>(passphrase.size()), info, scheme));
  if (!encrypted) {
    X509_ALGOR_free(scheme);
    return verror::Internal("OpenSSL could not encrypt the key");
  }
  unsigned char* der = nullptr;
  const int size = i2d_X509_SIG(encrypted.get(), &der);
  if (size <= 0) return verror::Internal("OpenSSL could not write the key");
  std::string pem = write_pem("ENCRYPTED PRIVATE KEY", {der, static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return pem;
}

Result<std::string> plain_pem(const PKCS8_PRIV_KEY_INFO* info) {
  unsigned char* der = nullptr;
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
  if (size <= 0) return verror::Internal("OpenSSL could not write the key");
  std::string pem = write_pem("PRIVATE KEY", {der, static_cast<std::size_t>(size)});
  OPENSSL_clear_free(der, static_cast<std::size_t>(size));
  return pem;
}

}  // namespace

Result<PrivateKey> read_private_key(std::string_view pem, const Passphrase& passphrase, long max_rounds) {
  const ErrorsForgotten guard;
  Result<std::vector<PemBlock>> blocks = read_pem(pem);
  if (!blocks) return blocks.error();
  for (PemBlock& block : *blocks) {
    if (block.type == "PRIVATE KEY") return from_pkcs8(block.content);
    if (block.type == "ENCRYPTED PRIVATE KEY") return from_encrypted_pkcs8(block.content, passphrase, max_rounds);
    if (block.type == "EC PRIVATE KEY") return from_traditional(block, EVP_PKEY_EC, passphrase);
    if (block.type == "RSA PRIVATE KEY") return from_traditional(block, EVP_PKEY_RSA, passphrase);
    if (block.type == "OPENSSH PRIVATE KEY" || block.type == "VANADIUM INDIRECT PRIVATE KEY") {
      return verror::BadArg("keys in the form " + block.type + " are not supported");
    }
  }
  if (!blocks->empty()) return verror::BadArg("no private key, the PEM text has a " + blocks->front().type);
  return verror::BadArg("no whole PEM block");
}

Result<std::string> write_encrypted(const PrivateKey& key, const Passphrase& passphrase, int rounds) {
  const ErrorsForgotten guard;
  const Pkcs8Ptr info(EVP_PKEY2PKCS8(key.handle()->key().get()));
  if (!info) return verror::Internal("OpenSSL could not write the key");
  return encrypted_pem(info.get(), passphrase.text(), rounds);
}

}  // namespace security

Result<PrivateKey> PrivateKey::from_pem(std::string_view pem, const Passphrase& passphrase) {
  return security::read_private_key(pem, passphrase, security::kMaxPbkdf2Rounds);
}

Result<std::string> PrivateKey::to_pem(const Passphrase& passphrase) const {
  NB_CHECK(handle_, "only a key has a text");
  // Go takes an empty passphrase for none; writing the key in the clear is not what was asked for.
  if (passphrase.given() && passphrase.text().empty()) return verror::BadArg("an empty passphrase encrypts nothing");
  if (passphrase.given()) return security::write_encrypted(*this, passphrase, security::kPbkdf2Rounds);
  const security::ErrorsForgotten guard;
  const security::Pkcs8Ptr info(EVP_PKEY2PKCS8(handle_->key().get()));
  if (!info) return verror::Internal("OpenSSL could not write the key");
  return security::plain_pem(info.get());
}

}  // namespace nb
