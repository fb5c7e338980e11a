// Keys as DER and as PEM, public and private: a public key that is read is the one spelling of itself, and a private
// key that is read can sign.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <nb/base/check.h>
#include <nb/security/private_key.h>
#include <nb/security/public_key.h>

#include "security/private_key_pem.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const nb::BytesView bytes(data, size);
  if (const nb::Result<nb::PublicKey> key = nb::PublicKey::from_der(bytes)) {
    const nb::BytesView der = key->der();
    NB_CHECK(std::equal(der.begin(), der.end(), bytes.begin(), bytes.end()), "a key has one DER form");
    NB_CHECK(nb::PublicKey::from_pem(key->pem()).ok(), "what was read can be written and read again");
  }
  const std::string_view text = nb::as_text(bytes);
  if (const nb::Result<nb::PublicKey> key = nb::PublicKey::from_pem(text)) {
    NB_CHECK(nb::PublicKey::from_der(key->der()).ok(), "a key that is read is canonical");
  }
  // Few rounds, so that the time goes into other inputs.
  static const nb::Passphrase passphrase("secret");
  if (const nb::Result<nb::PrivateKey> key = nb::security::read_private_key(text, passphrase, 100)) {
    const auto signature = key->sign("S1", bytes);
    NB_CHECK(signature.ok() && key->public_key().verify(*signature, "S1", bytes).ok(), "a private key can sign");
  }
  return 0;
}
