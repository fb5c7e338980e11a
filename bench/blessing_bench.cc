// Blessings per second on one core, beside what OpenSSL alone takes for the signatures in them, in the same run.
//
// A chain of two certificates, alice and alice:phone, with an expiry and a method caveat. Cold: nothing is known, two
// signatures are checked. Known: none, as for a peer that comes back. The yardstick is OpenSSL with a prepared context
// and a digest that is there already.
#include <openssl/evp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include <nb/security/authorizer.h>
#include <nb/security/blessing_names.h>
#include <nb/security/caveat.h>
#include <nb/security/principal.h>
#include <nb/vom/vom.h>

#include "security/key_handle.h"

namespace {

using Clock = std::chrono::steady_clock;
using namespace nb;
using v23::security::WireBlessings;

constexpr int kRounds = 21;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "%s failed\n", what);
  std::exit(1);
}

// Microseconds of one call.
double time_of(const std::function<void()>& call, int calls) {
  const auto start = Clock::now();
  for (int i = 0; i < calls; ++i) call();
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count() / calls;
}

struct Row {
  std::string name;
  std::function<void()> call;
  double signatures;  // of the yardstick's that are within it
  const char* of;     // "sign", "verify", or null
  std::vector<double> times;
};

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

// All rows take turns, so that a machine that slows down slows all of them.
void measure(std::vector<Row>& rows) {
  for (int round = 0; round < kRounds; ++round) {
    for (auto& row : rows) {
      const double one = time_of(row.call, 3);
      row.times.push_back(time_of(row.call, std::max(1, static_cast<int>(5000 / std::max(0.1, one)))));
    }
  }
}

void print(const std::string& kind, const std::vector<Row>& rows) {
  const double sign = median(rows[0].times), verify = median(rows[1].times);
  for (const auto& row : rows) {
    const double time = median(row.times);
    std::printf("%-10s %-34s %9.1f us %9.0f /s", kind.c_str(), row.name.c_str(), time, 1e6 / time);
    if (row.of) {
      const double raw = row.signatures * (row.of == std::string("sign") ? sign : verify);
      std::printf("   %.2f of %g x OpenSSL %s", time / raw, row.signatures, row.of);
    }
    std::printf("\n");
  }
}

// OpenSSL's part of signing and verifying with one ECDSA key.
struct Yardstick {
  explicit Yardstick(const PrivateKey& key)
      : digest(security::hash(key.handle()->hash(), {as_bytes("hello")}).bytes()),
        signing(security::make_context(*key.handle(), key.handle()->hash(), EVP_PKEY_sign_init)),
        verifying(security::make_context(*key.handle(), key.handle()->hash(), EVP_PKEY_verify_init)) {}
  void sign() {
    signature.resize(1024);
    std::size_t size = signature.size();
    require(EVP_PKEY_sign(signing.get(), signature.data(), &size, digest.data(), digest.size()) == 1, "signing");
    signature.resize(size);
  }
  void verify() {
    require(EVP_PKEY_verify(verifying.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1,
            "verifying");
  }
  Bytes digest;
  security::PkeyContextPtr signing, verifying;
  Bytes signature;
};

void run(KeyType type) {
  const auto key = PrivateKey::make(type).value();
  const auto alice = Principal::make(key, memory_store(key.public_key()), memory_roots()).value();
  const auto user = PrivateKey::make(type).value().public_key();
  const auto self = alice->bless_self("alice").value();
  alice->add_to_roots(self).value();
  const Time never(1LL << 40, 0);
  const auto phone = alice->bless(user, self, "phone", expiry_caveat(never), {method_caveat({"Get", "Put"})}).value();
  const WireBlessings wire = phone.wire();
  const Bytes encoded = vom::encode(wire).value();

  ChainCache known;
  require(Blessings::from_wire(wire, &known).ok(), "reading");
  SecurityCall call;
  call.method = "Get";
  call.local_principal = alice;
  call.local_blessings = self;
  call.remote_blessings = phone;
  const auto rule = default_authorizer();

  Yardstick yardstick(key);
  yardstick.sign();
  std::vector<Row> rows = {
      {"OpenSSL sign", [&] { yardstick.sign(); }, 1, nullptr, {}},
      {"OpenSSL verify", [&] { yardstick.verify(); }, 1, nullptr, {}},
      {"bless",
       [&] { require(alice->bless(user, self, "phone", expiry_caveat(never)).ok(), "blessing"); },
       1,
       "sign",
       {}},
      {"verify, 2 links, cold", [&] { require(Blessings::from_wire(wire).ok(), "verifying"); }, 2, "verify", {}},
      {"verify, 2 links, known",
       [&] { require(Blessings::from_wire(wire, &known).ok(), "verifying"); },
       1,
       nullptr,
       {}},
      {"decode VOM, 2 links",
       [&] {
         const auto decoded = vom::decode<WireBlessings>(encoded);
         require(decoded.ok() && *decoded == wire, "decoding");
       },
       1,
       nullptr,
       {}},
      {"authorize, 2 caveats", [&] { require(rule->authorize(Context(), call).ok(), "authorizing"); }, 1, nullptr, {}},
  };
  measure(rows);
  print(std::string(to_string(type)), rows);
}

}  // namespace

int main() {
  run(KeyType::kEcdsa256);
  run(KeyType::kEcdsa384);
}
