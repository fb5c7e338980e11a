// The forms of a public key that people see: PEM and fingerprints.
#include <openssl/evp.h>

#include <nb/base/verror.h>
#include <nb/security/public_key.h>

#include "security/base64.h"
#include "security/hash.h"
#include "security/pem.h"

namespace nb {

Result<PublicKey> PublicKey::from_pem(std::string_view pem) {
  const Result<std::vector<security::PemBlock>> blocks = security::read_pem(pem);
  if (!blocks) return blocks.error();
  for (const security::PemBlock& block : *blocks) {
    if (block.type == "PUBLIC KEY") return from_der(block.content);
  }
  if (!blocks->empty()) return verror::BadArg("no PUBLIC KEY, the PEM text has a " + blocks->front().type);
  return verror::BadArg("no whole PEM block");
}

std::string PublicKey::pem() const { return security::write_pem("PUBLIC KEY", der()); }

std::string PublicKey::fingerprint() const {
  std::string base64 = security::to_base64(security::hash(security::HashAlgorithm::kSha256, {der()}));
  base64.resize(base64.find_last_not_of('=') + 1);  // as OpenSSH prints it
  return "SHA256:" + base64;
}

std::string PublicKey::md5_fingerprint() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  unsigned char digest[EVP_MAX_MD_SIZE];
  std::size_t size = 0;
  // Fails where only approved functions are allowed; nothing may depend on this text anyway.
  if (EVP_Q_digest(nullptr, "MD5", nullptr, der().data(), der().size(), digest, &size) != 1) return {};
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    if (i > 0) text += ':';
    text += kDigits[digest[i] >> 4];
    text += kDigits[digest[i] & 15];
  }
  return text;
}

}  // namespace nb
