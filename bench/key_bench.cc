// Signing and verifying by kind of key, beside what OpenSSL alone takes for the same in the same run.
//
// The yardstick is OpenSSL at its best: one prepared context, a digest that is there already, no purpose, no checks of
// the signature's form. What is above 1 is what a signature of Niobium adds: four hashes, checks, and the parts' form.
#include <nb/security/private_key.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "security/key_handle.h"

namespace {

using nb::Bytes;

constexpr int kRounds = 21;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "%s failed\n", what);
  std::exit(1);
}

// Microseconds of processor time of one call.
double time_of(const std::function<void()>& call, int calls) {
  const std::clock_t start = std::clock();
  for (int i = 0; i < calls; ++i) call();
  return static_cast<double>(std::clock() - start) * 1e6 / CLOCKS_PER_SEC / calls;
}

int calls_in_five_ms(const std::function<void()>& call) {
  call();
  return std::max(1, static_cast<int>(5000 / std::max(0.1, time_of(call, 3))));
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

// Rounds of the two alternate, so that a machine that slows down slows both.
void compare(const std::string& what, const std::function<void()>& ours, const std::function<void()>& yardstick) {
  const int calls = calls_in_five_ms(yardstick);
  std::vector<double> our_times, yardstick_times;
  for (int round = 0; round < kRounds; ++round) {
    our_times.push_back(time_of(ours, calls));
    yardstick_times.push_back(time_of(yardstick, calls));
  }
  const double a = median(our_times), b = median(yardstick_times);
  std::printf("%-22s %10.1f us %10.0f /s   OpenSSL %10.1f us   ratio %.2f\n", what.c_str(), a, 1e6 / a, b, a / b);
}

// OpenSSL's way with keys of one kind; Ed25519 has no contexts that can be used again.
class Yardstick {
 public:
  explicit Yardstick(const nb::PrivateKey& key)
      : key_(key.handle()->key()),
        is_ed25519_(key.public_key().algorithm() == nb::KeyAlgorithm::kEd25519),
        digest_(nb::security::hash(key.handle()->hash(), {nb::as_bytes("hello")}).bytes()),
        sign_(nb::security::make_context(*key.handle(), key.handle()->hash(), EVP_PKEY_sign_init)),
        verify_(nb::security::make_context(*key.handle(), key.handle()->hash(), EVP_PKEY_verify_init)) {}

  void sign() {
    signature_.resize(1024);
    std::size_t size = signature_.size();
    if (is_ed25519_) {
      const nb::security::MdContextPtr context(EVP_MD_CTX_new());
      require(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_) == 1 &&
                  EVP_DigestSign(context.get(), signature_.data(), &size, digest_.data(), digest_.size()) == 1,
              "signing");
    } else {
      require(EVP_PKEY_sign(sign_.get(), signature_.data(), &size, digest_.data(), digest_.size()) == 1, "signing");
    }
    signature_.resize(size);
  }

  void verify() {
    if (is_ed25519_) {
      const nb::security::MdContextPtr context(EVP_MD_CTX_new());
      require(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_) == 1 &&
                  EVP_DigestVerify(context.get(), signature_.data(), signature_.size(), digest_.data(),
                                   digest_.size()) == 1,
              "verifying");
    } else {
      require(EVP_PKEY_verify(verify_.get(), signature_.data(), signature_.size(), digest_.data(), digest_.size()) == 1,
              "verifying");
    }
  }

 private:
  EVP_PKEY* key_;
  bool is_ed25519_;
  Bytes digest_;
  nb::security::PkeyContextPtr sign_, verify_;
  Bytes signature_;
};

}  // namespace

int main() {
  const Bytes message(32, 7);
  for (const nb::KeyType type : {nb::KeyType::kEcdsa256, nb::KeyType::kEcdsa384, nb::KeyType::kEcdsa521,
                                 nb::KeyType::kEd25519, nb::KeyType::kRsa2048, nb::KeyType::kRsa4096}) {
    const nb::PrivateKey key = nb::PrivateKey::make(type).value();
    const nb::PublicKey public_key = nb::PublicKey::from_der(key.public_key().der()).value();
    const auto signature = key.sign("S1", message).value();
    Yardstick yardstick(key);
    const std::string name(to_string(type));
    compare(
        name + " sign", [&] { require(key.sign("S1", message).ok(), "signing"); }, [&] { yardstick.sign(); });
    compare(
        name + " verify", [&] { require(public_key.verify(signature, "S1", message).ok(), "verifying"); },
        [&] { yardstick.verify(); });
    const Bytes der(public_key.der().begin(), public_key.der().end());
    compare(
        name + " read key", [&] { require(nb::PublicKey::from_der(der).ok(), "reading"); },
        [&] {
          const unsigned char* at = der.data();
          const nb::security::PkeyPtr read(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
          require(read != nullptr, "reading");
        });
  }
}
