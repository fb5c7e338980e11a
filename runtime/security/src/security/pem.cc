#include "security/pem.h"

#include <openssl/pem.h>

#include <nb/base/check.h>
#include <nb/base/verror.h>

#include "security/base64.h"
#include "security/openssl.h"

namespace nb::security {
namespace {

constexpr std::size_t kMaxText = 64 * 1024;
constexpr std::size_t kMaxBlocks = 16;
constexpr std::size_t kLine = 64;

}  // namespace

PemBlock::~PemBlock() { OPENSSL_cleanse(content.data(), content.size()); }

Result<std::vector<PemBlock>> read_pem(std::string_view text) {
  const ErrorsForgotten guard;
  if (text.size() > kMaxText) return verror::BadArg("a PEM text of more than 64 KiB");
  const BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  NB_CHECK(bio, "OpenSSL can read from memory");
  std::vector<PemBlock> blocks;
  char* type = nullptr;
  char* header = nullptr;
  unsigned char* content = nullptr;
  long size = 0;
  // "Secure" makes OpenSSL wipe what it used on the way.
  constexpr unsigned kFlags = PEM_FLAG_SECURE | PEM_FLAG_EAY_COMPATIBLE;
  while (PEM_read_bio_ex(bio.get(), &type, &header, &content, &size, kFlags) == 1) {
    PemBlock& block = blocks.emplace_back();
    block.type = type;
    block.header = header;
    block.content.assign(content, content + size);
    OPENSSL_secure_free(type);
    OPENSSL_secure_free(header);
    OPENSSL_secure_clear_free(content, static_cast<std::size_t>(size));
    if (blocks.size() > kMaxBlocks) return verror::BadArg("a PEM text of more than 16 blocks");
  }
  return blocks;
}

std::string write_pem(std::string_view type, BytesView content) {
  std::string base64 = to_base64(content);
  std::string text = "-----BEGIN " + std::string(type) + "-----\n";
  // In one piece, so that no text that has to grow leaves copies of a private key behind.
  text.reserve(2 * (text.size() + type.size()) + base64.size() + base64.size() / kLine + 16);
  for (std::size_t at = 0; at < base64.size(); at += kLine) text.append(base64, at, kLine).append("\n");
  text.append("-----END ").append(type).append("-----\n");
  OPENSSL_cleanse(base64.data(), base64.size());
  return text;
}

}  // namespace nb::security
