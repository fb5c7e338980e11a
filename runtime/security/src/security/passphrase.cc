#include <nb/security/private_key.h>

#include <openssl/crypto.h>

namespace nb {
namespace {

// Up to its capacity: a text that was longer before may have left its end there.
void wipe(std::string& text) {
  text.resize(text.capacity());
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

}  // namespace

// A copy of its own, and the argument wiped: moving a short text would leave it behind in the argument.
Passphrase::Passphrase(std::string text) : text_(text), given_(true) { wipe(text); }

Passphrase& Passphrase::operator=(const Passphrase& other) {
  if (this == &other) return *this;
  wipe(text_);
  text_ = other.text_;
  given_ = other.given_;
  return *this;
}

Passphrase::~Passphrase() { wipe(text_); }

}  // namespace nb
